import struct Foundation.UUID

/// How many calls are open at a PBX under the leases of an engine.
package struct LeaseCalls: Sendable, Hashable {
    /// The start of an engine that holds the leases, or held them last.
    package var engine: UUID
    package var pbx: String
    /// nil when the plans name none.
    package var trunk: String?
    package var count: Int

    package init(engine: UUID, pbx: String, trunk: String? = nil, count: Int) {
        self.engine = engine
        self.pbx = pbx
        self.trunk = trunk
        self.count = count
    }
}
