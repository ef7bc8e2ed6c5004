// A COPY or a script may well take longer than a statement, so the server's limit is lifted for it.
extension ConnectionChannel {
    func liftStatementTimeout() async throws(PostgresError) {
        guard configuration.statementTimeout > .zero else { return }
        _ = try await run([PostgresQuery(unescaped: SessionSettings.setStatementTimeout(.zero))])
    }

    /// Sets the limit again. In a failed transaction that isn't possible and not needed: its end undoes the change.
    func restoreStatementTimeout() async {
        guard configuration.statementTimeout > .zero, isOpen, !isInFailedTransaction else { return }
        let sql = SessionSettings.setStatementTimeout(configuration.statementTimeout)
        do {
            _ = try await run([PostgresQuery(unescaped: sql)], cancellable: false)
        } catch {
            shut(PostgresError(.connectionLost, "closed: the statement time-out could not be set"))
        }
    }
}
