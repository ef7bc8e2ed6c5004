/// One numbered step of the schema.
struct Migration: Sendable, Hashable {
    let version: Int
    let name: String
    let sql: String

    init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// Reads the number at the beginning of a file's name, `0001_schema`.
    ///
    /// - Returns: nil when there is none.
    init?(name: String, sql: String) {
        guard let version = Int(name.prefix { $0.isASCII && $0.isNumber }), version > 0 else { return nil }
        self.init(version: version, name: name, sql: sql)
    }

    /// Those this program carries, in their order.
    static var embedded: [Migration] {
        EmbeddedMigrations.files.compactMap { Migration(name: $0.name, sql: $0.sql) }.sorted { $0.version < $1.version }
    }
}
