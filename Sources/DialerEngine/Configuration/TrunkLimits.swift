/// What one trunk may carry, whichever Asterisk its calls go by.
package struct TrunkLimits: Sendable, Hashable {
    /// A plan's `trunk_name`, as it is dialed.
    package var name: String
    /// The PBX its calls go by; nil for any.
    package var pbx: String?
    /// Calls in progress at once, from 1; nil for as many as the PBXs carry.
    package var maxCalls: Int?
    /// Calls placed a second, above 0; nil for as many as the PBXs carry.
    package var maxCallsPerSecond: Double?

    package init(
        name: String, pbx: String? = nil, maxCalls: Int? = nil, maxCallsPerSecond: Double? = nil
    ) {
        self.name = name
        self.pbx = pbx
        self.maxCalls = maxCalls
        self.maxCallsPerSecond = maxCallsPerSecond
    }
}
