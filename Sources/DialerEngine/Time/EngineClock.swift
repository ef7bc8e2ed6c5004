import DialerModel

/// Where the engine's time comes from: the wall clock for what people and the database see, a steady one for waiting.
package protocol EngineClock: Sendable {
    /// The wall clock. May be stepped by an operator; nothing is ever waited for by it alone.
    func now() -> Timestamp

    /// Time since some fixed moment; never goes back, counts through wall clock steps.
    func uptime() -> Duration

    /// Waits until ``uptime()`` has reached `instant`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(until instant: Duration) async throws
}

extension EngineClock {
    /// The steady instant at which the wall clock will show `timestamp`, if nobody steps it before.
    func uptime(at timestamp: Timestamp) -> Duration {
        self.uptime() + (timestamp - self.now())
    }
}
