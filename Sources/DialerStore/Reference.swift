import DialerModel

import struct Foundation.UUID

/// A resource that refers to another.
package struct Reference: Sendable, Hashable {
    package var kind: ResourceKind
    package var uuid: UUID
    package var name: String?

    package init(kind: ResourceKind, uuid: UUID, name: String?) {
        self.kind = kind
        self.uuid = uuid
        self.name = name
    }
}
