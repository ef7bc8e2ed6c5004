import DialerModel
import Telephony

import struct Foundation.UUID

/// What happens because nothing was heard: deadlines of calls, and questions to the PBX which of them live.
extension PBXDesk {
    func ring() {
        self.ledger.noteEvents(self.driver.events, pbx: self.name)
        let uptime = self.clock.uptime()
        while let next = self.deadlines.takeDue(at: uptime) {
            guard let call = self.calls[next.dialing], let deadline = call.deadline, deadline.uptime == next.at else {
                continue
            }
            call.deadline = nil
            // The wall clock may have been stepped; the time that passed is what counts.
            self.apply(call.machine.deadlineReached(at: max(self.clock.now(), deadline.wall)), to: call, event: nil)
        }
        if let next = self.deadlines.soonest { self.alarm.set(at: next) }
        guard let due = self.nextReconcile else { return }
        if due <= uptime {
            self.nextReconcile = nil
            self.reconcileWaits.raise()
        } else {
            self.alarm.set(at: due)
        }
    }

    func schedule(_ call: TrackedCall) {
        guard let deadline = call.machine.deadline else {
            call.deadline = nil
            return
        }
        guard call.deadline?.wall != deadline else { return }
        let at = self.clock.uptime(at: deadline)
        call.deadline = (deadline, at)
        self.deadlines.insert(CallDeadline(at: at, dialing: call.dialing.uuid), calls: self.calls.count) {
            self.calls[$0.dialing]?.deadline?.uptime == $0.at
        }
        self.alarm.set(at: at)
    }

    func reconcile(in delay: Duration) {
        let at = self.clock.uptime() + delay
        guard self.nextReconcile.map({ at < $0 }) ?? true else { return }
        self.nextReconcile = at
        self.alarm.set(at: at)
    }

    func answerReconciles() async {
        while !Task.isCancelled {
            await self.reconcileWaits.wait()
            if Task.isCancelled { return }
            self.ledger.noteEvents(self.driver.events, pbx: self.name)
            await self.askForLiveCalls()
            self.reconcile(
                in: self.calls.values.contains { $0.isMissing }
                    ? Self.confirmTime : self.configuration.reconcileInterval)
        }
    }

    /// Asks the PBX which calls live. One it does not know twice in a row has ended unseen.
    func askForLiveCalls() async {
        guard self.isUp, !self.calls.isEmpty else { return }
        let askedAt = self.clock.uptime()
        guard let liveCalls = try? await self.driver.liveCalls(), self.isUp else { return }
        let live = Dictionary(liveCalls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        let now = self.clock.now()
        for call in Array(self.calls.values) {
            guard case .sent(let sentAt) = call.request, askedAt - sentAt >= Self.sendingTime else { continue }
            if let found = live[call.dialing.uuid] {
                call.isMissing = false
                if found.isAnswered, call.machine.answeredAt == nil {
                    self.apply(
                        call.machine.callIsLive(channel: found.channel, isAnswered: true, at: now), to: call, event: nil
                    )
                }
            } else if call.isMissing {
                self.apply(call.machine.handle(.vanished, at: now), to: call, event: nil)
            } else {
                call.isMissing = true
            }
        }
    }
}
