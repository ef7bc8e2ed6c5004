/// A resource's fields in the order they have on the wire, with a fast look-up by name.
package struct FieldTable<R: Sendable>: Sendable {
    package let fields: [Field<R>]
    private let indexes: [String: Int]
    /// Of each field. A loop over the fields would copy each field's whole description for every resource that is written.
    private let writers: [@Sendable (borrowing R, inout JSONWriter) -> Void]

    /// - Precondition: no two fields have the same name.
    package init(_ fields: [Field<R>]) {
        self.fields = fields
        self.writers = fields.map(\.writer)
        self.indexes = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    /// Writes every field's name and value into an open object.
    package func write(_ resource: borrowing R, to writer: inout JSONWriter) {
        for write in self.writers { write(resource, &writer) }
    }

    /// The field of that wire name.
    package subscript(name: String) -> Field<R>? {
        self.indexes[name].map { self.fields[$0] }
    }
}
