/// A type of the server, by the numbers its catalogue has for built-in types (`pg_type.dat`).
public struct PostgresType: Sendable, Hashable {
    /// `pg_type.oid`; 0 leaves it to the server to infer the type from the statement.
    public var oid: UInt32
    /// The type of arrays of this type; 0 if there is none.
    public var arrayOID: UInt32

    public init(oid: UInt32, arrayOID: UInt32 = 0) {
        self.oid = oid
        self.arrayOID = arrayOID
    }

    /// Inferred by the server, so that a string also fits columns of type uuid, an enum, inet …; arrays are text[].
    public static let inferred = PostgresType(oid: 0, arrayOID: 1009)
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
}
