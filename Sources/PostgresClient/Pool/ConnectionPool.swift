import EventLoop
import Logging
import NIOConcurrencyHelpers

/// The connections of one client: decides under a lock with ``PoolStateMachine``, acts outside it.
final class ConnectionPool: Sendable {
    typealias Machine = PoolStateMachine<ConnectionChannel>

    struct Lease: Sendable {
        let id: UInt64
        let use: Machine.Use
        let channel: ConnectionChannel
    }

    private struct State {
        var machine: Machine
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Result<Lease, PostgresError>, Never>] = [:]
        var timers: [UInt64: ScheduledCall] = [:]
        var uses: [UInt64: Machine.Use] = [:]
        var opening: [UInt64: Task<Void, Never>] = [:]
        var drainWaiters: [CheckedContinuation<Void, Never>] = []
        var isDrained = false
    }

    private let configuration: PostgresConfiguration
    private let eventLoop: EventLoop
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    init(configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.state = NIOLockedValueBox(
            State(
                machine: Machine(
                    maximum: configuration.maximumConnections, minimum: configuration.minimumConnections,
                    maximumWaiters: configuration.maximumWaiters)))
    }

    // MARK: Use

    /// - Throws: ``PostgresError/Code/cancelled``, ``PostgresError/Code/closed``, ``PostgresError/Code/poolExhausted`` or
    ///   ``PostgresError/Code/connectionFailed``.
    func acquire(_ use: Machine.Use) async throws(PostgresError) -> Lease {
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled") }
        let waiter = state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform { state in
                    state.waiters[waiter] = continuation
                    state.uses[waiter] = use
                    return state.machine.acquire(use, waiter: waiter)
                }
                if Task.isCancelled { giveUp(waiter, PostgresError(.cancelled, "the task was cancelled")) }
                setTimer(for: waiter)
            }
        } onCancel: {
            giveUp(waiter, PostgresError(.cancelled, "the task was cancelled"))
        }
        return try outcome.get()
    }

    func release(_ lease: Lease) {
        perform { $0.machine.release(lease.id, lease.use, now: .now) }
    }

    private func setTimer(for waiter: UInt64) {
        guard state.withLockedValue({ $0.waiters[waiter] != nil }) else { return }
        let timer = eventLoop.schedule(after: configuration.acquireTimeout) { [weak self] in
            self?.giveUp(waiter, nil)
        }
        let isServed = state.withLockedValue { state in
            guard state.waiters[waiter] != nil else { return true }
            state.timers[waiter] = timer
            return false
        }
        if isServed { timer.cancel() }
    }

    /// - Parameter error: What to tell the waiter; nil for what the pool knows.
    private func giveUp(_ waiter: UInt64, _ error: PostgresError?) {
        perform { state in
            guard let (reason, actions) = state.machine.giveUp(waiter) else { return Machine.Actions() }
            var all = actions
            all.refusals.append((waiter, error ?? reason))
            return all
        }
    }

    // MARK: Upkeep

    /// Opens the minimum and keeps it open.
    func keepMinimum() {
        perform { state in
            state.machine.keepsMinimum = true
            return state.machine.maintain(now: .now, checkAfter: .seconds(1 << 40), closeAfter: .seconds(1 << 40)).1
        }
    }

    /// Looks after idle connections: asks each whether it lives, closes those idle too long.
    func maintain() async {
        var checks: [Machine.Grant] = []
        perform { state in
            let (check, actions) = state.machine.maintain(
                now: .now, checkAfter: configuration.healthCheckInterval, closeAfter: configuration.idleTimeout)
            checks = check
            return actions
        }
        await withTaskGroup { group in
            for check in checks {
                group.addTask { await self.check(check) }
            }
        }
    }

    private func check(_ grant: Machine.Grant) async {
        let timer = eventLoop.schedule(after: configuration.connectTimeout) {
            grant.connection.assumeIsolated {
                $0.shut(PostgresError(.connectionLost, "closed: no answer to the health check"))
            }
        }
        do {
            _ = try await grant.connection.run(["SELECT 1"], cancellable: false)
        } catch {
            logger.info("Database connection failed its health check", metadata: ["error": "\(error)"])
            await grant.connection.close()
        }
        timer.cancel()
        perform { $0.machine.release(grant.id, .lease, now: .now) }
    }

    /// Refuses new work, lets what runs finish for `grace`, then closes everything.
    func close(grace: Duration) async {
        perform { state in
            for task in state.opening.values { task.cancel() }
            return state.machine.close()
        }
        let force = eventLoop.schedule(after: grace) { [weak self] in
            guard let self else { return }
            for channel in state.withLockedValue({ $0.machine.openConnections }) {
                channel.assumeIsolated { $0.close() }
            }
        }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLockedValue { state in
                if !state.isDrained { state.drainWaiters.append(continuation) }
                return state.isDrained
            }
            if isDrained { continuation.resume() }
        }
        force.cancel()
    }

    // MARK: Acting

    private func perform(_ decide: (inout State) -> Machine.Actions) {
        var served: [(CheckedContinuation<Result<Lease, PostgresError>, Never>, Result<Lease, PostgresError>)] = []
        var timers: [ScheduledCall] = []
        var drained: [CheckedContinuation<Void, Never>] = []
        let actions = state.withLockedValue { state in
            let actions = decide(&state)
            for grant in actions.grants {
                guard let continuation = state.waiters.removeValue(forKey: grant.waiter) else { continue }
                let use = state.uses.removeValue(forKey: grant.waiter) ?? .statement
                if let timer = state.timers.removeValue(forKey: grant.waiter) { timers.append(timer) }
                served.append((continuation, .success(Lease(id: grant.id, use: use, channel: grant.connection))))
            }
            for (waiter, error) in actions.refusals {
                guard let continuation = state.waiters.removeValue(forKey: waiter) else { continue }
                state.uses[waiter] = nil
                if let timer = state.timers.removeValue(forKey: waiter) { timers.append(timer) }
                served.append((continuation, .failure(error)))
            }
            for id in actions.open {
                state.opening[id] = Task { await self.open(id) }
            }
            if actions.isDrained {
                state.isDrained = true
                drained = state.drainWaiters
                state.drainWaiters = []
            }
            return actions
        }
        for timer in timers { timer.cancel() }
        for (continuation, result) in served { continuation.resume(returning: result) }
        for channel in actions.close {
            eventLoop.execute { channel.assumeIsolated { $0.close() } }
        }
        for continuation in drained { continuation.resume() }
    }

    /// Runs as a task that the pool owns (`State.opening`): a caller that gives up doesn't take the attempt with it.
    private func open(_ id: UInt64) async {
        let backoff = Backoff(range: configuration.reconnectDelay)
        while true {
            do {
                let channel = try await ConnectionChannel.open(
                    id: id, configuration: configuration, eventLoop: eventLoop, logger: logger
                ) { [weak self] reason in
                    self?.perform { $0.machine.lost(id) }
                }
                perform { state in
                    state.opening[id] = nil
                    return state.machine.opened(id, channel, now: .now)
                }
                // It may have died in between, before the pool knew it.
                if await !channel.isOpen { perform { $0.machine.lost(id) } }
                return
            } catch {
                var next = Machine.AfterFailure.stop
                perform { state in
                    let (decision, actions) = state.machine.openFailed(
                        id, error, isPermanent: ConnectFailure.isPermanent(error))
                    next = decision
                    if decision == .stop { state.opening[id] = nil }
                    return actions
                }
                guard case .retry(let failures) = next else { return }
                let delay = backoff.delay(afterFailures: failures)
                logger.warning(
                    "No connection to the database; trying again",
                    metadata: ["error": "\(error)", "attempt": "\(failures)", "delay": "\(delay)"])
                try? await Task.sleep(for: delay)
            }
        }
    }
}
