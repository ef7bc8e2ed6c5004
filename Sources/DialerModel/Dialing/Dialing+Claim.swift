import struct Foundation.UUID

extension Dialing {
    /// A dialing with every column given; the rest comes from the snapshot. What a row of the database is read into.
    package init(
        uuid: UUID,
        actionID: String,
        snapshot: Snapshot,
        dialChannel: String,
        dialAddress: String,
        dialIndex: Int,
        dialTry: Int,
        variables: JSONValue,
        createdAt: Timestamp
    ) {
        let (plan, destination) = (snapshot.plan, snapshot.destination)
        self.uuid = uuid
        self.actionID = actionID
        self.campaign = snapshot.campaign.uuid
        self.plan = plan.uuid
        self.dlma = snapshot.dlma.uuid
        self.destination = destination.uuid
        self.entry = snapshot.entry.uuid
        self.snapshot = snapshot
        self.dialChannel = dialChannel
        self.dialAddress = dialAddress
        self.dialIndex = dialIndex
        self.dialTry = dialTry
        self.dialTimeout = plan.dialTimeout
        self.destinationKind = destination.kind
        switch destination.kind {
        case .extension:
            self.context = destination.context
            self.exten = destination.exten
            self.priority = destination.priority
        case .application:
            self.application = destination.application
            // jade shows an application without data with an empty one.
            self.data = destination.data ?? ""
        }
        self.variables = variables
        self.callerID = plan.callerID
        self.earlyMedia = plan.earlyMedia
        self.codecs = plan.codecs
        self.createdAt = createdAt
    }

    /// The dialing a claim makes: the contact's number `index`, its next try, channel and variables worked out from the snapshot.
    ///
    /// The snapshot's contact is the one *before* the try is counted.
    ///
    /// - Returns: nil when the contact has no such number.
    package init?(
        claiming index: Int,
        of snapshot: Snapshot,
        uuid: UUID,
        actionID: String,
        now: Timestamp,
        defaultTechName: String = Plan.defaultTechName
    ) {
        guard NumberSlots<Int>.indexes.contains(index), let number = snapshot.entry.numbers[index] else { return nil }
        self.init(
            uuid: uuid,
            actionID: actionID,
            snapshot: snapshot,
            dialChannel: DialChannel.name(plan: snapshot.plan, number: number, defaultTechName: defaultTechName),
            dialAddress: number,
            dialIndex: index,
            dialTry: snapshot.entry.tries[index] + 1,
            variables: VariableMerge.merged(snapshot),
            createdAt: now
        )
    }
}
