/// Why a test has no PostgreSQL.
package struct PostgresTestError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
