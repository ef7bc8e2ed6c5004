import CLibpq
import EventLoop
import Logging
import NIOConcurrencyHelpers
import NIOPosix

extension ConnectionChannel {
    /// Opens a connection: name look-up on a thread for blocking calls, the rest on the event loop.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed``, ``PostgresError/Code/invalidConfiguration`` or
    ///   ``PostgresError/Code/cancelled``.
    static func open(
        id: UInt64, configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger,
        onClosed: @escaping @Sendable (PostgresError) -> Void
    ) async throws(PostgresError) -> ConnectionChannel {
        let parameters = try ConnectionParameters(configuration: configuration)
        let timeout = min(configuration.connectTimeout, parameters.connectTimeout ?? configuration.connectTimeout)
        let start = ContinuousClock.now
        while true {
            let started = try await begin(parameters, timeout: timeout - start.duration(to: .now), eventLoop: eventLoop)
            let channel = ConnectionChannel(
                id: id, taking: started, eventLoop: eventLoop, configuration: configuration,
                redact: { parameters.redact($0) }, logger: logger, onClosed: onClosed)
            do throws(PostgresError) {
                try await channel.connect(timeout: timeout - start.duration(to: .now))
                return channel
            } catch {
                // A unix socket whose backlog is full answers EAGAIN at once, where TCP would wait; libpq gives up on it.
                guard ConnectFailure.isBacklogFull(error), start.duration(to: .now) < timeout - .milliseconds(50),
                    (try? await Task.sleep(for: .milliseconds(20))) != nil
                else { throw error }
            }
        }
    }

    /// Looks names up and starts the connection on another thread, but waits no longer than `timeout` for it: a look-up
    /// can't be interrupted, so a late result is thrown away there.
    private static func begin(
        _ parameters: ConnectionParameters, timeout: Duration, eventLoop: EventLoop
    ) async throws(PostgresError) -> StartedConnection {
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<StartedConnection, PostgresError>, Never>) in
            let waiting = NIOLockedValueBox<CheckedContinuation<Result<StartedConnection, PostgresError>, Never>?>(
                continuation)
            let take: @Sendable () -> CheckedContinuation<Result<StartedConnection, PostgresError>, Never>? = {
                waiting.withLockedValue { waiting in
                    defer { waiting = nil }
                    return waiting
                }
            }
            let timer = eventLoop.schedule(after: timeout) {
                take()?.resume(
                    returning: .failure(
                        PostgresError(.connectionFailed, "looking up the database's host name took too long")))
            }
            NIOThreadPool.singleton.submit { _ in
                let result = Result<StartedConnection, PostgresError> { () throws(PostgresError) in
                    guard let pointer = try parameters.resolved().start() else {
                        throw PostgresError(.connectionFailed, "out of memory for a database connection")
                    }
                    return StartedConnection(pointer: pointer)
                }
                timer.cancel()
                if let waiting = take() {
                    waiting.resume(returning: result)
                } else if case .success(let started) = result {
                    PQfinish(started.pointer)
                }
            }
        }
        return try outcome.get()
    }
}
