/// Time as the client sees it: how long something has been running, and how to wait. Tests put a clock of their own here.
public struct AMIClock: Sendable {
    private let read: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    /// Time since some fixed moment; never runs backwards.
    public var now: Duration { self.read() }

    /// Waits, or throws when the task is cancelled.
    public func sleep(for duration: Duration) async throws { try await self.wait(duration) }

    /// Any clock that counts in `Duration`.
    public init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let start = clock.now
        self.read = { start.duration(to: clock.now) }
        self.wait = { try await clock.sleep(for: $0) }
    }

    /// The machine's monotonic clock.
    public static var continuous: AMIClock { AMIClock(ContinuousClock()) }
}
