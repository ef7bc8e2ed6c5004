import struct Foundation.UUID

/// How many calls are open at a PBX under the leases of an engine.
package struct LeaseCalls: Sendable, Hashable {
    /// The start of an engine that holds the leases, or held them last.
    package var engine: UUID
    package var pbx: String
    package var count: Int

    package init(engine: UUID, pbx: String, count: Int) {
        self.engine = engine
        self.pbx = pbx
        self.count = count
    }
}
