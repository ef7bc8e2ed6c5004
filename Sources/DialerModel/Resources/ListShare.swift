import struct Foundation.UUID

/// One of the lists a campaign dials, and its part of the calls where they are mixed.
package struct ListShare: Sendable, Hashable {
    /// The most lists one campaign can have.
    package static let maximumCount = 64
    package static let weights = 1...100

    package var dlma: UUID
    /// 1 to 100; of two lists one with three times the weight of the other gets three of four calls. Counts with
    /// ``ListMode/mixed`` alone.
    package var weight: Int

    package init(dlma: UUID, weight: Int = 1) {
        self.dlma = dlma
        self.weight = weight
    }
}
