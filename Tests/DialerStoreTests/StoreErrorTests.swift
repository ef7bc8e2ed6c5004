import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct StoreErrorTests {
    @Test(arguments: [
        "08006", "40001", "40P01", "53100", "53300", "57014", "57P01", "57P03", "58030", "25006", "55P03",
    ])
    func theServersStateIsUnavailability(_ state: String) {
        let error = StoreError(PostgresError(.server, "x", sqlState: SQLState(rawValue: state)))
        guard case .unavailable = error else {
            Issue.record("got \(error)")
            return
        }
        #expect(error.isLostRace == state.hasPrefix("40"))
    }

    @Test(arguments: ["22003", "22P02", "22001", "22021", "22P05", "23502", "23514"])
    func aValueTheServerCannotStoreIsTheSendersMistake(_ state: String) {
        #expect(StoreError(PostgresError(.server, "x", sqlState: SQLState(rawValue: state))).isInvalid)
    }

    @Test(arguments: ["42601", "42P01", "XX000", "0A000"])
    func aWrongStatementIsTheProgramsMistake(_ state: String) {
        guard case .database = StoreError(PostgresError(.server, "x", sqlState: SQLState(rawValue: state))) else {
            Issue.record("wrong case")
            return
        }
    }

    @Test(arguments: [
        PostgresError.Code.connectionFailed, .connectionLost, .notSent, .commitOutcomeUnknown, .timeout, .poolExhausted,
        .closed,
    ])
    func aLostConnectionIsUnavailability(_ code: PostgresError.Code) {
        guard case .unavailable = StoreError(PostgresError(code, "x")) else {
            Issue.record("wrong case")
            return
        }
    }

    @Test func aStoppedServerIsUnavailabilityAndItsReturnIsNoticed() async throws {
        let server = try await PostgresTestServer.start()
        try await TestDatabase.withClient(url: server.url()) { client in
            let site = try await Site(client: client)
            try await site.addContact("1")
            try await TestDatabase.withClient(
                url: server.url(), configure: { $0.acquireTimeout = .milliseconds(300) }
            ) { hasty in
                let store = DialerStore(client: hasty, logger: TestDatabase.logger)
                try await server.stop(.fast)
                let failures: [StoreError?] = [
                    await storeError { () throws(StoreError) in try await store.ping() },
                    await storeError { () throws(StoreError) in _ = try await store.claims.claim(site.request()) },
                    await storeError { () throws(StoreError) in _ = try await store.plans.create(Plan(blank: UUID())) },
                    await storeError { () throws(StoreError) in
                        _ = try await store.plans.update(site.plan.uuid) { $0.name = "x" }
                    },
                ]
                for failure in failures {
                    guard case .unavailable = failure else {
                        Issue.record("got \(String(describing: failure))")
                        continue
                    }
                }
            }
            try await server.restart()
            #expect(try await site.claim().count == 1)
        }
        await server.remove()
    }

    @Test func aStandbyThatCannotWriteIsUnavailability() async throws {
        try await Site.with { site in
            let database = try await site.client.query("SELECT current_database()")[0].decode(String.self, at: 0)
            try await site.client.execute(
                "ALTER DATABASE \(unescaped: database) SET default_transaction_read_only = on")
            let server = try await PostgresTestServer.shared()
            try await TestDatabase.withClient(url: server.url(database: database)) { client in
                let store = DialerStore(client: client, logger: TestDatabase.logger)
                let error = await storeError { () throws(StoreError) in
                    _ = try await store.plans.create(Plan(blank: UUID()))
                }
                guard case .unavailable = error else {
                    Issue.record("got \(String(describing: error))")
                    return
                }
            }
        }
    }
}
