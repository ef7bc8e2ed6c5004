import DialerModel

import struct Foundation.UUID

/// Ready-made values for tests.
enum Samples {
    static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    static func uuid(_ number: UInt8) -> UUID {
        UUID(uuid: (0xA0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, number))
    }

    static func snapshot(
        tech: String = "PJSIP",
        trunk: String? = "trunk",
        application: String? = "queue",
        numbers: [String] = ["300"]
    ) -> Dialing.Snapshot {
        var plan = Plan(uuid: Self.uuid(1))
        plan.techName = tech
        plan.trunkName = trunk
        var destination = Destination(uuid: Self.uuid(2))
        if let application {
            destination.kind = .application
            destination.application = application
            destination.data = "sales_1"
        } else {
            destination.context = "agents"
            destination.exten = "100"
        }
        var entry = DialListEntry(uuid: Self.uuid(4), dlma: Self.uuid(3))
        for (index, number) in numbers.enumerated() { entry.numbers[index + 1] = number }
        var campaign = Campaign(uuid: Self.uuid(5))
        campaign.plan = plan.uuid
        campaign.dlma = Self.uuid(3)
        campaign.destination = destination.uuid
        return Dialing.Snapshot(
            campaign: campaign,
            plan: plan,
            dlma: DialListMaster(uuid: Self.uuid(3)),
            destination: destination,
            entry: entry
        )
    }

    static func dialing(
        tech: String = "PJSIP",
        trunk: String? = "trunk",
        application: String? = "queue"
    ) -> Dialing {
        let snapshot = Self.snapshot(tech: tech, trunk: trunk, application: application)
        return Dialing(
            uuid: Self.uuid(9),
            actionID: "action-1",
            snapshot: snapshot,
            dialChannel: DialChannel.name(plan: snapshot.plan, number: "300"),
            dialAddress: "300",
            dialIndex: 1,
            dialTry: 1,
            variables: VariableMerge.merged(snapshot),
            createdAt: Self.start
        )
    }

    static func json(_ text: String) throws -> JSONValue {
        try JSONValue.parse(Array(text.utf8))
    }
}
