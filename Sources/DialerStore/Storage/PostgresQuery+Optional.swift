import PostgresClient

extension PostgresQuery.StringInterpolation {
    /// Binds a value that may be NULL. The label says that the optional is meant: without it the compiler warns of a forgotten
    /// unwrapping.
    mutating func appendInterpolation<Value: PostgresEncodable>(optional value: Value?) {
        self.appendInterpolation(value)
    }
}
