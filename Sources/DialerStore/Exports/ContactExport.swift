import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The contacts of one list, in the order of their creation.
package struct ContactExport: ExportKind {
    package var dlma: UUID
    package var filter: ExportFilter
    /// Whether any call was made to the contact; nil lets both pass.
    package var isTried: Bool?

    package init(dlma: UUID, filter: ExportFilter = ExportFilter(), isTried: Bool? = nil) {
        self.dlma = dlma
        self.filter = filter
        self.isTried = isTried
    }

    static let columns: [ExportColumn] =
        [
            ExportColumn("uuid", .plain),
            ExportColumn("dlma_uuid", .plain),
            ExportColumn("in_use", .plain, "in_use::integer"),
            ExportColumn("name", .text),
            ExportColumn("detail", .text),
            ExportColumn("status", .plain),
            ExportColumn("resv_target", .text),
            ExportColumn("ukey", .text),
            ExportColumn("variables", .plain),
            ExportColumn("dialing_uuid", .plain),
            ExportColumn("dialing_camp_uuid", .plain),
            ExportColumn("dialing_plan_uuid", .plain),
        ]
        + NumberSlots<Int>.indexes.map { ExportColumn("number_\($0)", .number) } + [ExportColumn("email", .text)]
        + NumberSlots<Int>.indexes.map { ExportColumn("trycnt_\($0)", .plain) }
        + [
            ExportColumn("res_dial", .plain),
            ExportColumn("res_dial_detail", .text),
            ExportColumn("res_hangup", .plain),
            ExportColumn("res_hangup_detail", .text),
            ExportColumn("tm_create", .time),
            ExportColumn("tm_delete", .time),
            ExportColumn("tm_update", .time),
            ExportColumn("tm_last_dial", .time),
            ExportColumn("tm_last_hangup", .time),
            ExportColumn("number_originals", .plain),
            ExportColumn("priority", .plain),
        ]

    /// The columns that can be asked for, in their usual order.
    package static let columnNames = Self.columns.map(\.name)

    func stretch(after place: ExportPlace?, limit: Int) -> PostgresQuery {
        """
        SELECT max(seq), count(*) FROM (
            SELECT seq FROM dial_list_entry
            WHERE dlma_uuid = \(self.dlma) AND in_use AND seq > \(place?.sequence ?? 0)
            ORDER BY seq LIMIT \(limit)
        ) AS stretch
        """
    }

    func end(of row: PostgresRow) throws(PostgresError) -> (place: ExportPlace, count: Int)? {
        guard let sequence = try row.decode(Int64?.self, at: 0) else { return nil }
        return (ExportPlace(sequence: sequence), try row.decode(Int.self, at: 1))
    }

    func statement(
        _ columns: [ExportColumn]?, _ format: ExportFormat, after place: ExportPlace?, upTo end: ExportPlace
    ) -> (ExportStatement, copy: String) {
        var statement = ExportStatement()
        let (list, first, last) = (
            statement.bind(self.dlma), statement.bind(place?.sequence ?? 0), statement.bind(end.sequence)
        )
        statement.require("dlma_uuid = \(list) AND in_use AND seq > \(first) AND seq <= \(last)")
        statement.require("status", oneOf: self.filter.statuses)
        statement.require("res_dial", oneOf: self.filter.dialResults)
        statement.require("res_hangup", oneOf: self.filter.hangupCauses)
        statement.require("tm_last_hangup", since: self.filter.since, until: self.filter.until)
        // The tries on all numbers together.
        if let isTried { statement.require(isTried ? "stage >> 52 > 0" : "stage >> 52 = 0") }
        let selection = (columns ?? Self.columns).map { $0.expression(format) }.joined(separator: ", ")
        return (statement, statement.copy(selection, isJSON: format == .ndjson, from: "dial_list_entry", order: "seq"))
    }
}
