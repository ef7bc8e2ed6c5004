extension FloorWorld {
    /// A queue as QueueStatus and QueueSummary list it.
    package struct QueueListing {
        package var name: String
        package var strategy: String
        package var holdTime: Int
        package var talkTime: Int
        package var completed: Int
        package var completedInTime: Int
        package var abandoned: Int
        package var members: [MemberSnapshot]
        package var callers: [Caller]

        /// A waiting caller.
        package struct Caller {
            package var position: Int
            package var channel: ChannelSnapshot
            package var wait: Int
        }
    }

    /// A live channel as CoreShowChannels lists it.
    package struct ChannelListing {
        package var channel: ChannelSnapshot
        package var application: String
        package var applicationData: String
        package var duration: Int
        package var bridge: String
    }

    /// All queues, or the one named; empty when there is no such queue, which Asterisk doesn't call an error either.
    package func listQueues(named name: String?) -> [QueueListing] {
        self.queues.filter { name == nil || $0.name.lowercased() == name?.lowercased() }.map { queue in
            QueueListing(
                name: queue.name, strategy: queue.setup.strategy.rawValue, holdTime: queue.holdTime,
                talkTime: queue.talkTime, completed: queue.completed, completedInTime: queue.completedInTime,
                abandoned: queue.abandoned, members: queue.members.map(self.snapshot),
                callers: queue.waiting.enumerated().map { index, call in
                    .init(position: index + 1, channel: call.leg.one, wait: (self.now - call.joined).wholeSeconds)
                }
            )
        }
    }

    /// All live channels, calls in the order they were dialed.
    package func listChannels() -> [ChannelListing] {
        var listing: [ChannelListing] = []
        for ordinal in self.calls.keys.sorted() {
            guard let call = self.calls[ordinal] else { continue }
            let duration = (self.now - call.originated).wholeSeconds
            let bridge = call.bridge?.uniqueID ?? ""
            listing.append(
                .init(
                    channel: call.leg.one, application: call.application, applicationData: call.applicationData,
                    duration: duration, bridge: bridge
                )
            )
            if let two = call.leg.two {
                listing.append(
                    .init(channel: two, application: "Wait", applicationData: "", duration: duration, bridge: "")
                )
            }
            for agentLeg in call.ringing + (call.partner.map { call.bridge == nil ? [] : [$0] } ?? []) {
                let duration = (self.now - agentLeg.started).wholeSeconds
                listing.append(
                    .init(
                        channel: agentLeg.leg.one, application: "AppQueue", applicationData: "(Outgoing Line)",
                        duration: duration, bridge: agentLeg.leg.one.state == .up ? bridge : ""
                    )
                )
                if let two = agentLeg.leg.two {
                    listing.append(
                        .init(channel: two, application: "Wait", applicationData: "", duration: duration, bridge: "")
                    )
                }
            }
        }
        return listing
    }
}
