import DequeModule

/// Which connection serves whom. No I/O, no clock: events in, actions out.
///
/// A statement shares a connection with others when none is unused, and keeps out of those that a slow one holds up; a
/// lease has one for itself. While a lease waits, one connection is reserved for it: it takes no more statements, so it
/// runs empty.
struct PoolStateMachine<Connection: Sendable>: Sendable {
    typealias ConnectionID = UInt64
    typealias WaiterID = UInt64
    typealias Instant = ContinuousClock.Instant

    enum Use: Sendable {
        /// One statement, among others on the same connection.
        case statement
        /// The connection alone.
        case lease
    }

    struct Grant: Sendable {
        var waiter: WaiterID
        var id: ConnectionID
        var connection: Connection
    }

    /// What is to be done outside, in any order.
    struct Actions {
        var grants: [Grant] = []
        var refusals: [(waiter: WaiterID, error: PostgresError)] = []
        var open: [ConnectionID] = []
        var close: [Connection] = []
        /// The last connection of a closed pool is gone.
        var isDrained = false
    }

    enum AfterFailure: Equatable {
        /// Try again; the delay grows with the number of failures in a row.
        case retry(failures: Int)
        /// Nobody needs the connection any more.
        case stop
    }

    private enum Phase {
        case opening
        case open(Connection)
    }

    private struct Entry {
        var phase: Phase = .opening
        /// Statements that share it.
        var load = 0
        /// How many statements the pool had finished when this connection last finished one, or took one up unused.
        var lastProgress: UInt64 = 0
        var isLeased = false
        var isReserved = false
        var idleSince: Instant?
    }

    private let maximum: Int
    private let minimum: Int
    private let maximumWaiters: Int
    private var entries: [ConnectionID: Entry] = [:]
    private var nextID: ConnectionID = 0
    private var waiters: [WaiterID: Use] = [:]
    private var statementQueue = Deque<WaiterID>()
    private var leaseQueue = Deque<WaiterID>()
    private var leaseWaiters = 0
    /// Statements finished by all connections: what passes for time here.
    private var finishedStatements: UInt64 = 0
    private var failures = 0
    private var lastError: PostgresError?
    private(set) var isClosed = false
    /// Set while somebody keeps the minimum open.
    var keepsMinimum = false

    init(maximum: Int, minimum: Int, maximumWaiters: Int) {
        self.maximum = max(1, maximum)
        self.minimum = min(max(0, minimum), self.maximum)
        self.maximumWaiters = maximumWaiters
    }

    var connectionCount: Int { entries.count }

    var openCount: Int { entries.values.count { if case .open = $0.phase { true } else { false } } }

    // MARK: Events

    /// Somebody wants a connection.
    mutating func acquire(_ use: Use, waiter: WaiterID) -> Actions {
        var actions = Actions()
        guard !isClosed else {
            actions.refusals.append((waiter, PostgresError(.closed, "the database client is closed")))
            return actions
        }
        guard waiters.count < maximumWaiters else {
            actions.refusals.append(
                (waiter, PostgresError(.poolExhausted, "\(maximumWaiters) callers wait for the database already")))
            return actions
        }
        waiters[waiter] = use
        switch use {
        case .statement:
            statementQueue.append(waiter)
        case .lease:
            leaseQueue.append(waiter)
            leaseWaiters += 1
        }
        serve(&actions)
        return actions
    }

    /// A waiter gave up. The error to give it, or nil if it was served already.
    mutating func giveUp(_ waiter: WaiterID) -> (error: PostgresError, actions: Actions)? {
        guard let use = waiters.removeValue(forKey: waiter) else { return nil }
        if use == .lease { leaseWaiters -= 1 }
        var actions = Actions()
        serve(&actions)
        if openCount == 0 {
            let error =
                lastError ?? PostgresError(.connectionFailed, "the database didn't answer within the waiting time")
            return (error, actions)
        }
        return (PostgresError(.poolExhausted, "all \(maximum) database connections stayed busy"), actions)
    }

    /// Somebody is done with a connection.
    mutating func release(_ id: ConnectionID, _ use: Use, now: Instant) -> Actions {
        var actions = Actions()
        guard var entry = entries[id], case .open(let connection) = entry.phase else { return actions }
        switch use {
        case .statement:
            entry.load -= 1
            finishedStatements += 1
            entry.lastProgress = finishedStatements
        case .lease: entry.isLeased = false
        }
        if entry.load == 0, !entry.isLeased { entry.idleSince = now }
        entries[id] = entry
        if isClosed, entry.load == 0, !entry.isLeased {
            actions.close.append(connection)
        }
        serve(&actions)
        return actions
    }

    mutating func opened(_ id: ConnectionID, _ connection: Connection, now: Instant) -> Actions {
        var actions = Actions()
        guard var entry = entries[id], !isClosed else {
            entries[id] = nil
            actions.close.append(connection)
            actions.isDrained = isClosed && entries.isEmpty
            return actions
        }
        failures = 0
        lastError = nil
        entry.phase = .open(connection)
        entry.idleSince = now
        entries[id] = entry
        serve(&actions)
        return actions
    }

    /// An attempt to open failed. `isPermanent`: waiting won't help, so everybody who waits is told.
    mutating func openFailed(_ id: ConnectionID, _ error: PostgresError, isPermanent: Bool) -> (AfterFailure, Actions) {
        var actions = Actions()
        failures += 1
        lastError = error
        if isPermanent, openCount == 0 {
            for waiter in waiters.keys { actions.refusals.append((waiter, error)) }
            waiters.removeAll()
            statementQueue.removeAll()
            leaseQueue.removeAll()
            leaseWaiters = 0
        }
        guard !isClosed, !waiters.isEmpty || (keepsMinimum && entries.count <= minimum) else {
            entries[id] = nil
            actions.isDrained = isClosed && entries.isEmpty
            return (.stop, actions)
        }
        return (.retry(failures: failures), actions)
    }

    /// An open connection is gone.
    mutating func lost(_ id: ConnectionID) -> Actions {
        var actions = Actions()
        // One that never opened is openFailed's: its attempt goes on.
        guard case .open = entries[id]?.phase else { return actions }
        entries[id] = nil
        serve(&actions)
        actions.isDrained = isClosed && entries.isEmpty
        return actions
    }

    /// Time passed: which connections are to be checked (leased to the caller, who releases them), which are closed for
    /// being idle too long.
    mutating func maintain(now: Instant, checkAfter: Duration, closeAfter: Duration) -> (check: [Grant], Actions) {
        var actions = Actions()
        var checks: [Grant] = []
        for (id, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard case .open(let connection) = entry.phase, entry.load == 0, !entry.isLeased,
                let idle = entry.idleSince?.duration(to: now)
            else { continue }
            if idle >= closeAfter, entries.count > minimum {
                entries[id] = nil
                actions.close.append(connection)
            } else if idle >= checkAfter {
                entries[id]?.isLeased = true
                checks.append(Grant(waiter: 0, id: id, connection: connection))
            }
        }
        serve(&actions)
        return (checks, actions)
    }

    /// No more grants; what is unused closes now, the rest when it is released.
    mutating func close() -> Actions {
        var actions = Actions()
        guard !isClosed else { return actions }
        isClosed = true
        for waiter in waiters.keys {
            actions.refusals.append((waiter, PostgresError(.closed, "the database client is closed")))
        }
        waiters.removeAll()
        statementQueue.removeAll()
        leaseQueue.removeAll()
        leaseWaiters = 0
        for entry in entries.values {
            if case .open(let connection) = entry.phase, entry.load == 0, !entry.isLeased {
                actions.close.append(connection)
            }
        }
        actions.isDrained = entries.isEmpty
        return actions
    }

    /// Every open connection, for a close that waits no longer.
    var openConnections: [Connection] {
        entries.values.compactMap { if case .open(let connection) = $0.phase { connection } else { nil } }
    }

    // MARK: Decisions

    /// Serves whoever can be served, reserves and opens for the rest.
    private mutating func serve(_ actions: inout Actions) {
        guard !isClosed else { return }
        // A statement older than every waiting lease isn't overtaken by it, or a steady stream of leases would starve it.
        while let waiter = nextWaiter(in: &statementQueue) {
            if let lease = nextWaiter(in: &leaseQueue), lease < waiter { break }
            guard let id = leastLoaded(where: { _ in true }, allowReserved: true) else { break }
            statementQueue.removeFirst()
            share(id)
            grant(waiter, id, &actions)
        }
        while let waiter = nextWaiter(in: &leaseQueue) {
            guard let id = leastLoaded(where: { $0.load == 0 }, allowReserved: true) else { break }
            leaseQueue.removeFirst()
            leaseWaiters -= 1
            entries[id]?.isLeased = true
            entries[id]?.isReserved = false
            grant(waiter, id, &actions)
        }
        adjustReservations()
        while let waiter = nextWaiter(in: &statementQueue) {
            guard let id = leastLoaded(where: { _ in true }, allowReserved: false) else { break }
            statementQueue.removeFirst()
            share(id)
            grant(waiter, id, &actions)
        }
        openMore(&actions)
    }

    private mutating func share(_ id: ConnectionID) {
        if entries[id]?.load == 0 { entries[id]?.lastProgress = finishedStatements }
        entries[id]?.load += 1
    }

    /// Whether a slow statement seems to hold the connection up: the others finished many since it last finished one. Only
    /// a matter of choice: with no better connection it is taken all the same.
    private func isHeldUp(_ entry: Entry) -> Bool {
        entry.load > 0 && finishedStatements - entry.lastProgress >= UInt64(8 * entries.count)
    }

    private mutating func grant(_ waiter: WaiterID, _ id: ConnectionID, _ actions: inout Actions) {
        waiters[waiter] = nil
        entries[id]?.idleSince = nil
        guard case .open(let connection) = entries[id]?.phase else { return }
        actions.grants.append(Grant(waiter: waiter, id: id, connection: connection))
    }

    /// The first waiter that still waits; those that gave up are dropped.
    private func nextWaiter(in queue: inout Deque<WaiterID>) -> WaiterID? {
        while let waiter = queue.first {
            if waiters[waiter] != nil { return waiter }
            queue.removeFirst()
        }
        return nil
    }

    private func leastLoaded(where fits: (Entry) -> Bool, allowReserved: Bool) -> ConnectionID? {
        var best: (isHeldUp: Int, load: Int, id: ConnectionID)?
        for (id, entry) in entries {
            guard case .open = entry.phase, !entry.isLeased, allowReserved || !entry.isReserved, fits(entry) else {
                continue
            }
            let candidate = (isHeldUp: isHeldUp(entry) ? 1 : 0, load: entry.load, id: id)
            if let known = best, known <= candidate { continue }
            best = candidate
        }
        return best?.id
    }

    private mutating func adjustReservations() {
        var reserved = entries.values.count { $0.isReserved }
        while reserved > leaseWaiters, let id = entries.first(where: { $0.value.isReserved })?.key {
            entries[id]?.isReserved = false
            reserved -= 1
        }
        while reserved < leaseWaiters, let id = leastLoaded(where: { _ in true }, allowReserved: false) {
            entries[id]?.isReserved = true
            reserved += 1
        }
    }

    private mutating func openMore(_ actions: inout Actions) {
        let opening = entries.count - openCount
        // Statements are content with what there is, but a loaded pool grows.
        let isLoaded = entries.values.allSatisfy { $0.isLeased || $0.isReserved || $0.load > 0 }
        var wanted = leaseWaiters + (waiters.count > leaseWaiters || (isLoaded && !entries.isEmpty) ? 1 : 0)
        if keepsMinimum { wanted = max(wanted, minimum - openCount) }
        // After a failure one attempt at a time is enough to find out whether the server is back.
        if failures > 0 { wanted = min(wanted, 1) }
        var missing = min(wanted - opening, maximum - entries.count)
        while missing > 0 {
            nextID += 1
            entries[nextID] = Entry()
            actions.open.append(nextID)
            missing -= 1
        }
    }
}
