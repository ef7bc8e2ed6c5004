/// One wire field of a resource: its name, its rules and how it is read from and written to the value.
package struct Field<R: Sendable>: Sendable {
    /// Who may set a field. A known field where it may not be set is passed over silently, as jade did.
    package enum Access: Sendable, Hashable, CaseIterable {
        case readOnly
        /// By POST and PUT.
        case createAndUpdate
        /// By PUT only.
        case updateOnly
    }

    /// The name on the wire.
    package let name: String
    package let access: Access
    package let schema: FieldSchema
    /// A POST without this field is refused.
    package let isRequired: Bool

    private let decodeValue: @Sendable (JSONValue, inout R) throws(FieldError) -> Void
    private let restoreValue: @Sendable (JSONValue, inout R) throws(FieldError) -> Void
    private let readValue: @Sendable (borrowing R) -> JSONValue

    /// A field stored at `keyPath`. Its default is what `blank` has there.
    package init<Value: Sendable>(
        _ name: String,
        _ keyPath: any WritableKeyPath<R, Value> & Sendable,
        _ rule: ValueRule<Value>,
        access: Access = .createAndUpdate,
        isRequired: Bool = false,
        blank: R? = nil,
        _ description: String
    ) {
        self.init(
            name, FieldAccessor(keyPath), rule, access: access, isRequired: isRequired, blank: blank, description
        )
    }

    /// A field that is one of a contact's eight slots.
    package init<Value: Sendable & Hashable>(
        _ name: String,
        slot index: Int,
        of keyPath: any WritableKeyPath<R, NumberSlots<Value>> & Sendable,
        _ rule: ValueRule<Value>,
        access: Access = .createAndUpdate,
        blank: R? = nil,
        _ description: String
    ) {
        self.init(
            name, FieldAccessor(slot: index, of: keyPath), rule, access: access, isRequired: false, blank: blank,
            description
        )
    }

    /// A field that is read and set by an accessor.
    package init<Value: Sendable>(
        _ name: String,
        _ accessor: FieldAccessor<R, Value>,
        _ rule: ValueRule<Value>,
        access: Access = .createAndUpdate,
        isRequired: Bool = false,
        blank: R? = nil,
        _ description: String
    ) {
        self.name = name
        self.access = access
        self.isRequired = isRequired
        var schema = rule.schema
        schema.description = description
        if access != .readOnly, !isRequired, let blank { schema.defaultValue = rule.encode(accessor.get(blank)) }
        self.schema = schema
        self.decodeValue = { (value: JSONValue, resource: inout R) throws(FieldError) in
            accessor.set(&resource, try rule.decode(value))
        }
        self.restoreValue = { (value: JSONValue, resource: inout R) throws(FieldError) in
            accessor.set(&resource, try rule.restore(value))
        }
        self.readValue = { (resource: borrowing R) in rule.encode(accessor.get(resource)) }
    }

    /// A read-only field worked out from others.
    package init(
        computed name: String,
        _ schema: FieldSchema,
        _ description: String,
        read: @escaping @Sendable (borrowing R) -> JSONValue
    ) {
        self.name = name
        self.access = .readOnly
        self.isRequired = false
        var schema = schema
        schema.description = description
        self.schema = schema
        self.decodeValue = { (_: JSONValue, _: inout R) throws(FieldError) in }
        self.restoreValue = { (_: JSONValue, _: inout R) throws(FieldError) in }
        self.readValue = read
    }

    /// Sets the field from what a client sent.
    package func decode(_ value: JSONValue, into resource: inout R) throws(FieldError) {
        try self.decodeValue(value, &resource)
    }

    /// Sets the field from what ``FieldTable/write(_:to:)`` wrote.
    package func restore(_ value: JSONValue, into resource: inout R) throws(FieldError) {
        try self.restoreValue(value, &resource)
    }

    /// The field's value on the wire.
    package func value(of resource: borrowing R) -> JSONValue {
        self.readValue(resource)
    }

    /// What writes name and value into an open object.
    var writer: @Sendable (borrowing R, inout JSONWriter) -> Void {
        { [name, readValue] (resource: borrowing R, writer: inout JSONWriter) in
            writer.field(name, readValue(resource))
        }
    }
}
