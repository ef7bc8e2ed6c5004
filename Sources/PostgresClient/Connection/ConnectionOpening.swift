import CLibpq
import EventLoop
import Logging
import NIOConcurrencyHelpers
import NIOPosix

/// What every attempt to open one connection needs.
struct ConnectionOpening: Sendable {
    let id: UInt64
    let configuration: PostgresConfiguration
    let eventLoop: EventLoop
    let logger: Logger
    /// Whether there are other servers to go to when one stops answering.
    let hasAlternatives: Bool
    let onClosed: @Sendable (PostgresError) -> Void

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
                guard ConnectFailure.mayTryNext(after: error) else { break }
            }
        }
        throw ConnectFailure.combined(failures)
    }

    private func attempt(
        _ address: ConnectionParameters, timeout: Duration
    ) async throws(PostgresError) -> ConnectionChannel {
        let end = ContinuousClock.now + timeout
        let silence = ConnectFailure.silence(of: address.place)
        var isServerAlive: (@Sendable () async -> Bool)?
        if hasAlternatives { isServerAlive = { await answers(address) } }
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
                redact: { address.redact($0) }, logger: logger,
                isServerAlive: isServerAlive, onClosed: onClosed)
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

    /// Whether the server at an address answers somebody who wants a new connection, were it with a refusal.
    private func answers(_ address: ConnectionParameters) async -> Bool {
        var address = address
        address.options["target_session_attrs"] = "any"
        let visit = ConnectionOpening(
            id: id, configuration: configuration, eventLoop: eventLoop, logger: logger, hasAlternatives: false,
            onClosed: { _ in })
        do throws(PostgresError) {
            await (try visit.attempt(address, timeout: configuration.silenceLimit)).close()
            return true
        } catch {
            return !ConnectFailure.isSilence(error)
        }
    }

    /// Runs what may block on another thread, but waits no longer than `limit` for it: a look-up can't be interrupted,
    /// so a late result is thrown away there.
    private func blocking<Value: Sendable>(
        within limit: Duration, orSay problem: String, _ work: @escaping @Sendable () throws(PostgresError) -> Value,
        discard: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(PostgresError) -> Value {
        typealias Waiting = CheckedContinuation<Result<Value, PostgresError>, Never>
        let waiting = NIOLockedValueBox<Waiting?>(nil)
        let take: @Sendable () -> Waiting? = {
            waiting.withLockedValue { waiting in
                defer { waiting = nil }
                return waiting
            }
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiting) in
                waiting.withLockedValue { $0 = continuation }
                if Task.isCancelled { take()?.resume(returning: .failure(Self.cancelled)) }
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
        } onCancel: {
            take()?.resume(returning: .failure(Self.cancelled))
        }
        return try outcome.get()
    }

    private static let cancelled = PostgresError(.cancelled, "cancelled while connecting")
}
