import DialerModel
import PostgresClient

import struct Foundation.UUID

/// A COPY that takes values. COPY itself takes no parameters, so they are bound in settings of the transaction, which the
/// statement reads; no value is ever a part of its text.
struct ExportStatement: Sendable {
    private(set) var conditions: [String] = []
    private(set) var settings: [String] = []

    /// Takes a value in and returns SQL that stands for it.
    mutating func bind(_ value: String, as type: String) -> String {
        self.settings.append(value)
        // A subquery is computed once, a setting read once a row.
        return "(SELECT current_setting('\(Self.name(self.settings.count - 1))')::\(type))"
    }

    mutating func bind(_ value: UUID) -> String { self.bind(value.uuidString, as: "uuid") }

    mutating func bind(_ value: Int64) -> String { self.bind("\(value)", as: "bigint") }

    mutating func bind(_ value: Timestamp) -> String { self.bind(value.wire, as: "timestamptz") }

    /// Lets only rows pass for which this holds.
    mutating func require(_ condition: String) {
        self.conditions.append(condition)
    }

    /// Lets rows pass whose `column` is one of the values; every row when there are none.
    mutating func require(_ column: String, oneOf values: [Int]) {
        guard !values.isEmpty else { return }
        let list = self.bind("{" + values.map(String.init).joined(separator: ",") + "}", as: "integer[]")
        // The cast makes it a value; a bare subquery would be compared row by row.
        self.require("\(column) = ANY (\(list)::integer[])")
    }

    /// Lets rows pass whose `column` is from `since` on and before `until`.
    mutating func require(_ column: String, since: Timestamp?, until: Timestamp?) {
        if let since {
            let bound = self.bind(since)
            self.require("\(column) >= \(bound)")
        }
        if let until {
            let bound = self.bind(until)
            self.require("\(column) < \(bound)")
        }
    }

    /// Sets what ``copy(_:isJSON:from:order:)`` reads, until the transaction ends. Indexes are walked whatever the statistics say.
    var preparation: PostgresQuery {
        var query = PostgresQuery.StringInterpolation(literalCapacity: 256, interpolationCount: self.settings.count)
        query.appendLiteral(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)")
        for (index, value) in self.settings.enumerated() {
            query.appendLiteral(", set_config('\(Self.name(index))', ")
            query.appendInterpolation(value)
            query.appendLiteral(", true)")
        }
        return PostgresQuery(stringInterpolation: query)
    }

    /// The COPY statement.
    ///
    /// - Parameters:
    ///   - selection: The select list.
    ///   - isJSON: The rows are a single column of JSON each, to be written as they are.
    func copy(_ selection: String, isJSON: Bool, from source: String, order: String) -> String {
        let rows = """
            SELECT \(selection) FROM \(source) WHERE \(self.conditions.joined(separator: " AND ")) ORDER BY \(order)
            """
        // JSON holds no control characters, so with these for quote and delimiter it is copied untouched.
        return isJSON
            ? "COPY (SELECT row_to_json(r) FROM (\(rows)) AS r) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
            : "COPY (\(rows)) TO STDOUT (FORMAT csv)"
    }

    /// The same for rows that are JSON texts already.
    func copyLines(_ column: String, from source: String, order: String) -> String {
        """
        COPY (SELECT \(column) FROM \(source) WHERE \(self.conditions.joined(separator: " AND ")) ORDER BY \(order)) \
        TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')
        """
    }

    private static func name(_ index: Int) -> String { "outpace.export_\(index)" }
}
