/// What one PBX may carry.
package struct LineLimits: Sendable, Hashable {
    /// Calls in progress at once, from 1.
    package var maxCalls: Int
    /// Calls placed a second, above 0.
    package var maxCallsPerSecond: Double

    package init(maxCalls: Int = 200, maxCallsPerSecond: Double = 20) {
        self.maxCalls = maxCalls
        self.maxCallsPerSecond = maxCallsPerSecond
    }
}
