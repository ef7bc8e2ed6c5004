/// A resource's fields in the order they have on the wire, with a fast look-up by name.
package struct FieldTable<R: Sendable>: Sendable {
    package let fields: [Field<R>]
    private let indexes: [String: Int]

    /// - Precondition: no two fields have the same name.
    package init(_ fields: [Field<R>]) {
        self.fields = fields
        self.indexes = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    /// The field of that wire name.
    package subscript(name: String) -> Field<R>? {
        self.indexes[name].map { self.fields[$0] }
    }
}
