/// What one PBX may carry.
package struct LineLimits: Sendable, Hashable {
    /// Calls in progress at once, from 1.
    package var maxCalls: Int
    /// Calls placed a second, above 0.
    package var maxCallsPerSecond: Double
    /// Its part of the calls that may go by any PBX, 1…100, against the others' weights.
    package var weight: Int

    package init(maxCalls: Int = 200, maxCallsPerSecond: Double = 20, weight: Int = 1) {
        self.maxCalls = maxCalls
        self.maxCallsPerSecond = maxCallsPerSecond
        self.weight = weight
    }
}
