/// Time between attempts to reconnect: doubles up to a limit, and varies so that many clients don't come back at once.
struct Backoff: Sendable {
    let range: ClosedRange<Duration>

    /// - Parameter failures: Failed attempts in a row, 1 or more.
    func delay(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(max(0, failures - 1), 20)
        let full = min(range.lowerBound * (1 << doublings), range.upperBound)
        return full * Double.random(in: 0.5...1, using: &random)
    }
}
