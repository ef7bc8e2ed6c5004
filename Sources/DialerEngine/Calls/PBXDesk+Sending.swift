import CoreMetrics
import DequeModule
import DialerModel
import Logging
import Metrics
import Telephony

import struct Foundation.UUID

/// Orders and hang-ups on their way to the PBX.
extension PBXDesk {
    private static let parallelHangUps = 32

    func sendOrders() async {
        while !Task.isCancelled {
            guard let uuid = self.outbox.popFirst() else {
                await self.orderWaits.wait()
                continue
            }
            guard let call = self.calls[uuid], call.request == .waiting else { continue }
            guard self.driver.isReady else {
                self.fail(call, reason: "\(self.name) is not ready.")
                continue
            }
            guard self.leases.mayPlace(call.fence) else {
                // Another engine may work for the campaign by now; then it makes the result, and this one is refused.
                self.fail(call, reason: "The engine's lease on the campaign was over before the call was sent.")
                continue
            }
            let now = self.clock.uptime()
            call.request = .sent(at: now)
            if let triggeredAt = call.triggeredAt { EngineMetrics.reactionLatency.record(duration: now - triggeredAt) }
            do throws(TelephonyError) {
                try await self.driver.originate(DialOrder(call.dialing, mayMove: !call.detours.isEmpty))
                EngineMetrics.originates.increment()
            } catch {
                EngineMetrics.originateFailures.increment()
                self.originateFailed(call, error)
            }
        }
    }

    func originateFailed(_ call: TrackedCall, _ error: TelephonyError) {
        guard self.calls[call.dialing.uuid] != nil else { return }
        self.logger.debug(
            "originate failed",
            metadata: ["dialing": "\(call.dialing.uuid)", "campaign": "\(call.seat.campaign)", "error": "\(error)"]
        )
        switch error {
        case .notReady:
            self.fail(call, reason: "\(self.name) is not ready.")
        case .invalidOrder(let field, let reason):
            self.fail(call, reason: "The order's \(field) may not be sent: \(reason)")
        case .refused(let text):
            self.apply(
                call.machine.handle(.originateRefused(message: text), at: self.clock.now()), to: call, event: nil)
        case .noAnswer:
            // The call may exist: only the PBX knows.
            call.isMissing = true
            self.reconcile(in: Self.sendingTime)
        }
    }

    func sendHangUps() async {
        while !Task.isCancelled {
            guard !self.hangUps.isEmpty else {
                await self.hangUpWaits.wait()
                continue
            }
            let batch = self.hangUps.prefix(Self.parallelHangUps)
            self.hangUps.removeFirst(batch.count)
            for uuid in batch { self.calls[uuid]?.isHangUpWaiting = false }
            await withTaskGroup(of: UUID?.self) { group in
                for uuid in batch {
                    group.addTask { [driver = self.driver] in
                        // A PBX that cannot be asked now tells its live calls when it is back.
                        let isKnown = (try? await driver.hangUp(uuid)) ?? true
                        return isKnown ? nil : uuid
                    }
                }
                for await unknown in group {
                    if let unknown { self.hangUpLater(unknown) }
                }
            }
        }
    }

    /// The PBX does not know the call (yet): hang it up when its channel comes, or end it when it never does.
    func hangUpLater(_ dialing: UUID) {
        guard let call = self.calls[dialing] else { return }
        call.isUnwanted = true
        self.reconcile(in: Self.confirmTime)
    }
}
