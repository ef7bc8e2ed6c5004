/// Waiting for something that another part does in its own time.
enum Poll {
    /// The answer was never right; this was the last one.
    struct TimedOut: Error {
        var last: String
    }

    /// Asks again and again until the answer is right.
    ///
    /// - Throws: ``TimedOut`` after a minute.
    static func until<Value>(
        _ ask: () async throws -> Value,
        holds: (Value) -> Bool
    ) async throws -> Value {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        var last = ""
        while clock.now < deadline {
            let value = try await ask()
            last = "\(value)"
            if holds(value) { return value }
            try await clock.sleep(for: .milliseconds(20))
        }
        throw TimedOut(last: last)
    }
}
