import DialerModel
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite("Many clients at once")
struct ConcurrencyTests {
    @Test("200 clients writing in parallel are all served, and nothing is lost or doubled")
    func parallelWriters() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let created = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        try await api.client.create(
                            "/dls",
                            #"{"dlma_uuid":"\#(list)","name":"contact \#(index)","number_1":"\#(1_000 + index)"}"#
                        )
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(created.count == 200)
            let listed = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(Set(listed.compactMap { $0["uuid"]?.stringValue }) == created)
            #expect(Set(listed.compactMap { $0["number_1"]?.stringValue }).count == 200)
        }
    }

    @Test("Parallel PUTs of different fields all last")
    func differentFields() async throws {
        try await APIHarness.run { api in
            let plan = try await api.client.create("/plans")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 1...8 {
                    for _ in 0..<5 {
                        group.addTask {
                            let answer = try await api.client(
                                .put, "/plans/\(plan)", #"{"max_retry_cnt_\#(index)":\#(10 + index)}"#)
                            #expect(answer.status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let after = try await api.client(.get, "/plans/\(plan)")
            for index in 1...8 { #expect(after.result["max_retry_cnt_\(index)"] == .integer(Int64(10 + index))) }
        }
    }

    @Test("A plan is never deleted under a campaign that takes it at the same moment")
    func deleteAgainstReference() async throws {
        try await APIHarness.run { api in
            for _ in 0..<10 {
                let plan = try await api.client.create("/plans")
                async let deletion = api.client(.delete, "/plans/\(plan)")
                async let reference = api.client(.post, "/campaigns", #"{"plan":"\#(plan)"}"#)
                let (deleted, referring) = try await (deletion, reference)
                if deleted.status == 200 {
                    #expect(referring.status == 400)
                } else {
                    #expect(deleted.status == 409)
                    #expect(referring.status == 200)
                }
            }
        }
    }

    @Test("Beyond the bound of requests in progress a request is refused with 503, and health is answered still")
    func requestBound() async throws {
        let limiter = RequestLimiter(maximum: 1)
        let (entered, entry) = AsyncStream<Void>.makeStream()
        let (release, opener) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Int.self) { group throws in
            group.addTask {
                try await limiter.run {
                    entry.yield()
                    for await _ in release { break }
                    return 1
                }
            }
            for await _ in entered { break }
            await #expect(throws: APIError.self) {
                _ = try await limiter.run { 2 }
            }
            opener.yield()
            #expect(try await group.next() == 1)
        }
        #expect(try await limiter.run { 3 } == 3)
    }
}
