import CLibpq

/// Owns a `PGresult` and frees it.
//
// @unchecked Sendable: libpq doesn't change a result after PQgetResult returned it, this class only reads it, and
// PQclear runs once, in deinit, when nobody reads any more.
@usableFromInline final class ResultOwner: @unchecked Sendable {
    private let result: OpaquePointer
    let rowCount: Int32
    @usableFromInline let columnCount: Int32

    init(taking result: OpaquePointer) {
        self.result = result
        self.rowCount = PQntuples(result)
        self.columnCount = PQnfields(result)
    }

    deinit {
        PQclear(result)
    }

    var status: ExecStatusType { PQresultStatus(result) }

    /// Rows that INSERT, UPDATE, DELETE, SELECT, COPY … reported; 0 for other commands.
    var affectedRows: Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// What was executed, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String {
        PQcmdStatus(result).map { String(cString: $0) } ?? ""
    }

    func isNull(row: Int32, column: Int32) -> Bool {
        PQgetisnull(result, row, column) != 0
    }

    func withBytes<R>(row: Int32, column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        let length = Int(PQgetlength(result, row, column))
        guard let value = PQgetvalue(result, row, column) else {
            return body(UnsafeBufferPointer(start: nil, count: 0))
        }
        return value.withMemoryRebound(to: UInt8.self, capacity: length) { start in
            body(UnsafeBufferPointer(start: start, count: length))
        }
    }

    func columnName(_ column: Int32) -> String {
        PQfname(result, column).map { String(cString: $0) } ?? ""
    }

    /// The first column of exactly this name.
    func column(named name: String) -> Int32? {
        for column in 0..<columnCount {
            guard let candidate = PQfname(result, column) else { continue }
            if name == String(cString: candidate) { return column }
        }
        return nil
    }

    /// The server's error in this result.
    func error(code: PostgresError.Code = .server) -> PostgresError {
        var error = PostgresError(code, field(OUTPACE_PG_DIAG_MESSAGE) ?? plainMessage)
        error.sqlState = field(OUTPACE_PG_DIAG_SQLSTATE).map(SQLState.init(rawValue:))
        error.detail = field(OUTPACE_PG_DIAG_DETAIL)
        error.hint = field(OUTPACE_PG_DIAG_HINT)
        error.schema = field(OUTPACE_PG_DIAG_SCHEMA)
        error.table = field(OUTPACE_PG_DIAG_TABLE)
        error.column = field(OUTPACE_PG_DIAG_COLUMN)
        error.constraint = field(OUTPACE_PG_DIAG_CONSTRAINT)
        error.position = field(OUTPACE_PG_DIAG_POSITION).flatMap { Int($0) }
        return error
    }

    private var plainMessage: String {
        let text = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        return text.isEmpty ? "the server gave no reason" : String(text.prefix { $0 != "\n" })
    }

    private func field(_ code: some BinaryInteger) -> String? {
        PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }
}
