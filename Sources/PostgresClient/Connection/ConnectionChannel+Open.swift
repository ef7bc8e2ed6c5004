import CLibpq
import EventLoop
import Logging
import NIOConcurrencyHelpers
import NIOPosix

extension ConnectionChannel {
    /// What every attempt of one opening needs.
    fileprivate struct Opening: Sendable {
        let id: UInt64
        let configuration: PostgresConfiguration
        let eventLoop: EventLoop
        let logger: Logger
        let onClosed: @Sendable (PostgresError) -> Void
    }

    /// Opens a connection to the first of the URL's hosts that gives one: name look-up on a thread for blocking calls,
    /// the rest on the event loop.
    ///
    /// A `connect_timeout` in the URL is each address's own. Without it the hosts share the configuration's time-out:
    /// each gets an equal part of what those before it left, so a silent one can't hide the rest.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed``, ``PostgresError/Code/invalidConfiguration`` or
    ///   ``PostgresError/Code/cancelled``.
    static func open(
        id: UInt64, configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger,
        onClosed: @escaping @Sendable (PostgresError) -> Void
    ) async throws(PostgresError) -> ConnectionChannel {
        let opening = Opening(
            id: id, configuration: configuration, eventLoop: eventLoop, logger: logger, onClosed: onClosed)
        let parameters = try ConnectionParameters(configuration: configuration)
        let hosts = parameters.servers().flatMap { $0.hosts() }
        let end = ContinuousClock.now + configuration.connectTimeout
        var failures: [PostgresError] = []
        for (index, host) in hosts.enumerated() {
            let share = ContinuousClock.now.duration(to: end) / (hosts.count - index)
            do throws(PostgresError) {
                return try await opening.open(host, timeout: share)
            } catch {
                failures.append(error)
                guard mayTryNext(after: error) else { break }
            }
        }
        throw combined(failures)
    }

    /// Whether another host may do better. What a server answered is the answer, unless it is just starting or stopping.
    fileprivate static func mayTryNext(after error: PostgresError) -> Bool {
        error.code == .connectionFailed && (error.sqlState == nil || error.sqlState == .cannotConnectNow)
            && !ConnectFailure.isPermanent(error)
    }

    /// The last failure, with what was wrong before it.
    fileprivate static func combined(_ failures: [PostgresError]) -> PostgresError {
        guard var error = failures.last else {
            return PostgresError(.invalidConfiguration, "the database URL names no host")
        }
        var messages: [String] = []
        for failure in failures where !messages.contains(failure.message) { messages.append(failure.message) }
        error.message = messages.joined(separator: "; ")
        return error
    }
}

extension ConnectionChannel.Opening {
    /// Tries a host's addresses one after another.
    func open(_ host: ConnectionParameters, timeout: Duration) async throws(PostgresError) -> ConnectionChannel {
        let end = ContinuousClock.now + timeout
        let addresses = try await blocking(
            within: host.connectTimeout ?? timeout,
            orSay: "looking up \(host.place ?? "the database's host") took too long",
            { () throws(PostgresError) in try host.addresses() })
        var failures: [PostgresError] = []
        for (index, address) in addresses.enumerated() {
            let share = ContinuousClock.now.duration(to: end) / (addresses.count - index)
            do throws(PostgresError) {
                return try await attempt(address, timeout: address.connectTimeout ?? share)
            } catch {
                failures.append(error)
                guard ConnectionChannel.mayTryNext(after: error) else { break }
            }
        }
        throw ConnectionChannel.combined(failures)
    }

    private func attempt(
        _ address: ConnectionParameters, timeout: Duration
    ) async throws(PostgresError) -> ConnectionChannel {
        let end = ContinuousClock.now + timeout
        let silence = "no connection to \(address.place ?? "the database") within the time-out"
        while true {
            let started = try await blocking(
                within: ContinuousClock.now.duration(to: end), orSay: silence,
                { () throws(PostgresError) in
                    guard let pointer = address.start() else {
                        throw PostgresError(.connectionFailed, "out of memory for a database connection")
                    }
                    return StartedConnection(pointer: pointer)
                },
                discard: { PQfinish($0.pointer) })
            let channel = ConnectionChannel(
                id: id, taking: started, eventLoop: eventLoop, configuration: configuration,
                redact: { address.redact($0) }, logger: logger, onClosed: onClosed)
            do throws(PostgresError) {
                try await channel.connect(timeout: ContinuousClock.now.duration(to: end), orSay: silence)
                return channel
            } catch {
                // A unix socket whose backlog is full answers EAGAIN at once, where TCP would wait; libpq gives up on it.
                guard ConnectFailure.isBacklogFull(error),
                    ContinuousClock.now.duration(to: end) > .milliseconds(50),
                    (try? await Task.sleep(for: .milliseconds(20))) != nil
                else { throw error }
            }
        }
    }

    /// Runs what may block on another thread, but waits no longer than `limit` for it: a look-up can't be interrupted,
    /// so a late result is thrown away there.
    private func blocking<Value: Sendable>(
        within limit: Duration, orSay problem: String, _ work: @escaping @Sendable () throws(PostgresError) -> Value,
        discard: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(PostgresError) -> Value {
        typealias Waiting = CheckedContinuation<Result<Value, PostgresError>, Never>
        let outcome = await withCheckedContinuation { (continuation: Waiting) in
            let waiting = NIOLockedValueBox<Waiting?>(continuation)
            let take: @Sendable () -> Waiting? = {
                waiting.withLockedValue { waiting in
                    defer { waiting = nil }
                    return waiting
                }
            }
            let timer = eventLoop.schedule(after: limit) {
                take()?.resume(returning: .failure(PostgresError(.connectionFailed, problem)))
            }
            NIOThreadPool.singleton.submit { _ in
                let result = Result<Value, PostgresError> { () throws(PostgresError) in try work() }
                timer.cancel()
                if let waiting = take() {
                    waiting.resume(returning: result)
                } else if case .success(let value) = result {
                    discard(value)
                }
            }
        }
        return try outcome.get()
    }
}
