/// Waits until a condition holds, looking every few milliseconds.
///
/// - Returns: Whether it held before the time was over.
package func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows
    -> Bool
{
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return true }
        try? await clock.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
