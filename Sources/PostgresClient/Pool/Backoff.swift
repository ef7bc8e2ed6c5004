/// Time between attempts to reconnect: doubles up to a limit, and varies so that many clients don't come back at once.
struct Backoff: Sendable {
    let range: ClosedRange<Duration>

    /// - Parameters:
    ///   - failures: Failed attempts in a row, 1 or more.
    ///   - chance: From 0, half of the time, to 1, all of it.
    func delay(afterFailures failures: Int, chance: Double = .random(in: 0...1)) -> Duration {
        let doublings = min(max(0, failures - 1), 20)
        let full = min(range.lowerBound * (1 << doublings), range.upperBound)
        return full * (0.5 + chance / 2)
    }
}
