import EventLoop
import Logging
import NIOConcurrencyHelpers

/// One connection for every LISTEN of a client, open while anybody listens.
final class Listener: Sendable {
    private typealias Continuation = AsyncStream<PostgresNotification>.Continuation

    private struct Subscription {
        var channel: String
        var continuation: Continuation
        /// Whether it was told that the server listens.
        var hasStarted = false
        /// Whether the connection it listens on is there; notifications before that are not for it.
        var isLive = false
    }

    private struct State {
        var nextID: UInt64 = 0
        var subscriptions: [UInt64: Subscription] = [:]
        var isClosed = false
    }

    private let configuration: PostgresConfiguration
    private let eventLoop: EventLoop
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// Bumped whenever the set of channels may have changed, the connection was lost or is to be checked.
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        (self.changes, self.changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func subscribe(to channel: String) -> AsyncStream<PostgresNotification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(1024))
        let id: UInt64? = state.withLockedValue { state in
            guard !state.isClosed else { return nil }
            state.nextID += 1
            state.subscriptions[state.nextID] = Subscription(channel: channel, continuation: continuation)
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            state.withLockedValue { _ = $0.subscriptions.removeValue(forKey: id) }
            changed.yield()
        }
        changed.yield()
        return stream
    }

    /// Keeps the connection while there are subscriptions. Ends when the task is cancelled.
    func run() async {
        let backoff = Backoff(range: configuration.reconnectDelay)
        var failures = 0
        var connection: ConnectionChannel?
        var listening: Set<String> = []
        for await _ in changes {
            while !Task.isCancelled {
                do throws(PostgresError) {
                    if let open = connection, await !open.isOpen {
                        connection = nil
                    }
                    let wanted = wantedChannels
                    if wanted.isEmpty {
                        await connection?.close()
                        connection = nil
                        break
                    }
                    let current: ConnectionChannel
                    if let connection {
                        current = connection
                    } else {
                        listening = []
                        markAllSilent()
                        current = try await connect()
                        connection = current
                    }
                    if listening == wanted { _ = try await current.run(["SELECT 1"]) }
                    for channel in wanted.subtracting(listening) {
                        _ = try await current.run([PostgresQuery(unescaped: "LISTEN \(Self.quoted(channel))")])
                        listening.insert(channel)
                    }
                    for channel in listening.subtracting(wanted) {
                        _ = try await current.run([PostgresQuery(unescaped: "UNLISTEN \(Self.quoted(channel))")])
                        listening.remove(channel)
                    }
                    failures = 0
                    announce(listening)
                    break
                } catch {
                    failures += 1
                    let delay = backoff.delay(afterFailures: failures)
                    logger.warning(
                        "Listening for notifications failed; trying again",
                        metadata: ["error": "\(error)", "attempt": "\(failures)", "delay": "\(delay)"])
                    await connection?.close()
                    connection = nil
                    try? await Task.sleep(for: delay)
                }
            }
        }
        await connection?.close()
    }

    /// Has the connection asked whether it lives: what is only listened to would never tell.
    func check() {
        changed.yield()
    }

    func close() async {
        let subscriptions = state.withLockedValue { state in
            state.isClosed = true
            defer { state.subscriptions = [:] }
            return state.subscriptions.values.map(\.continuation)
        }
        for continuation in subscriptions { continuation.finish() }
        changed.finish()
    }

    private var wantedChannels: Set<String> {
        state.withLockedValue { Set($0.subscriptions.values.map(\.channel)) }
    }

    private func connect() async throws(PostgresError) -> ConnectionChannel {
        let connection = try await ConnectionChannel.open(
            id: 0, configuration: configuration, eventLoop: eventLoop, logger: logger
        ) { [weak self] _ in
            self?.connectionWasLost()
        }
        await connection.setNotificationHandler { [weak self] channel, payload, processID in
            self?.deliver(.message(channel: channel, payload: payload, processID: processID), on: channel)
        }
        return connection
    }

    private func connectionWasLost() {
        changed.yield()
    }

    /// Tells those whose channel the server listens to now: newcomers that it does, the others that it does again.
    private func announce(_ channels: Set<String>) {
        state.withLockedValue { state in
            for (id, subscription) in state.subscriptions
            where !subscription.isLive && channels.contains(subscription.channel) {
                // Under the lock, so that no message gets before the marker. Yielding calls nobody back.
                subscription.continuation.yield(subscription.hasStarted ? .reconnected : .listening)
                state.subscriptions[id]?.hasStarted = true
                state.subscriptions[id]?.isLive = true
            }
        }
    }

    private func markAllSilent() {
        state.withLockedValue { state in
            for id in state.subscriptions.keys { state.subscriptions[id]?.isLive = false }
        }
    }

    private func deliver(_ notification: PostgresNotification, on channel: String) {
        let continuations = state.withLockedValue { state in
            state.subscriptions.values.filter { $0.channel == channel && $0.isLive }.map(\.continuation)
        }
        for continuation in continuations {
            if case .dropped = continuation.yield(notification) {
                // Too far behind: the newest element says that some are missing.
                continuation.yield(.reconnected)
            }
        }
    }

    private static func quoted(_ channel: String) -> String {
        "\"\(channel.filter { $0 != "\0" }.replacing("\"", with: "\"\""))\""
    }
}
