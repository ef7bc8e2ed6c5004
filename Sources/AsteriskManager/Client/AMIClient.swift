import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A connection to one Asterisk manager that is made again whenever it breaks.
///
/// ``run()`` connects, logs in, waits until the server is fully booted, keeps the connection alive, and hands everything received to the
/// handler. Actions may be sent from any task; they are pipelined, the server answers them in order.
public final class AMIClient: Sendable {
    private typealias Waiter = CheckedContinuation<Result<AMIResponse, AMIError>, Never>

    private struct Connection {
        var channel: any Channel
        var machine: ConnectionStateMachine
        var isReaderBusy = false
        /// Whether the handler was told that it is ready.
        var wasReady = false
        /// Why this side gave the connection up.
        var closing: AMIError?
    }

    private struct State {
        var connection: Connection?
        var pending: PendingActions<Waiter>
        var nextID = 0
        var connectionCount = 0

        var readyChannel: (any Channel)? {
            guard let connection, connection.machine.isReady, connection.closing == nil else { return nil }
            return connection.channel
        }
    }

    /// What has to be done after the lock is released.
    private struct Work {
        var writes: [ByteBuffer] = []
        var resolutions: [PendingActions<Waiter>.Resolution] = []
        var settings: [(setting: String, message: String)] = []
        var becameReady = false
        var messages: [AMIMessage] = []
        var close: AMIError?
    }

    /// A connection that lasted this long resets the back-off.
    private static let stableAfter = Duration.seconds(10)

    /// What the client was made with.
    public let configuration: AMIClientConfiguration

    private let handler: any AMIClientHandler
    private let logger: Logger
    private let clock: AMIClock
    private let random: @Sendable () -> Double
    private let encoder = AMIMessageEncoder()
    /// Tells this client's `ActionID`s from those of every other session: events of other sessions' actions come here, too.
    private let idPrefix: String
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - random: From 0 to 1, for the jitter between two attempts.
    public init(
        configuration: AMIClientConfiguration,
        handler: any AMIClientHandler,
        logger: Logger,
        clock: AMIClock = .continuous,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.handler = handler
        self.logger = logger
        self.clock = clock
        self.random = random
        self.idPrefix = String(UInt64.random(in: 0...UInt64.max), radix: 36) + "-"
        self.state = NIOLockedValueBox(State(pending: PendingActions(maxListItems: configuration.maxListItems)))
    }

    /// Whether actions can be sent now.
    public var isReady: Bool { self.state.withLockedValue { $0.readyChannel != nil } }

    // MARK: Actions

    /// Sends an action and waits for its answer; when the answer is a list, for the whole of it.
    ///
    /// - Throws: ``AMIError/refused(message:)`` for `Response: Error`.
    public func send(_ action: AMIAction, timeout: Duration? = nil) async throws(AMIError) -> AMIResponse {
        let id = self.state.withLockedValue { state in
            state.nextID += 1
            return "\(self.idPrefix)\(state.nextID)"
        }
        let bytes = try self.encode(action, actionID: id)
        let deadline = self.clock.now + (timeout ?? self.configuration.actionTimeout)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let outcome: Result<any Channel, AMIError> = self.state.withLockedValue { state in
                    guard let channel = state.readyChannel else { return .failure(.notConnected) }
                    guard state.pending.count < self.configuration.maxPendingActions else {
                        return .failure(.tooManyPendingActions(limit: self.configuration.maxPendingActions))
                    }
                    state.pending.add(waiter, actionID: id, action: action.name, deadline: deadline)
                    return .success(channel)
                }
                switch outcome {
                case .success(let channel):
                    channel.writeAndFlush(bytes, promise: nil)
                    if Task.isCancelled { self.cancel(actionID: id) }
                case .failure(let error):
                    waiter.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            self.cancel(actionID: id)
        }
        return try result.get()
    }

    /// Runs a command of Asterisk's own command line and gives back the lines it printed.
    public func command(_ line: String, timeout: Duration? = nil) async throws(AMIError) -> [String] {
        try await self.send(AMIAction("Command", headers: [("Command", line)]), timeout: timeout).output
    }

    /// Sends an action and returns once its bytes are handed to the operating system. The answer, and a list that follows it, arrive
    /// at the handler with this `ActionID`.
    ///
    /// - Throws: ``AMIError/notConnected``, ``AMIError/invalidAction(_:)`` or ``AMIError/connectionLost(reason:)``; in each of these
    ///   cases the server did not get the whole action and cannot have acted.
    public func post(_ action: AMIAction, actionID: String) async throws(AMIError) {
        let bytes = try self.encode(action, actionID: actionID)
        guard let channel = self.state.withLockedValue({ $0.readyChannel }) else { throw .notConnected }
        do {
            try await channel.writeAndFlush(bytes).get()
        } catch {
            throw .connectionLost(reason: String(describing: error))
        }
    }

    /// Hands an action over for sending and returns at once, for use inside the handler. The answer arrives there, too.
    ///
    /// - Throws: ``AMIError/notConnected`` or ``AMIError/invalidAction(_:)``; nothing was sent then.
    public func enqueue(_ action: AMIAction, actionID: String) throws(AMIError) {
        let bytes = try self.encode(action, actionID: actionID)
        guard let channel = self.state.withLockedValue({ $0.readyChannel }) else { throw .notConnected }
        channel.writeAndFlush(bytes, promise: nil)
    }

    /// Closes the present connection; ``run()`` makes another one.
    public func reconnect(because reason: String) {
        let channel = self.state.withLockedValue { state in
            if state.connection?.closing == nil { state.connection?.closing = .connectionLost(reason: reason) }
            return state.connection?.channel
        }
        channel?.close(promise: nil)
    }

    private func encode(_ action: AMIAction, actionID: String) throws(AMIError) -> ByteBuffer {
        var bytes = ByteBuffer()
        do {
            try self.encoder.encode(action, actionID: actionID, into: &bytes)
        } catch {
            throw .invalidAction(error)
        }
        return bytes
    }

    private func cancel(actionID: String) {
        let waiter = self.state.withLockedValue { $0.pending.remove(actionID: actionID) }
        waiter?.resume(returning: .failure(.cancelled))
    }

    // MARK: Connection

    /// Serves until the task is cancelled.
    public func run() async throws {
        var attempt = 0
        while !Task.isCancelled {
            let begin = self.clock.now
            let (error, wasReady) = await self.serveOneConnection()
            if Task.isCancelled { break }
            // A server that throws us out again and again is not asked faster for having let us in.
            let wasStable = wasReady && self.clock.now - begin >= Self.stableAfter
            attempt = wasStable ? 1 : attempt + 1
            let delay = self.configuration.backoff.delay(attempt: attempt, random: self.random())
            self.logger.log(
                level: attempt == 1 ? .warning : .debug,
                "Asterisk manager connection ended",
                metadata: [
                    "server": "\(self.configuration)", "error": "\(error)", "attempt": "\(attempt)",
                    "delay": "\(delay)",
                ]
            )
            do {
                try await self.clock.sleep(for: delay)
            } catch {
                break
            }
        }
        throw CancellationError()
    }

    private func serveOneConnection() async -> (error: AMIError, wasReady: Bool) {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await AMIConnector.connect(self.configuration)
        } catch {
            return (error, false)
        }
        let now = self.clock.now
        self.state.withLockedValue { state in
            state.connectionCount += 1
            state.connection = Connection(
                channel: channel.channel,
                machine: ConnectionStateMachine(
                    configuration: self.configuration,
                    idPrefix: "\(self.idPrefix)\(state.connectionCount)",
                    now: now
                )
            )
        }
        var failure: AMIError?
        do {
            try await channel.executeThenClose { inbound, _ in
                defer { if Task.isCancelled { self.sayGoodbye() } }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.readMessages(from: inbound) }
                    group.addTask { try await self.watchDeadlines() }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        } catch let error as AMIError {
            failure = error
        } catch let error as AMIDecodingError {
            failure = .malformed(error)
        } catch {
            failure = .connectionLost(reason: String(describing: error))
        }
        let (resolutions, wasReady, closing) = self.state.withLockedValue { state in
            let closing = state.connection?.closing
            let wasReady = state.connection?.wasReady ?? false
            state.connection = nil
            let resolutions = state.pending.failAll(.connectionLost(reason: "the connection ended"))
            return (resolutions, wasReady, closing)
        }
        for resolution in resolutions { resolution.waiter.resume(returning: resolution.result) }
        let error = closing ?? failure ?? .connectionLost(reason: "closed by the server")
        if wasReady { await self.handler.clientDidDisconnect(error) }
        return (error, wasReady)
    }

    /// Best effort: the close that follows says it as well.
    private func sayGoodbye() {
        try? self.enqueue(AMIAction("Logoff"), actionID: "\(self.idPrefix)bye")
    }

    private func readMessages(from inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws {
        let processor = NIOSingleStepByteToMessageProcessor(
            AMIMessageDecoder(expectsGreeting: true, limits: self.configuration.decodingLimits)
        )
        var batch: [AMIMessage] = []
        for try await bytes in inbound {
            var failure: (any Error)?
            do {
                try processor.process(buffer: bytes) { batch.append($0) }
            } catch {
                failure = error
            }
            // What came whole before the malformed bytes still counts.
            try await self.deliver(batch)
            if let failure { throw failure }
            batch.removeAll(keepingCapacity: true)
        }
    }

    private func deliver(_ batch: [AMIMessage]) async throws {
        let now = self.clock.now
        var work = self.state.withLockedValue { state in
            self.sort(batch, into: &state, now: now)
        }
        self.perform(&work)
        if work.becameReady {
            self.logger.info("Asterisk manager is ready", metadata: ["server": "\(self.configuration)"])
            await self.handler.clientDidBecomeReady()
        }
        if !work.messages.isEmpty {
            await self.handler.clientDidReceive(work.messages)
        }
        self.state.withLockedValue { $0.connection?.isReaderBusy = false }
        if let error = work.close { throw error }
    }

    private func sort(_ batch: [AMIMessage], into state: inout State, now: Duration) -> Work {
        var work = Work()
        guard var connection = state.connection else { return work }
        // The copy would keep the machine's storage shared while it is changed.
        state.connection = nil
        defer { state.connection = connection }
        connection.isReaderBusy = true
        connection.machine.heard(now: now)
        var isReady = connection.machine.isReady
        if isReady, state.pending.isEmpty {
            work.messages = batch
            return work
        }
        work.messages.reserveCapacity(batch.count)
        for message in batch {
            if !isReady {
                let steps = connection.machine.received(message, now: now)
                self.collect(steps, closing: &connection.closing, into: &work)
                if work.close != nil { break }
                isReady = connection.machine.isReady
                connection.wasReady = isReady
                continue
            }
            if !state.pending.isEmpty, let answer = state.pending.received(message) {
                if let answer { work.resolutions.append(answer) }
                continue
            }
            work.messages.append(message)
        }
        return work
    }

    private func collect(_ steps: [ConnectionStateMachine.Step], closing: inout AMIError?, into work: inout Work) {
        for step in steps {
            switch step {
            case .send(let action, let id):
                if let bytes = try? self.encode(action, actionID: id) {
                    work.writes.append(bytes)
                } else {
                    // Only the configuration's own values can be at fault here: username, mask, event names.
                    work.close = .connectFailed(reason: "\(action.name): a configured value may not go on the wire")
                    closing = work.close
                }
            case .becameReady: work.becameReady = true
            case .settingRefused(let setting, let message): work.settings.append((setting, message))
            case .close(let error):
                work.close = error
                closing = error
            }
        }
    }

    private func perform(_ work: inout Work) {
        if !work.writes.isEmpty, let channel = self.state.withLockedValue({ $0.connection?.channel }) {
            for bytes in work.writes { channel.write(bytes, promise: nil) }
            channel.flush()
        }
        for resolution in work.resolutions { resolution.waiter.resume(returning: resolution.result) }
        for refused in work.settings {
            self.logger.debug(
                "Asterisk manager refused a setting",
                metadata: ["setting": "\(refused.setting)", "message": "\(refused.message)"]
            )
        }
    }

    private func watchDeadlines() async throws {
        while true {
            try await self.clock.sleep(for: self.configuration.tick)
            let now = self.clock.now
            var work = self.state.withLockedValue { state in
                var work = Work()
                guard var connection = state.connection else { return work }
                let steps = connection.machine.tick(now: now, isReaderBusy: connection.isReaderBusy)
                self.collect(steps, closing: &connection.closing, into: &work)
                state.connection = connection
                if !connection.isReaderBusy { work.resolutions = state.pending.expire(now: now) }
                return work
            }
            self.perform(&work)
            if let error = work.close { throw error }
        }
    }
}
