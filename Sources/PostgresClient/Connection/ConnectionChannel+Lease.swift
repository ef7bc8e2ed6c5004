import CLibpq

extension ConnectionChannel {
    /// Brings the connection back to how it was before a lease, or closes it when that fails.
    ///
    /// - Parameter resetting: Whether the holder may have changed the session; after a transaction only its state is
    ///   looked at.
    func endLease(resetting: Bool) async {
        abandonAnyCopy()
        _ = takePrefix()
        guard isOpen, resetting || !isIdle else { return }
        do throws(PostgresError) {
            if !isIdle { _ = try await run(["ROLLBACK"], cancellable: false) }
            if resetting {
                try await script(
                    SessionSettings.reset(statementTimeout: configuration.statementTimeout), cancellable: false)
            }
        } catch {
            shut(PostgresError(.connectionLost, "closed: the session could not be reset"))
        }
    }
}
