import struct Foundation.UUID

/// What the API stores and answers with: a value whose wire form is described by a table of fields.
package protocol Resource: Sendable, Hashable {
    static var kind: ResourceKind { get }
    static var fieldTable: FieldTable<Self> { get }

    var uuid: UUID { get set }
    var inUse: Bool { get set }
    var createdAt: Timestamp? { get set }
    var updatedAt: Timestamp? { get set }
    var deletedAt: Timestamp? { get set }

    /// A resource with every default, before a body is applied.
    init(blank uuid: UUID)

    /// Rules between fields, beyond each one's own.
    func validate() throws(ValidationError)
}

extension Resource {
    /// In wire order.
    package static var fields: [Field<Self>] { self.fieldTable.fields }

    package func validate() throws(ValidationError) {}
}
