import DialerModel
import Logging
import Telephony

import struct Foundation.UUID

extension PBXDesk {
    private static let parallelMoves = 32

    /// Sends calls where their plans want them, a few at a time.
    func sendMoves() async {
        while !Task.isCancelled {
            guard !self.moves.isEmpty else {
                await self.moveWaits.wait()
                continue
            }
            let batch = Array(self.moves.prefix(Self.parallelMoves))
            self.moves.removeFirst(batch.count)
            await withTaskGroup(of: Void.self) { group in
                for (dialing, detour) in batch {
                    group.addTask { await self.move(dialing, detour) }
                }
            }
        }
    }

    private func move(_ dialing: UUID, _ detour: Detour) async {
        // Between the decision and its turn an agent's phone may have begun to ring.
        guard let call = self.calls[dialing] else { return }
        guard call.machine.mayMove(detour) else {
            call.machine.detourDropped()
            return
        }
        guard let destination = call.detours[detour], let target = DialOrder.Target(destination) else {
            self.logger.warning(
                "a call is not diverted: the destination is incomplete or gone",
                metadata: self.metadata(of: call, detour)
            )
            return
        }
        do throws(TelephonyError) {
            let order = MoveOrder(dialing: dialing, origin: DialOrder.Target(call.dialing), target: target)
            if try await self.driver.redirect(order) { call.machine.diverted(to: destination.uuid) }
        } catch {
            var metadata = self.metadata(of: call, detour)
            metadata["destination"] = "\(destination.uuid)"
            metadata["error"] = "\(error)"
            self.logger.warning("a call is not diverted and stays where it is", metadata: metadata)
        }
    }

    private func metadata(of call: TrackedCall, _ detour: Detour) -> Logger.Metadata {
        ["dialing": "\(call.dialing.uuid)", "campaign": "\(call.seat.campaign)", "because": "\(detour)"]
    }
}
