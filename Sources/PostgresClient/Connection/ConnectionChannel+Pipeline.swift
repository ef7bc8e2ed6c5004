import CLibpq
import DequeModule
import EventLoop

// Sending statements in pipeline mode, and sorting the answers to them.
extension ConnectionChannel {
    func send(_ request: Request, on connection: OpaquePointer) -> Bool {
        switch request.kind {
        case .script(let sql), .copyIn(let sql), .copyOut(let sql):
            return PQexitPipelineMode(connection) == 1 && PQsendQuery(connection, sql) == 1
        case .statements(let queries):
            if let prefix = request.prefix {
                guard sendUnnamed(PostgresQuery(unescaped: prefix), on: connection) else { return false }
                request.steps.append(.silent)
            }
            for query in queries {
                guard send(query, of: request, on: connection) else { return false }
            }
            request.steps.append(.sync)
            return PQpipelineSync(connection) == 1
        }
    }

    private func send(_ query: PostgresQuery, of request: Request, on connection: OpaquePointer) -> Bool {
        let key = StatementCache.Key(sql: query.sql, types: query.parameters.types)
        let name: String
        switch statements.plan(for: key, request: request.id) {
        case .unnamed:
            request.steps.append(.execute)
            return sendUnnamed(query, on: connection)
        case .named(let known):
            name = known
        case .prepare(let new, let evicted):
            name = new
            if let evicted {
                // In this request's own Sync: it cannot fail but in an aborted transaction, where all else fails too.
                guard sendUnnamed(PostgresQuery(unescaped: "DEALLOCATE \(evicted)"), on: connection) else {
                    return false
                }
                request.steps.append(.silent)
            }
            let types = query.parameters.types
            guard PQsendPrepare(connection, name, query.sql, Int32(types.count), types) == 1 else { return false }
            request.steps.append(.prepare(key))
        }
        request.usesPreparedStatements = true
        request.steps.append(.execute)
        return query.parameters.withPointers { _, values in
            PQsendQueryPrepared(connection, name, Int32(query.parameters.count), values, nil, nil, 0) == 1
        }
    }

    private func sendUnnamed(_ query: PostgresQuery, on connection: OpaquePointer) -> Bool {
        query.parameters.withPointers { types, values in
            PQsendQueryParams(connection, query.sql, Int32(query.parameters.count), types, values, nil, nil, 0) == 1
        }
    }

    /// Reads the head's answers as far as they are here; true when it has all of them.
    func advancePipelined(_ head: Request) -> Bool {
        var emptyReads = 0
        while let connection, PQisBusy(connection) == 0 {
            guard let pointer = PQgetResult(connection) else {
                // The end of one statement's results, or nothing here at all.
                if head.stepHasResult {
                    head.stepHasResult = false
                    head.steps.removeFirst()
                    emptyReads = 0
                } else {
                    emptyReads += 1
                    if emptyReads > 1 { return false }
                }
                continue
            }
            lastProgress = .now
            let result = ResultOwner(taking: pointer)
            guard let step = head.steps.first else {
                shut(PostgresError(.unexpectedResult, "the server sent more results than statements were sent"))
                return false
            }
            if case .sync = step {
                guard result.status == PGRES_PIPELINE_SYNC else {
                    // A server that is shutting down says so here.
                    if head.error == nil { head.error = result.error() }
                    continue
                }
                return true
            }
            head.stepHasResult = true
            receive(result, for: step, of: head)
        }
        return false
    }

    private func receive(_ result: ResultOwner, for step: Request.Step, of head: Request) {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            switch step {
            case .prepare(let key): statements.prepared(key)
            case .execute: head.results.append(result)
            case .silent, .sync: break
            }
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            head.error = PostgresError(.invalidState, "COPY goes through copyIn and copyOut, not through a query")
            shut(PostgresError(.connectionLost, "closed: a COPY was sent as a query"))
        default:
            if case .prepare(let key) = step { statements.remove(key) }
            if head.error == nil, result.status != PGRES_PIPELINE_ABORTED { head.error = result.error() }
        }
    }

    /// Takes the head off the line and resolves it, or sends it once more when it failed through no fault of its own.
    func finishHead() {
        guard let connection else { return }
        let head = inFlight.removeFirst()
        lastProgress = .now
        if head.kind.isExclusive {
            endCopyState(head.error.map { .failure(classify($0, of: head)) })
            watch?.interest.insert(.read)
            guard PQenterPipelineMode(connection) == 1 else {
                head.resolve(.failure(head.error ?? closedError))
                return failFromLibpq()
            }
        }
        if let error = head.error {
            if mayRepeat(head, after: error, on: connection) {
                head.rewind()
                waiting.prepend(head)
            } else {
                head.resolve(.failure(classify(error, of: head)))
            }
        } else {
            head.resolve(.success(head.results))
        }
        headChanged()
        pump()
    }

    private func mayRepeat(_ request: Request, after error: PostgresError, on connection: OpaquePointer) -> Bool {
        guard case .statements = request.kind, request.prefix == nil, !request.wasCancelled, request.attempts < 3,
            // libpq says "active" as long as anything stands behind in the pipeline.
            request.isShared || PQtransactionStatus(connection) == PQTRANS_IDLE
        else { return false }
        switch error.sqlState {
        case .invalidStatementName where request.usesPreparedStatements:
            // DISCARD ALL or DEALLOCATE ALL took our statements away.
            statements.removeAll()
            return true
        case .featureNotSupported where request.usesPreparedStatements && request.attempts == 0:
            // "cached plan must not change result type": a table was altered since.
            statements.removeAll()
            return true
        case .queryCanceled:
            // Hit by a cancel request that was meant for the one before it.
            guard let lastCancel else { return false }
            return cancelsInFlight > 0 || lastCancel.duration(to: .now) < .seconds(1)
        default:
            return false
        }
    }

    func classify(_ error: PostgresError, of request: Request) -> PostgresError {
        guard error.sqlState == .queryCanceled else { return error }
        var error = error
        if request.wasCancelled {
            error.code = .cancelled
        } else if let start = request.headSince, configuration.statementTimeout > .zero,
            error.message.contains("statement timeout") || start.duration(to: .now) >= configuration.statementTimeout
        {
            error.code = .timeout
        }
        return error
    }
}
