import DialerModel

/// Some rows of a file that follow one another, cut out and not yet looked at. Cleaning one block needs nothing of the others.
package struct ListBlock: Sendable {
    /// What the fields of the rows are.
    enum Columns: Sendable {
        /// Not known yet: all rows are broken.
        case unknown
        case map(ColumnMap)
        case keys(KeyMap)
    }

    private let batch: RecordBatch
    private let columns: Columns
    private let rules: NumberRules

    init(batch: RecordBatch, columns: Columns, rules: NumberRules) {
        self.batch = batch
        self.columns = columns
        self.rules = rules
    }

    /// Rows it holds: good, bad and broken ones.
    package var rowCount: Int { self.batch.records.count + self.batch.problems.count }

    /// Checks every row.
    ///
    /// - Parameters:
    ///   - accept: Takes a contact.
    ///   - reject: Takes what is wrong with a row.
    package func clean(accept: (ContactRow) -> Void, reject: (RowProblem) -> Void) {
        for problem in self.batch.problems { reject(problem) }
        var cleaner = RowCleaner(rules: self.rules)
        var columns = self.columns
        for record in self.batch.records {
            do throws(RowRefusal) {
                accept(try self.clean(record, with: &cleaner, &columns))
            } catch {
                reject(
                    RowProblem(
                        line: record.line, field: error.field, reason: error.reason,
                        excerpt: self.batch.excerpt(of: record)
                    )
                )
            }
        }
    }

    private func clean(
        _ record: RecordBatch.Record, with cleaner: inout RowCleaner, _ columns: inout Columns
    ) throws(RowRefusal) -> ContactRow {
        switch columns {
        case .map(let map):
            return try cleaner.clean(record, of: self.batch, columns: map)
        case .keys(var keys):
            defer { columns = .keys(keys) }
            let object: JSONValue
            do throws(JSONParseError) {
                object = try JSONValue.parse(self.batch.field(0, of: record))
            } catch {
                throw RowRefusal(nil, error.message)
            }
            return try cleaner.clean(object, line: record.line, keys: &keys)
        case .unknown:
            preconditionFailure("a record is read after its columns")
        }
    }
}
