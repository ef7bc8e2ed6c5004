import struct Foundation.UUID

// What every resource has is reached through its protocol, where a key path has no offset to go by.

extension FieldAccessor where R: Resource, Value == UUID {
    package static var uuid: Self { Self(get: { $0.uuid }, set: { $0.uuid = $1 }) }
}

extension FieldAccessor where R: Resource, Value == Bool {
    package static var inUse: Self { Self(get: { $0.inUse }, set: { $0.inUse = $1 }) }
}

extension FieldAccessor where R: Resource, Value == Timestamp? {
    package static var createdAt: Self { Self(get: { $0.createdAt }, set: { $0.createdAt = $1 }) }
    package static var deletedAt: Self { Self(get: { $0.deletedAt }, set: { $0.deletedAt = $1 }) }
    package static var updatedAt: Self { Self(get: { $0.updatedAt }, set: { $0.updatedAt = $1 }) }
}
