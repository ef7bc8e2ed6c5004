import CLibpq
import EventLoop

// Scripts and COPY: out of pipeline mode, alone on the connection.
extension ConnectionChannel {
    /// Reads the head's results as far as they are here; true when it is over.
    func advanceExclusive(_ head: Request) -> Bool {
        while let connection {
            if let phase = copy?.phase {
                switch phase {
                case .copying:
                    // Data goes by writeCopy and readCopy. What the server says to a COPY FROM waits for its end. A reader is
                    // not woken for every few rows: they are gathered here, as long as it waits.
                    if case .copyOut = head.kind, copy?.hasWaiter == true, !gatherRows(connection) { return false }
                    self.copy?.wake()
                    return false
                case .discarding:
                    guard discardCopy(connection) else { return false }
                case .ending:
                    break
                }
            }
            guard PQisBusy(connection) == 0 else { return false }
            guard let pointer = PQgetResult(connection) else { return true }
            receiveExclusive(ResultOwner(taking: pointer), of: head)
        }
        return false
    }

    private func receiveExclusive(_ result: ResultOwner, of head: Request) {
        switch (result.status, head.kind) {
        case (PGRES_COPY_IN, .copyIn), (PGRES_COPY_OUT, .copyOut):
            copy = CopyState(requestID: head.id)
            head.resolve(.success([]))
            if head.wasCancelled, case .copyOut = head.kind { copy?.phase = .discarding }
        case (PGRES_COPY_IN, _), (PGRES_COPY_OUT, _), (PGRES_COPY_BOTH, _):
            head.error = PostgresError(.invalidState, "the statement is a COPY of another kind than was asked for")
            shut(PostgresError(.connectionLost, "closed: an unexpected COPY"))
        case (PGRES_TUPLES_OK, _), (PGRES_COMMAND_OK, _), (PGRES_EMPTY_QUERY, _):
            copy?.affectedRows = result.affectedRows
            if copy == nil, case .copyIn = head.kind, head.error == nil {
                head.error = PostgresError(.invalidState, "the statement given to copyIn is no COPY … FROM STDIN")
            } else if copy == nil, case .copyOut = head.kind, head.error == nil {
                head.error = PostgresError(.invalidState, "the statement given to copyOut is no COPY … TO STDOUT")
            }
        default:
            if head.error == nil { head.error = result.error() }
        }
    }

    /// Throws away what the server still sends; true at the end of the data.
    private func discardCopy(_ connection: OpaquePointer) -> Bool {
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &buffer, 1)
            PQfreemem(buffer)
            if count == 0 { return false }
            if count < 0 {
                copy?.phase = .ending
                return true
            }
        }
    }

    // MARK: COPY

    /// Starts a COPY and returns the number to name it by.
    func beginCopy(_ kind: Request.Kind, cancellable: Bool = true) async throws(PostgresError) -> UInt64 {
        _ = try await submit(kind, patience: nil, cancellable: cancellable)
        guard let copy else {
            throw connection == nil ? closedError : PostgresError(.cancelled, "the COPY was cancelled")
        }
        return copy.requestID
    }

    /// Hands data to a COPY FROM and returns when libpq has written all of it to the socket: libpq itself would take any
    /// amount into memory.
    func writeCopy(_ id: UInt64, _ bytes: [UInt8]) async throws(PostgresError) {
        guard let connection, copy?.requestID == id, copy?.phase == .copying else { throw copyIsOver }
        let taken = bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return Int32(1) }
            return PQputCopyData(connection, start.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        guard taken == 1 else {
            failFromLibpq()
            throw closedError
        }
        flush()
        while isWriting(id) {
            await waitForCopy { $0.isWriting(id) }
        }
        guard self.connection != nil else { throw closedError }
    }

    /// Ends a COPY FROM: with `failure` the server undoes it. Returns the rows copied.
    func endCopy(_ id: UInt64, failure: String? = nil) async throws(PostgresError) -> Int {
        guard let connection, copy?.requestID == id else { return try await verdict(id) }
        guard PQputCopyEnd(connection, failure) == 1 else {
            failFromLibpq()
            throw closedError
        }
        copy?.phase = .ending
        flush()
        // A server that refused a row has said so already: its verdict may be in libpq's buffer, and nothing turns readable for it.
        eventLoop.execute { [self] in assumeIsolated { $0.process() } }
        return try await verdict(id)
    }

    private func isWriting(_ id: UInt64) -> Bool {
        copy?.requestID == id && watch?.interest.contains(.write) == true
    }

    /// Suspends until the COPY's state changes. `isNeeded` is asked once more where nothing can come between it and the
    /// registration: entering a continuation may be a suspension already.
    private func waitForCopy(while isNeeded: (isolated ConnectionChannel) -> Bool) async {
        await withCheckedContinuation { continuation in
            guard isNeeded(self), copy != nil else { return continuation.resume() }
            copy?.wait(continuation)
        }
    }

    /// Waits for the server's last word on a COPY: the rows copied.
    private func verdict(_ id: UInt64) async throws(PostgresError) -> Int {
        while copyVerdicts[id] == nil, copy?.requestID == id {
            await waitForCopy { $0.copyVerdicts[id] == nil && $0.copy?.requestID == id }
        }
        guard let verdict = copyVerdicts.removeValue(forKey: id) else { throw copyIsOver }
        return try verdict.get()
    }

    /// The next piece of a COPY TO: whole rows, some 64 KiB but for the last; nil at the end.
    func readCopy(_ id: UInt64) async throws(PostgresError) -> [UInt8]? {
        while let connection, copy?.requestID == id, copy?.phase == .copying {
            if gatherRows(connection) {
                if copy?.isAtEnd == true {
                    copy?.phase = .ending
                    watch?.interest.insert(.read)
                    // The verdict may be in libpq's buffer already, so nothing may turn readable for it.
                    eventLoop.execute { [self] in assumeIsolated { $0.process() } }
                }
                if let piece = copy?.takePiece(), !piece.isEmpty { return piece }
                continue
            }
            await waitForCopy { channel in
                channel.watch?.interest.insert(.read)
                return channel.copy?.requestID == id
            }
        }
        _ = try await verdict(id)
        return nil
    }

    /// Takes the rows libpq holds into the piece that is being gathered; true once it is whole, or the last.
    private func gatherRows(_ connection: OpaquePointer) -> Bool {
        while copy?.isAtEnd == false, copy?.hasWholePiece == false {
            var buffer: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &buffer, 1)
            guard count != 0 else { return false }
            guard count > 0, let buffer else {
                copy?.isAtEnd = true
                return true
            }
            copy?.gather(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
            PQfreemem(buffer)
        }
        return true
    }

    /// The reader of a COPY TO went away: asks the server to stop and throws the rest away.
    func abandonCopy(_ id: UInt64) {
        copyVerdicts[id] = nil
        guard let connection, copy?.requestID == id, copy?.phase == .copying, case .copyOut = inFlight.first?.kind
        else {
            return
        }
        watch?.interest.insert(.read)
        if copy?.isAtEnd == true {
            // There is nothing left to stop, and what is cancelled might be the next statement.
            copy?.phase = .ending
        } else {
            inFlight.first?.wasCancelled = true
            copy?.phase = .discarding
            sendCancel()
        }
        if PQconsumeInput(connection) == 1 { process() } else { failFromLibpq() }
    }

    /// Ends a COPY TO that a lease leaves behind.
    func abandonAnyCopy() {
        if let copy { abandonCopy(copy.requestID) }
        copyVerdicts.removeAll()
    }

    private var copyIsOver: PostgresError {
        connection == nil ? closedError : PostgresError(.invalidState, "the COPY is over")
    }
}
