import ArgumentParser
import DialerModel
import Foundation
import OrderedCollections

/// `outpace campaign start|stop|pause|hangup UUID`: asks a running service to change a campaign's status.
struct CampaignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract: "Start, stop or pause a campaign."
    )

    /// What may be asked for; the raw value is what is typed.
    enum Request: String, CaseIterable, ExpressibleByArgument {
        case start
        case stop
        case pause
        case hangup

        var status: CampaignStatus {
            switch self {
            case .start: .start
            case .stop: .stop
            case .pause: .pause
            case .hangup: .stoppingForcedly
            }
        }
    }

    @Argument(
        help: "start, stop (calls in progress go on to their end), pause, or hangup (stop and hang up every call).")
    var request: Request

    @Argument(help: "The campaign's uuid.")
    var campaign: String

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard UUID(uuidString: self.campaign) != nil else {
            throw ValidationError("campaign: expected a uuid, got \"\(self.campaign)\"; `outpace status` lists them")
        }
    }

    func run() async throws {
        let body = JSONValue.object(["status": .integer(Int64(self.request.status.rawValue))])
        let result = try await self.options.client.send("PUT", "/campaigns/\(self.campaign)", body: body)
        print("\(result["name"]?.string ?? self.campaign): \(self.request.rawValue) asked for")
    }
}
