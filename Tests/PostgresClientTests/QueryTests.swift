import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct QueryTests {
    @Test func valuesOfEveryTypeComeBackUnchanged() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            func roundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
                _ values: [Value], as type: String
            ) async throws {
                for value in values {
                    let rows = try await client.query("SELECT \(value)::\(unescaped: type)")
                    #expect(try rows[0].decode(Value.self, at: 0) == value)
                    let optional = try await client.query("SELECT \(Value?.some(value))::\(unescaped: type)")
                    #expect(try optional[0].decode(Value?.self, at: 0) == value)
                }
                let null = try await client.query("SELECT \(Value?.none)::\(unescaped: type)")
                #expect(try null[0].decode(Value?.self, at: 0) == nil)
            }
            try await roundTrip(["", "a", "it's", "\"\\{}", "日本 🎉", "NULL", "line\nbreak\ttab"], as: "text")
            try await roundTrip([0, 1, -1, Int.max, .min], as: "int8")
            try await roundTrip([0, Int64.max, .min], as: "int8")
            try await roundTrip([0, Int32.max, .min], as: "int4")
            try await roundTrip([0, Int16.max, .min], as: "int2")
            try await roundTrip([true, false], as: "bool")
            try await roundTrip(
                [
                    0, -0.1, 0.1 + 0.2, .pi, 1e-300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity,
                    -.infinity,
                ],
                as: "float8")
            try await roundTrip([UUID(), UUID()], as: "uuid")
            try await roundTrip([[UInt8](), [0, 1, 255], Array(0...255)], as: "bytea")
            try await roundTrip(
                [
                    0, 1, -1, 1_767_225_599_999_999, -62_135_596_800_000_000, -62_167_219_200_000_001,
                    253_402_300_800_000_000, 951_782_400_000_000, -210_000_000_000_000_000,
                ].map(PostgresTimestamp.init(microseconds:)) + [.infinity, .negativeInfinity], as: "timestamptz")
            try await roundTrip(
                [[], ["a", "", "NULL", "null", "q\"u\\o,te{}", " sp ace "]], as: "text[]")
            try await roundTrip([[], [1, -2, Int.max]], as: "int8[]")
            try await roundTrip([[], [0.5, -.infinity]], as: "float8[]")
            try await roundTrip([[], [true, false]], as: "bool[]")
            try await roundTrip([[], [UUID(), UUID()]], as: "uuid[]")
            try await roundTrip([[nil, "a", nil], [String?.some("NULL")]], as: "text[]")
            try await roundTrip([[nil, 1], [Int?.none]], as: "int8[]")
            try await roundTrip([[nil, UUID()]], as: "uuid[]")
            try await roundTrip([[PostgresTimestamp(microseconds: 5), nil]], as: "timestamptz[]")
        }
    }

    @Test func timestampsAgreeWithTheServersOwnReckoning() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            for seconds in [
                -80_000_000_000, -1, 0, 68_169_600, 951_868_799, 1_709_164_800, 4_107_542_400, 99_999_999_999,
            ] {
                let rows = try await client.query(
                    "SELECT to_timestamp(\(Double(seconds))), extract(epoch FROM \(PostgresTimestamp(microseconds: Int64(seconds) * 1_000_000)))::int8"
                )
                #expect(try rows[0].decode(PostgresTimestamp.self, at: 0).microseconds == Int64(seconds) * 1_000_000)
                #expect(try rows[0].decode(Int.self, at: 1) == seconds)
            }
            let rows = try await client.query("SELECT timestamptz '2026-03-04 05:06:07.89+05:30'")
            #expect(try rows[0].decode(PostgresTimestamp.self, at: 0).microseconds == 1_772_580_967_890_000)
        }
    }

    @Test func jsonIsBoundAsJsonb() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            let rows = try await client.query("SELECT \(PostgresJSON(#"{"a": [1, "ü"]}"#)) -> 'a' ->> 1 AS value")
            #expect(try rows[0]["value", as: String.self] == "ü")
            await #expect(throws: PostgresError.self) { try await client.query("SELECT \(PostgresJSON("{"))") }
        }
    }

    @Test func batchesGoThroughUnnest() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE item (id uuid PRIMARY KEY, name text, number int)")
            let ids = (0..<1000).map { _ in UUID() }
            let names: [String?] = ids.indices.map { $0 % 2 == 0 ? "n\($0)" : nil }
            let inserted = try await client.execute(
                "INSERT INTO item SELECT * FROM unnest(\(ids), \(names), \(Array(ids.indices)))")
            #expect(inserted == 1000)
            let rows = try await client.query("SELECT id, name, number FROM item ORDER BY number")
            #expect(rows.count == 1000)
            let last = try rows.decode((UUID, String?, Int).self)[999]
            #expect(last == (ids[999], nil, 999))
        }
    }

    @Test func hostileValuesStayValues() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE victim (name text)")
            let attacks = [
                "'; DROP TABLE victim; --", "\\'; DROP TABLE victim; --", "$1", "\u{2019} OR 1=1", "');--", "%s%n",
                "E'\\x27'", "/* */", String(repeating: "'", count: 10_000),
            ]
            for attack in attacks {
                try await client.execute("INSERT INTO victim VALUES (\(attack))")
                let rows = try await client.query("SELECT count(*) FROM victim WHERE name = \(attack)")
                #expect(try rows[0].decode(Int.self, at: 0) == 1)
                let array = try await client.query("SELECT count(*) FROM victim WHERE name = ANY(\([attack]))")
                #expect(try array[0].decode(Int.self, at: 0) == 1)
            }
        }
    }

    @Test func aNULIsRefusedBeforeItIsSent() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            await #expect { try await client.query("SELECT \("a\0b")::text") } throws: {
                ($0 as? PostgresError)?.code == .invalidParameter
            }
            await #expect { try await client.query(PostgresQuery(unescaped: "SELECT 1\0; DROP")) } throws: {
                ($0 as? PostgresError)?.code == .invalidParameter
            }
        }
    }

    @Test func decodingErrorsNameTheColumn() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            let row = try await client.query("SELECT 'x'::text AS word, NULL::int AS nothing, 300000 AS big")[0]
            func error(_ body: () throws -> Void) -> PostgresError? {
                do { try body() } catch { return error as? PostgresError }
                return nil
            }
            let mismatch = error { _ = try row["word", as: Int.self] }
            #expect(mismatch?.code == .decoding)
            #expect(mismatch?.column == "word")
            #expect(error { _ = try row["nothing", as: Int.self] }?.message.contains("null") == true)
            #expect(error { _ = try row["big", as: Int16.self] }?.column == "big")
            #expect(error { _ = try row["absent", as: Int.self] }?.column == "absent")
            #expect(error { _ = try row.decode(Int.self, at: 3) }?.code == .decoding)
        }
    }

    @Test func serverErrorsCarryTheirFields() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute(
                "CREATE TABLE thing (id int CONSTRAINT thing_key PRIMARY KEY, size int NOT NULL CHECK (size > 0))")
            try await client.execute("INSERT INTO thing VALUES (1, 1)")
            func failure(_ query: PostgresQuery) async -> PostgresError? {
                do throws(PostgresError) {
                    try await client.query(query)
                    return nil
                } catch {
                    return error
                }
            }
            let unique = await failure("INSERT INTO thing VALUES (1, 2)")
            #expect(unique?.code == .server)
            #expect(unique?.sqlState == .uniqueViolation)
            #expect(unique?.constraint == "thing_key")
            #expect(unique?.table == "thing")
            #expect(unique?.isTransient == false)
            let null = await failure("INSERT INTO thing VALUES (2, NULL)")
            #expect(null?.sqlState == .notNullViolation)
            #expect(null?.column == "size")
            #expect(await failure("INSERT INTO thing VALUES (3, 0)")?.sqlState == .checkViolation)
            let syntax = await failure("SELEC 1")
            #expect(syntax?.sqlState == .syntaxError)
            #expect(syntax?.position == 1)
            #expect(await failure("SELECT * FROM nowhere")?.sqlState == .undefinedTable)
            #expect(await failure("SELECT 1/0")?.sqlState == .divisionByZero)
            // A failure leaves the connection usable.
            #expect(try await client.query("SELECT 1").count == 1)
            switch unique?.sqlState {
            case .some(.uniqueViolation): break
            default: Issue.record("the state doesn't match its name")
            }
        }
    }

    @Test func aDeferredConstraintFailsTheStatementThatBrokeIt() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE parent (id int PRIMARY KEY)")
            try await client.execute(
                "CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
            await #expect { try await client.execute("INSERT INTO child VALUES (1)") } throws: {
                ($0 as? PostgresError)?.sqlState == .foreignKeyViolation
            }
            #expect(try await client.query("SELECT * FROM child").isEmpty)
        }
    }

    @Test func preparedStatementsSurviveChangesOfTheTable() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            try await client.execute("CREATE TABLE shape (a int)")
            try await client.execute("INSERT INTO shape VALUES (1)")
            #expect(try await client.query("SELECT * FROM shape").columnNames == ["a"])
            try await client.execute("ALTER TABLE shape ADD b int")
            #expect(try await client.query("SELECT * FROM shape").columnNames == ["a", "b"])
            try await client.execute("DEALLOCATE ALL")
            #expect(try await client.query("SELECT * FROM shape").columnNames == ["a", "b"])
        }
    }

    @Test func theStatementCacheStaysWithinItsCapacity() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1, configure: { $0.statementCacheCapacity = 10 }) {
            (client) async throws in
            for number in 0..<50 {
                let rows = try await client.query("SELECT \(unescaped: "\(number)") + \(1)")
                #expect(try rows[0].decode(Int.self, at: 0) == number + 1)
            }
            let prepared = try await client.query("SELECT count(*) FROM pg_prepared_statements")
            #expect(try prepared[0].decode(Int.self, at: 0) <= 10)
        }
        try await database.withClient(maximumConnections: 1, configure: { $0.statementCacheCapacity = 0 }) {
            (client) async throws in
            #expect(try await client.query("SELECT \(1)").count == 1)
            let prepared = try await client.query("SELECT count(*) FROM pg_prepared_statements")
            #expect(try prepared[0].decode(Int.self, at: 0) == 0)
        }
    }

    @Test func tenThousandConcurrentQueriesShareFourConnections() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 4) { (client) async throws in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<10_000 {
                    group.addTask {
                        try await client.query("SELECT \(number) * 2")[0].decode(Int.self, at: 0)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 99_990_000)
            let rows = try await client.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
            )
            #expect(try rows[0].decode(Int.self, at: 0) <= 4)
        }
    }

    @Test func errorsInASharedPipelineStayWithTheirStatement() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            let outcomes = await withTaskGroup(of: (Int, PostgresError?).self) { group in
                for number in 0..<500 {
                    group.addTask {
                        do throws(PostgresError) {
                            let rows = try await client.query("SELECT 100 / \(number % 5)")
                            #expect(try rows[0].decode(Int.self, at: 0) == 100 / (number % 5))
                            return (number, nil)
                        } catch {
                            return (number, error)
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1?.sqlState?.rawValue ?? "none" }
            }
            for (number, outcome) in outcomes {
                #expect(outcome == (number % 5 == 0 ? "22012" : "none"))
            }
        }
    }

    /// Estimates of a long table's pages would have the server compile what runs for milliseconds.
    @Test func noStatementIsCompiledHoweverDearItLooks() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            let isOff = { (rows: PostgresRows) throws in try rows[0].decode(String.self, at: 0) == "off" }
            #expect(try isOff(try await client.query("SHOW jit")))
            try await client.withConnection { (connection) async throws in
                _ = try await connection.query("SET jit = on")
            }
            #expect(try isOff(try await client.query("SHOW jit")))
        }
    }

    @Test func aCopyAsAQueryIsRefusedWithAHint() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            await #expect { try await client.query("COPY (SELECT 1) TO STDOUT") } throws: {
                ($0 as? PostgresError)?.code == .invalidState
            }
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }
}
