import OrderedCollections

import struct Foundation.UUID

extension Resource {
    /// A new resource from the body of a POST: defaults, then the body's fields.
    ///
    /// Known fields a client may not set are passed over; unknown ones are refused.
    ///
    /// - Throws: ``ValidationError`` naming the first field at fault.
    package static func decodeNew(
        from body: JSONValue,
        uuid: UUID,
        now: Timestamp
    ) throws(ValidationError) -> Self {
        try Self.decodeNew(from: body, startingWith: Self(blank: uuid), now: now)
    }

    /// ``decodeNew(from:uuid:now:)`` with other defaults than the usual.
    package static func decodeNew(
        from body: JSONValue,
        startingWith blank: Self,
        now: Timestamp
    ) throws(ValidationError) -> Self {
        var resource = blank
        resource.inUse = true
        resource.createdAt = now
        resource.updatedAt = nil
        resource.deletedAt = nil
        let members = try Self.members(of: body)
        for field in Self.fields where field.isRequired && members[field.name] == nil {
            throw ValidationError(field: field.name, message: "\(field.name): is required")
        }
        try resource.set(members, settable: [.createAndUpdate])
        try resource.validate()
        return resource
    }

    /// Changes the fields the body of a PUT names, all or (when it throws) none. `now`, when given, becomes `tm_update`.
    ///
    /// - Throws: ``ValidationError`` naming the first field at fault.
    package mutating func apply(_ body: JSONValue, now: Timestamp? = nil) throws(ValidationError) {
        var changed = self
        try changed.set(try Self.members(of: body), settable: [.createAndUpdate, .updateOnly])
        try changed.validate()
        if let now { changed.updatedAt = now }
        self = changed
    }

    /// Reads back what ``write(to:)`` or ``json`` gave. A field that is missing keeps its default, one this version does not know is
    /// passed over: a snapshot may be older or newer than the program.
    ///
    /// - Throws: ``ValidationError`` when the uuid is missing or a field is of another type.
    package init(json: JSONValue) throws(ValidationError) {
        let members = try Self.members(of: json)
        guard let text = members["uuid"]?.stringValue, let uuid = UUID(wire: text) else {
            throw ValidationError(field: "uuid", message: "uuid: is missing or not a uuid")
        }
        self.init(blank: uuid)
        for field in Self.fields {
            guard let value = members[field.name] else { continue }
            do throws(FieldError) {
                try field.restore(value, into: &self)
            } catch {
                throw ValidationError(field: field.name, error)
            }
        }
    }

    /// Writes the whole resource as one object, fields in wire order.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        self.writeFields(to: &writer)
        writer.endObject()
    }

    /// Writes the fields into an object the caller opened (and may add to).
    package func writeFields(to writer: inout JSONWriter) {
        Self.fieldTable.write(self, to: &writer)
    }

    /// The whole resource, fields in wire order.
    package var json: JSONValue {
        var members = OrderedDictionary<String, JSONValue>(minimumCapacity: Self.fields.count)
        for field in Self.fields { members[field.name] = field.value(of: self) }
        return .object(members)
    }

    private mutating func set(
        _ members: OrderedDictionary<String, JSONValue>,
        settable: Set<Field<Self>.Access>
    ) throws(ValidationError) {
        for (name, value) in members {
            guard let field = Self.fieldTable[name] else { throw Self.unknownField(name) }
            guard settable.contains(field.access) else { continue }
            do throws(FieldError) {
                try field.decode(value, into: &self)
            } catch {
                throw ValidationError(field: name, error)
            }
        }
    }

    private static func unknownField(_ name: String) -> ValidationError {
        let shown = String(name.prefix(64)).filter { !$0.isNewline }
        let settable = Self.fields.filter { $0.access != .readOnly }.map(\.name).joined(separator: ", ")
        return ValidationError(
            field: shown,
            message: "\(shown): unknown field; a \(Self.kind.rawValue) has \(settable)"
        )
    }

    private static func members(
        of body: JSONValue
    ) throws(ValidationError) -> OrderedDictionary<String, JSONValue> {
        guard case .object(let members) = body else {
            throw ValidationError(message: "expected a JSON object, got \(body.excerpt)")
        }
        return members
    }
}
