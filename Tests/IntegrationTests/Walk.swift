import TestSupport
import Testing

/// A plan, a destination, a list and a campaign on a service, ready to be started.
struct Walk {
    var service: ServiceUnderTest
    var plan: String
    var destination: String
    var dlma: String
    var contacts: [String]
    var campaign: String

    /// Creates everything over REST.
    ///
    /// - Parameters:
    ///   - numbers: One contact each.
    ///   - queue: The destination's queue; nil parks.
    ///   - target: What the destination is instead, as JSON members.
    ///   - planFields: More fields of the plan, as JSON members.
    static func create(
        on service: ServiceUnderTest,
        numbers: [String],
        queue: String? = nil,
        target: String? = nil,
        planFields: String = #""max_retry_cnt_1": 1"#,
        technology: String = "Local",
        trunk: String = TestCustomer.context
    ) async throws -> Walk {
        let plan = try await service.create(
            "/plans",
            #"{"name": "walk", "tech_name": "\#(technology)", "trunk_name": "\#(trunk)", \#(planFields)}"#
        )
        let target =
            target ?? queue.map { #""type": 1, "application": "queue", "data": "\#($0)""# }
            ?? #""type": 1, "application": "park""#
        let destination = try await service.create("/destinations", #"{"name": "walk", \#(target)}"#)
        let dlma = try await service.create("/dlmas", #"{"name": "walk"}"#)
        var contacts: [String] = []
        for number in numbers {
            contacts.append(try await service.create("/dls", #"{"dlma_uuid": "\#(dlma)", "number_1": "\#(number)"}"#))
        }
        let campaign = try await service.create(
            "/campaigns",
            #"{"name": "walk", "plan": "\#(plan)", "dest": "\#(destination)", "dlma": "\#(dlma)"}"#
        )
        return Walk(
            service: service,
            plan: plan,
            destination: destination,
            dlma: dlma,
            contacts: contacts,
            campaign: campaign
        )
    }

    func start() async throws { try await self.setStatus(1) }

    func setStatus(_ status: Int) async throws {
        let answer = try await self.service.put("/campaigns/\(self.campaign)", #"{"status": \#(status)}"#)
        guard answer.status == 200 else { throw TestFailure("status \(status) refused: \(answer.body)") }
    }

    func waitUntilStopped(within limit: Duration = .seconds(60)) async throws {
        try await self.service.waitForStatus(0, ofCampaign: self.campaign, within: limit)
    }
}
