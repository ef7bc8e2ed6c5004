import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Results of finished calls, in the order in which the calls ended.
package struct ResultExport: ExportKind {
    /// Of one campaign; nil for all.
    package var campaign: UUID?
    /// Of contacts of one list; nil for all.
    package var dlma: UUID?
    package var filter: ExportFilter
    /// Whether a person answered whom no agent took in time; nil lets both pass.
    package var isAbandoned: Bool?

    package init(
        campaign: UUID? = nil, dlma: UUID? = nil, filter: ExportFilter = ExportFilter(), isAbandoned: Bool? = nil
    ) {
        self.campaign = campaign
        self.dlma = dlma
        self.filter = filter
        self.isAbandoned = isAbandoned
    }

    /// Those without a column of their own are read from the line of the results file.
    static let columns: [ExportColumn] = [
        ExportColumn("uuid", .plain, "d.dialing"),
        ExportColumn("status", .plain, "d.status"),
        ExportColumn("uuid_camp", .plain, "d.campaign"),
        ExportColumn("uuid_plan", .plain, "d.plan"),
        ExportColumn("uuid_dlma", .plain, "d.dlma"),
        ExportColumn("uuid_dest", .plain, "d.destination"),
        ExportColumn("uuid_dl_list", .plain, "d.entry"),
        ExportColumn("dial_addr", .number, "j.dial_addr"),
        ExportColumn("dial_index", .plain, "j.dial_index"),
        ExportColumn("dial_trycnt", .plain, "j.dial_trycnt"),
        ExportColumn("res_dial", .plain, "d.res_dial"),
        ExportColumn("res_dial_detail", .text, "j.res_dial_detail"),
        ExportColumn("res_hangup", .plain, "d.res_hangup"),
        ExportColumn("res_hangup_detail", .text, "j.res_hangup_detail"),
        ExportColumn("answered", .boolean, "j.answered"),
        ExportColumn("live", .boolean, "j.live"),
        ExportColumn("abandoned", .boolean, "d.is_abandoned"),
        ExportColumn("machine", .boolean, "j.machine"),
        ExportColumn("amd_status", .text, "j.amd_status"),
        ExportColumn("amd_cause", .text, "j.amd_cause"),
        ExportColumn("agent", .text, "d.agent"),
        ExportColumn("queue", .text, "d.queue"),
        ExportColumn("wait_seconds", .plain, "d.wait_seconds"),
        ExportColumn("talk_seconds", .plain, "d.talk_seconds"),
        ExportColumn("pbx", .text, "j.pbx"),
        ExportColumn("tm_create", .time, "d.tm_claim"),
        ExportColumn("tm_dial_begin", .plain, "j.tm_dial_begin"),
        ExportColumn("tm_answer", .plain, "j.tm_answer"),
        ExportColumn("tm_queue", .plain, "j.tm_queue"),
        ExportColumn("tm_agent", .plain, "j.tm_agent"),
        ExportColumn("tm_end", .time, "d.tm_end"),
    ]

    /// What is read from the line, parsed once a row.
    private static let line = """
        json_to_record(d.line::json) AS j(
            dial_addr text, dial_index integer, dial_trycnt integer, res_dial_detail text, res_hangup_detail text,
            answered boolean, live boolean, machine boolean, amd_status text, amd_cause text, pbx text, tm_dial_begin text,
            tm_answer text, tm_queue text, tm_agent text
        )
        """

    /// The columns that can be asked for, in their usual order.
    package static let columnNames = Self.columns.map(\.name)

    func stretch(after place: ExportPlace?, limit: Int) -> PostgresQuery {
        var query = PostgresQuery.StringInterpolation(literalCapacity: 512, interpolationCount: 6)
        query.appendLiteral(
            """
            SELECT tm_end, sequence, count(*) OVER () FROM (
                SELECT d.tm_end, d.sequence FROM dialing_result d WHERE true
            """
        )
        if let campaign {
            query.appendLiteral(" AND d.campaign = ")
            query.appendInterpolation(campaign)
        }
        if let place, let time = place.time {
            query.appendLiteral(" AND (d.tm_end, d.sequence) > (")
            query.appendInterpolation(PostgresTimestamp(time))
            query.appendLiteral(", ")
            query.appendInterpolation(place.sequence)
            query.appendLiteral(")")
        }
        if let since = self.filter.since {
            query.appendLiteral(" AND d.tm_end >= ")
            query.appendInterpolation(PostgresTimestamp(since))
        }
        if let until = self.filter.until {
            query.appendLiteral(" AND d.tm_end < ")
            query.appendInterpolation(PostgresTimestamp(until))
        }
        query.appendLiteral(" ORDER BY d.tm_end, d.sequence LIMIT ")
        query.appendInterpolation(limit)
        query.appendLiteral(") AS stretch ORDER BY tm_end DESC, sequence DESC LIMIT 1")
        return PostgresQuery(stringInterpolation: query)
    }

    func end(of row: PostgresRow) throws(PostgresError) -> (place: ExportPlace, count: Int)? {
        let (time, sequence, count) = try row.decode((PostgresTimestamp, Int64, Int).self)
        return (ExportPlace(time: Timestamp(time), sequence: sequence), count)
    }

    func statement(
        _ columns: [ExportColumn]?, _ format: ExportFormat, after place: ExportPlace?, upTo end: ExportPlace
    ) -> (ExportStatement, copy: String) {
        var statement = ExportStatement()
        if let campaign {
            let bound = statement.bind(campaign)
            statement.require("d.campaign = \(bound)")
        }
        if let dlma {
            let bound = statement.bind(dlma)
            statement.require("d.dlma = \(bound)")
        }
        if let place { Self.require(place, ">", in: &statement) }
        Self.require(end, "<=", in: &statement)
        statement.require("d.tm_end", since: self.filter.since, until: self.filter.until)
        statement.require("d.status", oneOf: self.filter.statuses)
        statement.require("d.res_dial", oneOf: self.filter.dialResults)
        statement.require("d.res_hangup", oneOf: self.filter.hangupCauses)
        if let isAbandoned { statement.require(isAbandoned ? "d.is_abandoned" : "NOT d.is_abandoned") }
        let order = "d.tm_end, d.sequence"
        if format == .ndjson, columns == nil {
            return (statement, statement.copyLines("d.line", from: "dialing_result d", order: order))
        }
        let chosen = columns ?? Self.columns
        let selection = chosen.map { $0.expression(format) }.joined(separator: ", ")
        let readsLine = chosen.contains { $0.source.hasPrefix("j.") }
        let source = readsLine ? "dialing_result d CROSS JOIN LATERAL \(Self.line)" : "dialing_result d"
        return (statement, statement.copy(selection, isJSON: format == .ndjson, from: source, order: order))
    }

    private static func require(_ place: ExportPlace, _ comparison: String, in statement: inout ExportStatement) {
        guard let placeTime = place.time else { return }
        let (time, sequence) = (statement.bind(placeTime), statement.bind(place.sequence))
        statement.require("(d.tm_end, d.sequence) \(comparison) (\(time), \(sequence))")
    }
}
