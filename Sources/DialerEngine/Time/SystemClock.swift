import DialerModel
import Glibc

/// The machine's own clocks.
package struct SystemClock: EngineClock {
    private let start = ContinuousClock.now

    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package func uptime() -> Duration {
        self.start.duration(to: .now)
    }

    package func sleep(until instant: Duration) async throws {
        try await ContinuousClock().sleep(until: self.start.advanced(by: instant), tolerance: .zero)
    }
}
