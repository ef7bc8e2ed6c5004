import CLibpq
import EventLoop

// From PQconnectStart to a session that takes requests.
extension ConnectionChannel {
    /// Carries the connection from PQconnectStart to ready. Ends with an error that says `silence` when `timeout` is over.
    func connect(timeout: Duration, orSay silence: String) async throws(PostgresError) {
        let timer = LoopTimer(on: eventLoop) { [weak self] in
            self?.assumeIsolated { channel in
                channel.shut(PostgresError(.connectionFailed, silence))
            }
        }
        timer.schedule(after: timeout)
        defer { timer.close() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, PostgresError>, Never>) in
                // Entering a continuation may be a suspension already, and the time may be up since.
                guard connection != nil else { return continuation.resume(returning: .failure(closedError)) }
                handshake = continuation
                if Task.isCancelled {
                    shut(PostgresError(.cancelled, "cancelled while connecting"))
                } else {
                    awaitSocket(.write)
                }
            }
        } onCancel: {
            eventLoop.execute { [self] in
                assumeIsolated { $0.endHandshake(PostgresError(.cancelled, "cancelled while connecting")) }
            }
        }
        try outcome.get()
        guard let connection else { throw closedError }
        guard PQserverVersion(connection) >= 150_000 else {
            let error = PostgresError(
                .invalidConfiguration,
                "the server is PostgreSQL \(PQserverVersion(connection) / 10_000); 15 is the oldest supported")
            shut(error)
            throw error
        }
        do {
            try await script(SessionSettings.sql(statementTimeout: configuration.statementTimeout))
        } catch {
            shut(error)
            throw error
        }
    }

    private func endHandshake(_ error: PostgresError) {
        if handshake != nil { shut(error) }
    }

    /// libpq may change the socket in every step, so it is watched anew each time.
    private func awaitSocket(_ interest: DescriptorEvents) {
        guard let connection else { return }
        watch?.close()
        let descriptor = PQsocket(connection)
        guard descriptor >= 0 else { return failConnecting() }
        let watch = DescriptorWatch(on: eventLoop, descriptor: descriptor) { [weak self] _ in
            self?.assumeIsolated { $0.continueHandshake() }
        }
        watch.interest = interest
        self.watch = watch
    }

    private func continueHandshake() {
        guard let connection, handshake != nil else { return }
        // Before the step, which may close the descriptor.
        watch?.close()
        watch = nil
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: awaitSocket(.read)
        case PGRES_POLLING_WRITING: awaitSocket(.write)
        case PGRES_POLLING_OK: becomeReady(connection)
        default: failConnecting()
        }
    }

    private func failConnecting() {
        let message = libpqMessage("the database can't be reached")
        var error = PostgresError(.connectionFailed, message)
        error.sqlState = ConnectFailure.sqlState(of: message)
        shut(error)
    }

    private func becomeReady(_ connection: OpaquePointer) {
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            return failConnecting()
        }
        cancelHandle = CancelHandle(connection: connection)
        let watch = DescriptorWatch(on: eventLoop, descriptor: PQsocket(connection)) { [weak self] events in
            self?.assumeIsolated { $0.ready(events) }
        }
        watch.interest = .read
        self.watch = watch
        deadline = LoopTimer(on: eventLoop) { [weak self] in
            self?.assumeIsolated { $0.checkDeadline() }
        }
        if isServerAlive != nil {
            silence = LoopTimer(on: eventLoop) { [weak self] in
                self?.assumeIsolated { $0.checkSilence() }
            }
        }
        handshake?.resume(returning: .success(()))
        handshake = nil
    }
}
