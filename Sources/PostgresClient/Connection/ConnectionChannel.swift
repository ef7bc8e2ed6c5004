import CLibpq
import DequeModule
import EventLoop
import Logging

/// One connection: owns the `PGconn`, runs on the event loop's thread, keeps libpq in pipeline mode and answers its
/// requests in order. Requests of different tasks share the line; each ends with a Sync of its own, so an error stays
/// with the request it belongs to.
actor ConnectionChannel {
    nonisolated let id: UInt64
    nonisolated let eventLoop: EventLoop
    nonisolated let configuration: PostgresConfiguration
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.asUnownedSerialExecutor() }

    let logger: Logger
    private let redact: @Sendable (String) -> String
    private let noticeSink: NoticeSink
    /// Asks the server for another connection; nil where there is no other server to go to.
    let isServerAlive: (@Sendable () async -> Bool)?
    private let onClosed: @Sendable (PostgresError) -> Void

    /// nil once closed.
    var connection: OpaquePointer?
    var watch: DescriptorWatch?
    var deadline: LoopTimer?
    private var deadlineIsSet = false
    var silence: LoopTimer?
    var isSilenceWatched = false
    var inquiry: Task<Void, Never>?
    var lastProgress = ContinuousClock.now
    private var closeReason: PostgresError?

    var waiting = Deque<Request>()
    var inFlight = Deque<Request>()
    private var nextID: UInt64 = 0
    var statements: StatementCache
    var copy: CopyState?
    /// What became of a COPY, until its owner asks.
    var copyVerdicts: [UInt64: Result<Int, PostgresError>] = [:]
    /// BEGIN of a transaction whose first statement hasn't come yet.
    private var pendingPrefix: String?

    var cancelHandle: CancelHandle?
    var cancelsInFlight = 0
    var lastCancel: ContinuousClock.Instant?

    var handshake: CheckedContinuation<Result<Void, PostgresError>, Never>?
    private var onNotification: (@Sendable (_ channel: String, _ payload: String, _ processID: Int32) -> Void)?

    /// Sent and unanswered at most; more wait here, where they can still be taken back or moved.
    private static let maximumInFlight = 128

    init(
        id: UInt64, taking started: StartedConnection, eventLoop: EventLoop, configuration: PostgresConfiguration,
        redact: @escaping @Sendable (String) -> String, logger: Logger, isServerAlive: (@Sendable () async -> Bool)?,
        onClosed: @escaping @Sendable (PostgresError) -> Void
    ) {
        self.id = id
        self.connection = started.pointer
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.redact = redact
        self.logger = logger
        self.noticeSink = NoticeSink(logger: logger)
        self.isServerAlive = isServerAlive
        self.onClosed = onClosed
        self.statements = StatementCache(capacity: configuration.statementCacheCapacity)
        noticeSink.attach(to: started.pointer)
    }

    isolated deinit {
        shut(PostgresError(.closed, "the connection was dropped"))
    }

    // MARK: Requests

    /// Runs statements with one Sync: one round trip, and outside a transaction block an implicit transaction.
    ///
    /// - Throws: The first statement's error that failed.
    func run(
        _ queries: [PostgresQuery], cancellable: Bool = true, isShared: Bool = false
    ) async throws(PostgresError) -> [ResultOwner] {
        for query in queries { try query.validate() }
        return try await submit(
            .statements(queries), patience: patience, cancellable: cancellable, isShared: isShared)
    }

    /// Runs many statements given as one text. Without parameters, without a client's deadline.
    func script(_ sql: String, cancellable: Bool = true) async throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidParameter, "the script holds a NUL character") }
        _ = try await submit(.script(sql), patience: nil, cancellable: cancellable)
    }

    /// Sends `sql` before the next request's first statement, in its round trip; should `sql` fail, nothing of the
    /// request is executed.
    func prefixNextRequest(_ sql: String) {
        pendingPrefix = sql
    }

    /// Takes the prefix back; false when it has been sent.
    func takePrefix() -> Bool {
        defer { pendingPrefix = nil }
        return pendingPrefix != nil
    }

    func submit(
        _ kind: Request.Kind, patience: Duration?, cancellable: Bool, isShared: Bool = false
    ) async throws(PostgresError) -> [ResultOwner] {
        if cancellable, Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled") }
        if kind.isExclusive, let prefix = pendingPrefix {
            // COPY and scripts leave pipeline mode, so the prefix goes ahead on its own.
            pendingPrefix = nil
            _ = try await submit(
                .statements([PostgresQuery(unescaped: prefix)]), patience: patience, cancellable: cancellable)
        }
        nextID += 1
        let id = nextID
        let outcome: Request.Outcome
        if cancellable {
            outcome = await withTaskCancellationHandler {
                await enqueue(kind, id: id, patience: patience, isShared: isShared, cancellable: true)
            } onCancel: {
                eventLoop.execute { [self] in assumeIsolated { $0.cancel(id) } }
            }
        } else {
            outcome = await enqueue(kind, id: id, patience: patience, isShared: isShared, cancellable: false)
        }
        return try outcome.get()
    }

    private func enqueue(
        _ kind: Request.Kind, id: UInt64, patience: Duration?, isShared: Bool, cancellable: Bool
    ) async -> Request.Outcome {
        await withCheckedContinuation { continuation in
            // Entering a continuation may be a suspension already: a cancellation since found no request to cancel.
            if cancellable, Task.isCancelled {
                continuation.resume(returning: .failure(PostgresError(.cancelled, "the task was cancelled")))
                return
            }
            guard connection != nil else {
                var error = closedError
                if error.code == .connectionLost || error.code == .timeout { error.code = .notSent }
                continuation.resume(returning: .failure(error))
                return
            }
            let request = Request(
                id: id, kind: kind, prefix: pendingPrefix, patience: patience, continuation: continuation)
            request.isShared = isShared
            pendingPrefix = nil
            waiting.append(request)
            pump()
        }
    }

    /// Sends what may be sent.
    func pump() {
        while let connection, let next = waiting.first {
            // While a cancel request is under way nothing new is put in its path.
            guard cancelsInFlight == 0 else { return }
            if next.kind.isExclusive {
                guard inFlight.isEmpty else { return }
            } else {
                guard inFlight.count < Self.maximumInFlight, inFlight.first?.kind.isExclusive != true else { return }
            }
            waiting.removeFirst()
            inFlight.append(next)
            if inFlight.count == 1 { headChanged() }
            guard send(next, on: connection) else { return failFromLibpq() }
            flush()
        }
    }

    // MARK: Socket

    func ready(_ events: DescriptorEvents) {
        guard let connection else { return }
        if events.contains(.write) { flush() }
        guard events.contains(.read), self.connection != nil else { return }
        if let copy, copy.phase == .copying, case .copyOut = inFlight.first?.kind, !copy.hasWaiter {
            // Nobody asked for more yet: leave it in the socket, so that the server waits.
            watch?.interest.remove(.read)
            return
        }
        var isOpen = PQconsumeInput(connection) == 1
        process()
        // OpenSSL may hold decrypted bytes the socket won't announce again.
        while isOpen, self.connection != nil, outpace_pq_tls_pending(connection) > 0 {
            isOpen = PQconsumeInput(connection) == 1
            process()
        }
        guard self.connection != nil else { return }
        if !isOpen || PQstatus(connection) == CONNECTION_BAD { return failFromLibpq() }
        // Answers make room in a pipeline libpq could not write out before.
        if watch?.interest.contains(.write) == true { flush() }
    }

    /// Writes what libpq holds back; asks for writability while something is left.
    func flush() {
        guard let connection else { return }
        switch PQflush(connection) {
        case 0:
            watch?.interest.remove(.write)
            if let copy, copy.phase == .copying, copy.hasWaiter, case .copyIn = inFlight.first?.kind {
                self.copy?.wake()
            }
        case 1:
            // Reading goes on meanwhile: a server that waits for us to read would never read from us.
            watch?.interest.insert(.write)
        default:
            failFromLibpq()
        }
    }

    func process() {
        deliverNotifications()
        while let head = inFlight.first, connection != nil {
            let isOver = head.kind.isExclusive ? advanceExclusive(head) : advancePipelined(head)
            guard isOver, connection != nil else { break }
            finishHead()
        }
        deliverNotifications()
    }

    // MARK: Deadline

    /// A little longer than the server's own limit, which is the cleaner end.
    private var patience: Duration? {
        configuration.statementTimeout > .zero ? configuration.statementTimeout + configuration.deadlineGrace : nil
    }

    func headChanged() {
        guard let head = inFlight.first, head.headSince == nil else { return }
        lastProgress = .now
        head.headSince = lastProgress
        if head.wasCancelled { sendCancel() }
        expectAnswer()
        if let patience = head.patience, !deadlineIsSet {
            deadlineIsSet = true
            deadline?.schedule(after: patience)
        }
    }

    /// The timer is set once and looks at the head when it runs out: cheaper than setting it for every request.
    func checkDeadline() {
        deadlineIsSet = false
        guard let head = inFlight.first, let patience = head.patience else { return }
        let rest = patience - lastProgress.duration(to: .now)
        if rest <= .zero {
            head.error = PostgresError(.timeout, "the server didn't answer within the statement time-out")
            shut(PostgresError(.connectionLost, "closed: the server stopped answering"))
        } else {
            deadlineIsSet = true
            deadline?.schedule(after: rest)
        }
    }

    // MARK: Notifications

    func setNotificationHandler(_ handler: @escaping @Sendable (String, String, Int32) -> Void) {
        onNotification = handler
    }

    private func deliverNotifications() {
        while let connection, let notification = PQnotifies(connection) {
            defer { PQfreemem(notification) }
            onNotification?(
                String(cString: notification.pointee.relname), String(cString: notification.pointee.extra),
                notification.pointee.be_pid)
        }
    }

    // MARK: End

    /// Whether the connection is outside any transaction block, and alive.
    var isIdle: Bool {
        guard let connection else { return false }
        return PQtransactionStatus(connection) == PQTRANS_IDLE
    }

    var isInFailedTransaction: Bool {
        guard let connection else { return false }
        return PQtransactionStatus(connection) == PQTRANS_INERROR
    }

    var isOpen: Bool { connection != nil }

    /// Why the connection is closed, for calls that come later.
    var closedError: PostgresError {
        closeReason ?? PostgresError(.closed, "the connection is closed")
    }

    func close() {
        shut(PostgresError(.closed, "the connection was closed"))
    }

    func failFromLibpq() {
        shut(PostgresError(.connectionLost, libpqMessage("the connection to the database was lost")))
    }

    func libpqMessage(_ fallback: String) -> String {
        guard let connection, let text = PQerrorMessage(connection) else { return fallback }
        let lines = String(cString: text).split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        return lines.isEmpty ? fallback : redact(lines.joined(separator: " "))
    }

    /// Closes the book on a COPY: `failure`, or the rows it counted.
    func endCopyState(_ failure: Result<Int, PostgresError>?) {
        if let copy, copy.phase != .discarding {
            copyVerdicts[copy.requestID] = failure ?? .success(copy.affectedRows)
        }
        copy?.wake()
        copy = nil
    }

    /// Ends the connection and resolves every request: those sent as lost, those not sent as such.
    func shut(_ reason: PostgresError) {
        guard let connection else { return }
        self.connection = nil
        closeReason = reason
        watch?.close()
        watch = nil
        deadline?.close()
        deadline = nil
        silence?.close()
        silence = nil
        inquiry?.cancel()
        PQfinish(connection)
        cancelHandle = nil
        let sent = inFlight
        let unsent = waiting
        inFlight = []
        waiting = []
        endCopyState(.failure(sent.first?.error ?? reason))
        for request in sent {
            request.resolve(.failure(request.error.map { classify($0, of: request) } ?? reason))
        }
        for request in unsent {
            var error = reason
            if reason.code != .closed { error.code = .notSent }
            request.resolve(.failure(error))
        }
        handshake?.resume(returning: .failure(reason))
        handshake = nil
        onClosed(reason)
    }
}
