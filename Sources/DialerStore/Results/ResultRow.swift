import struct Foundation.UUID

/// One line the results file gets.
package struct ResultRow: Sendable, Hashable {
    /// From 1 without a gap, in the order the results were committed.
    package var sequence: Int64
    package var dialing: UUID
    /// UTF-8, without the newline; empty when another engine's file gets it.
    package var line: [UInt8]

    package init(sequence: Int64, dialing: UUID, line: [UInt8]) {
        self.sequence = sequence
        self.dialing = dialing
        self.line = line
    }
}
