import NIOCore

extension FloorHub {
    func queueStatus(_ action: ReceivedAction, id: String?, session: FloorSession) {
        self.beginList("Queue status will follow", id: id, session: session)
        let wantedMember = action["Member"].flatMap { $0.isEmpty ? nil : $0.lowercased() }
        var items = 0
        for queue in self.world.listQueues(named: action["Queue"].flatMap { $0.isEmpty ? nil : $0 }) {
            self.writeParameters(of: queue, id: id, session: session)
            items += 1
            for member in queue.members
            where wantedMember == nil || member.interface.lowercased() == wantedMember
                || member.name.lowercased() == wantedMember
            {
                session.out.writeStaticString("Event: QueueMember\r\n")
                EventRenderer.write(member, asEvent: false, to: &session.out)
                self.endItem(id: id, session: session)
                items += 1
            }
            for caller in queue.callers {
                self.writeEntry(caller, queue: queue.name, id: id, session: session)
                items += 1
            }
        }
        self.endList("QueueStatusComplete", items: items, id: id, session: session)
    }

    private func writeParameters(of queue: FloorWorld.QueueListing, id: String?, session: FloorSession) {
        let ended = queue.completed + queue.abandoned
        session.out.writeStaticString("Event: QueueParams\r\n")
        session.out.header("Queue: ", queue.name)
        session.out.writeStaticString("Max: 0\r\n")
        session.out.header("Strategy: ", queue.strategy)
        session.out.header("Calls: ", queue.callers.count)
        session.out.header("Holdtime: ", queue.holdTime)
        session.out.header("TalkTime: ", queue.talkTime)
        session.out.header("Completed: ", queue.completed)
        session.out.header("Abandoned: ", queue.abandoned)
        session.out.writeStaticString("ServiceLevel: 20\r\n")
        session.out.header(
            "ServicelevelPerf: ",
            tenths: queue.completed > 0 ? 100 * Double(queue.completedInTime) / Double(queue.completed) : 0
        )
        session.out.header(
            "ServicelevelPerf2: ",
            tenths: ended > 0 ? 100 * Double(queue.completedInTime + queue.abandoned) / Double(ended) : 0
        )
        session.out.writeStaticString("Weight: 0\r\n")
        self.endItem(id: id, session: session)
    }

    private func writeEntry(
        _ caller: FloorWorld.QueueListing.Caller, queue: String, id: String?, session: FloorSession
    ) {
        let identity = caller.channel.identity
        // Here an empty caller id is `unknown`, without the brackets of the channel events.
        let shown = { (text: String) in text == ChannelIdentity.unknown ? "unknown" : text }
        session.out.writeStaticString("Event: QueueEntry\r\n")
        session.out.header("Queue: ", queue)
        session.out.header("Position: ", caller.position)
        session.out.header("Channel: ", identity.name)
        session.out.header("Uniqueid: ", identity.uniqueID)
        session.out.header("CallerIDNum: ", shown(identity.callerIDNumber))
        session.out.header("CallerIDName: ", shown(identity.callerIDName))
        session.out.header("ConnectedLineNum: ", shown(identity.connectedNumber))
        session.out.header("ConnectedLineName: ", shown(identity.connectedName))
        session.out.header("Wait: ", caller.wait)
        session.out.writeStaticString("Priority: 0\r\n")
        self.endItem(id: id, session: session)
    }

    func queueSummary(_ action: ReceivedAction, id: String?, session: FloorSession) {
        self.beginList("Queue summary will follow", id: id, session: session)
        let queues = self.world.listQueues(named: action["Queue"].flatMap { $0.isEmpty ? nil : $0 })
        for queue in queues {
            session.out.writeStaticString("Event: QueueSummary\r\n")
            session.out.header("Queue: ", queue.name)
            session.out.header("LoggedIn: ", queue.members.count)
            session.out.header("Available: ", queue.members.count { $0.status == 1 && !$0.isPaused })
            session.out.header("Callers: ", queue.callers.count)
            session.out.header("HoldTime: ", queue.holdTime)
            session.out.header("TalkTime: ", queue.talkTime)
            session.out.header("LongestHoldTime: ", queue.callers.map(\.wait).max() ?? 0)
            self.endItem(id: id, session: session)
        }
        self.endList("QueueSummaryComplete", items: queues.count, id: id, session: session)
    }

    /// The items of these lists carry their ActionID last.
    private func endItem(id: String?, session: FloorSession) {
        if let id { session.out.header("ActionID: ", id) }
        session.endMessage()
    }

    func queuePause(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let interface = action["Interface"], !interface.isEmpty, let paused = action["Paused"], !paused.isEmpty
        else {
            session.respond("Error", id: id, message: "Need 'Interface' and 'Paused' parameters.")
            return
        }
        let isPaused = Self.isTrue(paused)
        do {
            try self.world.pause(
                interface: interface, queue: action["Queue"].flatMap { $0.isEmpty ? nil : $0 }, isPaused: isPaused,
                reason: action["Reason"] ?? ""
            )
            session.respond(
                "Success", id: id,
                message: isPaused ? "Interface paused successfully" : "Interface unpaused successfully"
            )
        } catch {
            session.respond("Error", id: id, message: "Interface not found")
        }
    }

    func queueAdd(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let queue = action["Queue"], !queue.isEmpty else {
            session.respond("Error", id: id, message: "'Queue' not specified.")
            return
        }
        guard let interface = action["Interface"], !interface.isEmpty else {
            session.respond("Error", id: id, message: "'Interface' not specified.")
            return
        }
        do {
            try self.world.addMember(
                interface: interface, queue: queue, memberName: action["MemberName"].flatMap { $0.isEmpty ? nil : $0 },
                penalty: action["Penalty"].flatMap { Int($0) } ?? 0, isPaused: Self.isTrue(action["Paused"] ?? ""),
                reason: action["Reason"] ?? ""
            )
            session.respond("Success", id: id, message: "Added interface to queue")
        } catch {
            switch error {
            case .alreadyThere:
                session.respond("Error", id: id, message: "Unable to add interface: Already there")
            case .noSuchQueue, .notThere, .interfaceNotFound:
                session.respond("Error", id: id, message: "Unable to add interface to queue: No such queue")
            }
        }
    }

    func queueRemove(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let queue = action["Queue"], let interface = action["Interface"], !queue.isEmpty, !interface.isEmpty
        else {
            session.respond("Error", id: id, message: "Need 'Queue' and 'Interface' parameters.")
            return
        }
        do {
            try self.world.removeMember(interface: interface, queue: queue)
            session.respond("Success", id: id, message: "Removed interface from queue")
        } catch {
            switch error {
            case .notThere: session.respond("Error", id: id, message: "Unable to remove interface: Not there")
            case .noSuchQueue, .alreadyThere, .interfaceNotFound:
                session.respond("Error", id: id, message: "Unable to remove interface from queue: No such queue")
            }
        }
    }

    /// Asterisk's idea of a true value.
    private static func isTrue(_ text: String) -> Bool {
        ["yes", "true", "y", "t", "1", "on"].contains(text.lowercased())
    }
}
