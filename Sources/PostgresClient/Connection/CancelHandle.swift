import CLibpq
import NIOPosix

/// What libpq needs to ask the server to stop the running statement of one connection.
//
// @unchecked Sendable: PQcancel only reads the PGcancel (libpq documents it as usable from any thread), and PQfreeCancel
// runs once, in deinit, when no thread holds this.
final class CancelHandle: @unchecked Sendable {
    private let cancel: OpaquePointer

    init?(connection: OpaquePointer) {
        guard let cancel = PQgetCancel(connection) else { return nil }
        self.cancel = cancel
    }

    deinit {
        PQfreeCancel(cancel)
    }

    /// Sends the request over a connection of its own and waits for the server to take it. A request that comes too late
    /// stops whatever runs then.
    ///
    /// It blocks, and PQcancel has no time-out: a frozen server holds it until it goes on or is gone. So each request has a
    /// thread of its own. A shared one would be missing where connections to other servers are opened.
    @concurrent
    func send() async {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        _ = try? await thread.runIfActive { [self] in
            var message = [CChar](repeating: 0, count: 256)
            return PQcancel(cancel, &message, Int32(message.count))
        }
        try? await thread.shutdownGracefully()
    }
}
