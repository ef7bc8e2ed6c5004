/// A statement with its parameters. Written as a string literal, every interpolation becomes a bound parameter and
/// never a part of the SQL:
///
///     let query: PostgresQuery = "UPDATE dl SET note = \(note) WHERE id = \(id)"
///
/// Strings are sent without a type, so they fit whatever the place asks for; where the server can't tell, write the
/// cast: `\(name)::text`.
public struct PostgresQuery: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The text with `$1`, `$2` … for the parameters.
    public let sql: String
    let parameters: PostgresParameters

    /// A statement without parameters from trusted text. Never build it from a user's input.
    public init(unescaped sql: String) {
        self.sql = sql
        self.parameters = PostgresParameters()
    }

    public init(stringLiteral value: String) {
        self.init(unescaped: value)
    }

    public init(stringInterpolation: StringInterpolation) {
        self.sql = stringInterpolation.sql
        self.parameters = stringInterpolation.parameters
    }

    /// The SQL without the values, which may be secrets.
    public var description: String { sql }

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate(set) var sql = ""
        fileprivate(set) var parameters = PostgresParameters()

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            sql.append(literal)
        }

        /// Binds `value` as the next parameter.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            parameters.append(value)
            sql.append("$\(parameters.count)")
        }

        /// Binds `value`, or NULL, as the next parameter.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            parameters.append(value)
            sql.append("$\(parameters.count)")
        }

        /// Puts `text` into the SQL as it is: for names the program itself chooses, never for input.
        public mutating func appendInterpolation(unescaped text: String) {
            sql.append(text)
        }
    }

    /// Throws when this can't be sent: C strings end at a NUL, and the protocol counts parameters in 16 bits.
    func validate() throws(PostgresError) {
        if let position = parameters.firstWithNUL {
            throw PostgresError(
                .invalidParameter, "parameter $\(position) holds a NUL character, which PostgreSQL can't store")
        }
        if parameters.count > 65_535 {
            throw PostgresError(.invalidParameter, "\(parameters.count) parameters; 65535 are the most, use an array")
        }
        if sql.utf8.contains(0) {
            throw PostgresError(.invalidParameter, "the statement holds a NUL character")
        }
    }
}
