import ServiceLifecycle
import UnixSignals

/// Calls a closure at every SIGHUP, as logrotate sends one after moving a file away.
struct HangupSignal: Service {
    var action: @Sendable () -> Void

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            self.action()
        }
    }
}
