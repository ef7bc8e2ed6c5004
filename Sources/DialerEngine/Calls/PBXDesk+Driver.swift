import DequeModule
import DialerModel
import Logging
import ServiceLifecycle
import Telephony

import struct Foundation.UUID

/// What the PBX's driver tells.
extension PBXDesk {
    func runDriver() async {
        var delay = self.configuration.retryDelay
        while !Task.isCancelled {
            do {
                try await self.driver.run()
                if Task.isCancelled || Task.isShuttingDownGracefully { return }
                self.logger.error("the driver ended by itself and is started again")
            } catch {
                if Task.isCancelled || Task.isShuttingDownGracefully { return }
                self.logger.error("the driver failed and is started again", metadata: ["error": "\(error)"])
            }
            try? await self.clock.sleep(until: self.clock.uptime() + delay)
            delay = min(delay * 2, self.configuration.longestRetryDelay)
        }
    }

    func follow() async {
        var count = 0
        for await event in self.driver.events {
            if Task.isCancelled { return }
            count &+= 1
            if count & Self.eventsPerReport == 0 { self.ledger.noteEvents(self.driver.events, pbx: self.name) }
            switch event {
            case .ready(let liveCalls): self.ready(liveCalls)
            case .lost(let reason): self.lost(reason)
            case .call(let dialing, let event): self.handle(event, of: dialing)
            case .queue(let snapshot): self.ledger.queueChanged(snapshot, pbx: self.name)
            }
        }
    }

    func ready(_ liveCalls: [LiveCall]) {
        let live = Dictionary(liveCalls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        var ended = 0
        let now = self.clock.now()
        self.isUp = true
        self.lostReason = nil
        for call in Array(self.calls.values) {
            guard case .sent(let sentAt) = call.request else { continue }
            if let found = live[call.dialing.uuid] {
                call.isMissing = false
                self.apply(
                    call.machine.callIsLive(channel: found.channel, isAnswered: found.isAnswered, at: now), to: call,
                    event: nil)
            } else if self.clock.uptime() - sentAt < Self.sendingTime {
                // Sent over the connection that has just come, maybe after the PBX was asked.
                call.isMissing = true
                self.reconcile(in: Self.sendingTime)
            } else {
                ended += 1
                self.apply(call.machine.handle(.vanished, at: now), to: call, event: nil)
            }
        }
        let unknown = live.keys.count { self.calls[$0] == nil }
        self.logger.notice(
            "PBX ready",
            metadata: ["live_calls": "\(live.count)", "ended_unseen": "\(ended)", "not_ours": "\(unknown)"]
        )
        self.ledger.setUp(true, pbx: self.name)
        self.reconcile(in: self.configuration.reconcileInterval)
        self.orderWaits.raise()
    }

    func lost(_ reason: String) {
        self.isUp = false
        self.lostReason = reason
        self.ledger.setUp(false, pbx: self.name)
        self.logger.log(
            level: Task.isShuttingDownGracefully ? .info : .warning, "PBX lost",
            metadata: ["reason": "\(reason)", "calls": "\(self.calls.count)"])
        self.outbox = []
        for call in Array(self.calls.values) {
            if call.request == .waiting {
                self.fail(call, reason: "The connection to \(self.name) was lost before the call was sent.")
            } else {
                call.machine.connectionLost()
                self.schedule(call)
            }
        }
    }

    func handle(_ event: CallEvent, of dialing: UUID) {
        guard let call = self.calls[dialing] else { return }
        call.isMissing = false
        self.report(call.witness.outcome(after: event), of: call, cause: 0)
        self.apply(call.machine.handle(event, at: self.clock.now()), to: call, event: event)
        if call.isUnwanted, case .channelCreated = event, self.calls[dialing] != nil {
            call.isUnwanted = false
            self.hangUpSoon(call)
        }
    }
}
