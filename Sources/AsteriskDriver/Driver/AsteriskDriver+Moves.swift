import AsteriskManager
import DialerModel
import NIOConcurrencyHelpers
import Telephony

extension AsteriskDriver {
    package func redirect(_ move: MoveOrder) async throws(TelephonyError) -> Bool {
        guard self.isReady else { throw .notReady }
        let (place, dialplan) = self.state.withLockedValue { ($0.calls.place(of: move.dialing), $0.dialplan) }
        guard let place else { return false }
        switch move.origin {
        case .extension: break
        case .application:
            // A call that was found after a restart is asked where it is.
            guard place.hasDialplan ? true : try await self.isInDialplan(place.channel) else {
                throw .refused("the call has no dialplan and would be dropped: \(MoveDialplan.remedy)")
            }
        }
        switch move.target {
        case .extension(let exten, let context, let priority):
            return try await self.redirect(place.channel, to: exten, in: context, at: priority)
        case .application(let name, let data):
            guard let exten = dialplan.exten(running: name) else {
                throw .refused("the dialplan cannot run that application: \(MoveDialplan.remedy)")
            }
            let headers = [("Channel", place.channel), ("Variable", MoveDialplan.dataVariable), ("Value", data)]
            guard try await self.isDone(AMIAction("Setvar", headers: headers)) else { return false }
            return try await self.redirect(place.channel, to: exten, in: MoveDialplan.context, at: "1")
        }
    }

    private func isInDialplan(_ channel: String) async throws(TelephonyError) -> Bool {
        do {
            let headers = [("Channel", channel), ("Variable", "CONTEXT")]
            return try await self.client.send(AMIAction("Getvar", headers: headers)).message["Value"]
                == MoveDialplan.context
        } catch .refused {
            return false
        } catch {
            throw TelephonyError(error)
        }
    }

    private func redirect(
        _ channel: String, to exten: String, in context: String, at priority: String
    ) async throws(TelephonyError) -> Bool {
        let headers = [("Channel", channel), ("Context", context), ("Exten", exten), ("Priority", priority)]
        return try await self.isDone(AMIAction("Redirect", headers: headers))
    }

    /// Sends an action about a channel.
    ///
    /// - Returns: `false` when the channel is gone.
    private func isDone(_ action: AMIAction) async throws(TelephonyError) -> Bool {
        do {
            _ = try await self.client.send(action)
            return true
        } catch .refused(let message) where Self.saysChannelIsGone(message) {
            return false
        } catch {
            throw TelephonyError(error)
        }
    }

    private static func saysChannelIsGone(_ message: String) -> Bool {
        // Setvar's words, then Redirect's (main/manager.c).
        message.hasPrefix("No such channel") || message.hasPrefix("Channel does not exist")
            || message.hasPrefix("Redirect failed, channel not up")
    }
}
