import DialerModel
import Foundation
import PostgresClient
import TestSupport

/// What the database holds after a campaign: contacts with their tries, results, and whatever was left open.
struct Books: Sendable {
    /// One contact.
    struct Contact: Sendable, Hashable {
        var entry: String
        var number: String
        var tries: Int
        /// Whether a call has it, or an agent's preview.
        var isHeld = false
    }

    /// One row of `dialing_result`.
    struct Row: Sendable, Hashable {
        var sequence: Int
        var dialing: String
        var entry: String
        var status: Int
        var dialResult: Int
        /// Whose file its line belongs to.
        var engine: String
        /// Exactly as the file must have it.
        var line: String
    }

    var contacts: [Contact]
    /// In the order of their numbers.
    var rows: [Row]
    /// Dialings without a result.
    var open: Int
    /// Calls the campaigns' counters say were dialed.
    var counted: Int

    init(contacts: [Contact], rows: [Row], open: Int = 0, counted: Int) {
        self.contacts = contacts
        self.rows = rows
        self.open = open
        self.counted = counted
    }

    /// Reads everything from the database at `url`.
    init(url: String) async throws {
        self = try await TestDatabase.withClient(url: url, maximumConnections: 1) { client in
            let contacts = try await client.query(
                """
                SELECT uuid::text, number_1, trycnt_1::int8, status <> 0 OR dialing_uuid IS NOT NULL
                FROM dial_list_entry
                """)
            let rows = try await client.query(
                """
                SELECT sequence, dialing::text, entry::text, status::int8, res_dial::int8, engine, line
                FROM dialing_result ORDER BY sequence
                """)
            let open = try await client.query("SELECT count(*) FROM dialing")[0].decode(Int.self, at: 0)
            let counted = try await client.query("SELECT coalesce(sum(dialed), 0)::int8 FROM campaign_counter")[0]
                .decode(Int.self, at: 0)
            return Books(
                contacts: try contacts.map { row in
                    let (entry, number, tries, isHeld) = try row.decode((String, String, Int, Bool).self)
                    return Contact(entry: entry, number: number, tries: tries, isHeld: isHeld)
                },
                rows: try rows.map { row in
                    let (sequence, dialing, entry, status, dialResult, engine, line) = try row.decode(
                        (Int, String, String, Int, Int, String, String).self)
                    return Row(
                        sequence: sequence, dialing: dialing, entry: entry, status: status, dialResult: dialResult,
                        engine: engine, line: line)
                },
                open: open,
                counted: counted
            )
        }
    }
}
