import struct Foundation.UUID

/// An engine that lives, and how it is spoken of.
package struct EngineIdentity: Sendable, Hashable {
    /// Its present start.
    package var uuid: UUID
    package var name: String

    package init(uuid: UUID, name: String) {
        self.uuid = uuid
        self.name = name
    }
}
