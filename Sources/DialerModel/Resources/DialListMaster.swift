import struct Foundation.UUID

/// A named list of contacts ("dlma" on the wire).
package struct DialListMaster: Sendable, Hashable {
    package var uuid: UUID
    package var name: String?
    package var detail: String?
    package var variables = JSONValue.null
    package var inUse = true
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }
}
