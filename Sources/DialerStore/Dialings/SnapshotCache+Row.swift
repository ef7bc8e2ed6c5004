import DialerModel
import PostgresClient

extension SnapshotCache.Resources {
    /// Reads four JSON columns: campaign, plan, destination, dlma.
    init(row: PostgresRow, from first: Int) throws(PostgresError) {
        self.init(
            campaign: try row.decodeResource(at: first),
            plan: try row.decodeResource(at: first + 1),
            destination: try row.decodeResource(at: first + 2),
            dlma: try row.decodeResource(at: first + 3)
        )
    }
}

extension PostgresRow {
    /// Reads a resource from the JSON of its row: the columns are named as on the wire.
    func decodeResource<R: Resource>(_: R.Type = R.self, at index: Int) throws(PostgresError) -> R {
        let json = try JSONValue(column: R.kind.rawValue, text: try self.decode(String.self, at: index))
        do throws(ValidationError) {
            return try R(json: json)
        } catch {
            var decoding = PostgresError(.decoding, "a snapshot's \(R.kind.rawValue) cannot be read: \(error.message)")
            decoding.column = R.kind.rawValue
            throw decoding
        }
    }
}
