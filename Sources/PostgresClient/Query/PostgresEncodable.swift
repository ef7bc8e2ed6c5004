/// A value that can be bound to a statement's parameter or written by COPY.
public protocol PostgresEncodable: Sendable {
    /// The type announced to the server.
    static var postgresType: PostgresType { get }

    /// Whether the value is SQL's NULL.
    var isPostgresNull: Bool { get }

    /// Appends the value in PostgreSQL's text format, unquoted. Not called for NULL.
    func encodePostgres(into text: inout [UInt8])
}

extension PostgresEncodable {
    public var isPostgresNull: Bool { false }
}

/// A value that can be an element of an array parameter or column, such as `unnest($1)` takes.
public protocol PostgresArrayElement: Sendable {
    /// The type of the whole array.
    static var postgresArrayType: PostgresType { get }

    /// Appends the array in PostgreSQL's text format.
    static func encodePostgresArray(_ elements: [Self], into text: inout [UInt8])

    /// Reads an array of one dimension.
    static func decodePostgresArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresArrayElement where Self: PostgresEncodable {
    public static var postgresArrayType: PostgresType { PostgresType(oid: postgresType.arrayOID) }

    public static func encodePostgresArray(_ elements: [Self], into text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            ArrayText.append(element, to: &text)
        }
        text.append(UInt8(ascii: "}"))
    }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encodePostgres(into text: inout [UInt8]) {
        Element.encodePostgresArray(self, into: &text)
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }

    public var isPostgresNull: Bool { self?.isPostgresNull ?? true }

    public func encodePostgres(into text: inout [UInt8]) {
        self?.encodePostgres(into: &text)
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    public static func decodePostgresArray(_ cell: PostgresCell) throws(PostgresError) -> [Wrapped?] {
        try ArrayText.elements(of: cell).map { element throws(PostgresError) in
            guard let element else { return nil }
            return try cell.decodeElement(Wrapped.self, element)
        }
    }
}

extension PostgresArrayElement where Self: PostgresDecodable {
    public static func decodePostgresArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        try ArrayText.elements(of: cell).map { element throws(PostgresError) in
            guard let element else { throw cell.mismatch([Self].self, "an element is null") }
            return try cell.decodeElement(Self.self, element)
        }
    }
}
