import Testing

/// Waits until something is true, looking every few milliseconds; records an issue when it is not within the time.
@discardableResult
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while true {
        if try await condition() { return true }
        if ContinuousClock.now > end {
            Issue.record("never came true: \(what)", sourceLocation: sourceLocation)
            return false
        }
        try await ContinuousClock().sleep(for: .milliseconds(5))
    }
}
