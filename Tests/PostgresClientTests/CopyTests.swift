import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct CopyTests {
    private struct Stop: Error {}

    /// In a process of its own, so that no other test's memory is counted.
    @Test func twoHundredThousandRowsGoInAndOutWithFlatMemory() async throws {
        await #expect(processExitsWith: .success) {
            let growth = try await CopyTests.copyTwoHundredThousandRows()
            // More than 30 MB went each way.
            #expect(growth < 25_000_000)
        }
    }

    /// - Returns: By how many bytes the process grew.
    private static func copyTwoHundredThousandRows() async throws -> Int {
        let database = try await TestDatabase.create()
        return try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE bulk (id int, name text, note text)")
            let filler = String(repeating: "x", count: 150)
            let before = try ProcessMemory.bytes()
            let (copied, out) = try await client.withConnection { (connection) async throws in
                let copied = try await connection.copyIn("COPY bulk FROM STDIN") { writer in
                    for number in 0..<200_000 {
                        try await writer.writeRow(number, "name \(number)", filler)
                    }
                }
                var out = (bytes: 0, lines: 0, largest: 0)
                for try await chunk in connection.copyOut("COPY bulk TO STDOUT") {
                    out.largest = max(out.largest, chunk.count)
                    out.bytes += chunk.count
                    out.lines += chunk.count { $0 == UInt8(ascii: "\n") }
                }
                return (copied, out)
            }
            guard copied == 200_000, out.lines == 200_000, out.bytes > 30_000_000, out.largest < 200_000 else {
                throw Stop()
            }
            return try ProcessMemory.bytes() - before
        }
    }

    @Test func everyCharacterSurvivesACopy() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE odd (id int, value text, ids uuid[], raw bytea)")
            let values: [String?] = ["", nil, "\\N", "\\.", "a\tb\nc\rd\\e", "ünï 🎉", "\"quoted\"", "NULL"]
            let ids = [UUID(), UUID()]
            try await client.withTransaction { transaction in
                let count = try await transaction.copyIn("COPY odd FROM STDIN") { writer in
                    for (index, value) in values.enumerated() {
                        try await writer.writeRow(index, value, ids, [UInt8]([0, 92, 255]))
                    }
                }
                #expect(count == values.count)
            }
            let rows = try await client.query("SELECT value, ids, raw FROM odd ORDER BY id")
            #expect(try rows.map { try $0.decode(String?.self, at: 0) } == values)
            #expect(try rows[0].decode([UUID].self, at: 1) == ids)
            #expect(try rows[0].decode([UInt8].self, at: 2) == [0, 92, 255])
        }
    }

    @Test func aThrowingBodyCopiesNothing() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            try await client.withConnection { (connection) async throws in
                await #expect(throws: Stop.self) {
                    try await connection.copyIn("COPY t FROM STDIN") { writer in
                        try await writer.writeRow(1)
                        throw Stop()
                    }
                }
                #expect(try await connection.query("SELECT * FROM t").isEmpty)
            }
        }
    }

    @Test func aBadRowIsReportedByTheServer() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            try await client.withConnection { (connection) async throws in
                await #expect {
                    try await connection.copyIn("COPY t FROM STDIN") { writer in
                        try await writer.write("1\n2\nthree\n".utf8)
                    }
                } throws: { ($0 as? PostgresError)?.sqlState == .invalidTextRepresentation }
                await #expect { try await connection.copyIn("SELECT 1") { _ in } } throws: {
                    ($0 as? PostgresError)?.code == .invalidState
                }
                await #expect { try await connection.copyIn("COPY nowhere FROM STDIN") { _ in } } throws: {
                    ($0 as? PostgresError)?.sqlState == .undefinedTable
                }
                #expect(try await connection.query("SELECT count(*) FROM t")[0].decode(Int.self, at: 0) == 0)
                // The time-out that was lifted for the copy is back.
                #expect(try await connection.query("SHOW statement_timeout")[0].decode(String.self, at: 0) == "30s")
            }
        }
    }

    @Test func aReaderMayStopEarly() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            try await client.withConnection { (connection) async throws in
                for try await _ in connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { break }
                #expect(try await connection.query("SELECT 5")[0].decode(Int.self, at: 0) == 5)
            }
            #expect(try await client.query("SELECT 6")[0].decode(Int.self, at: 0) == 6)
        }
    }

    @Test func anErrorAmidTheDataReachesTheReader() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.withConnection { (connection) async throws in
                var bytes = 0
                await #expect {
                    let chunks = connection.copyOut(
                        "COPY (SELECT 1 / (50000 - n) FROM generate_series(1, 60000) n) TO STDOUT")
                    for try await chunk in chunks { bytes += chunk.count }
                } throws: { ($0 as? PostgresError)?.sqlState == .divisionByZero }
                #expect(bytes > 0)
                #expect(try await connection.query("SELECT 5").count == 1)
            }
        }
    }
}
