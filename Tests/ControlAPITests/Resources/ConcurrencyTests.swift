import DialerModel
import HTTPTypes
import HummingbirdTesting
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

    @Test("200 connections that write, change and delete at once are each answered 200, and the end is what they said")
    func parallelConnections() async throws {
        try await APIHarness.run(.live) { api in
            let port = try #require(api.port)
            let plan = try await api.client.create("/plans")
            let names = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let name = "writer \(index)"
                        let uuid = try await Self.send(.post, "/dlmas", "{\"name\":\"\(name)\"}", port)
                        _ = try await Self.send(.put, "/plans/\(plan)", "{\"name\":\"\(name)\"}", port)
                        guard index.isMultiple(of: 2) else { return name }
                        _ = try await Self.send(.delete, "/dlmas/\(uuid)", "", port)
                        return ""
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            let listed = try await api.client(.get, "/dlmas").list
            #expect(Set(listed.compactMap { $0["name"]?.stringValue }) == names.subtracting([""]))
            #expect(listed.count == 100)
            let last = try await api.client(.get, "/plans/\(plan)").result["name"]?.stringValue
            #expect(last?.hasPrefix("writer ") == true)
        }
    }

    /// One request on a connection of its own; returns the uuid of the answer.
    private static func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String, _ port: Int
    ) async throws -> String {
        let answer = try await RawConnection.exchange(
            port: port,
            "\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body
        )
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(method) \(path): \(answer)")
        return try String(#require(answer.firstMatch(of: /"uuid":"([0-9a-f-]{36})"/)).1)
    }

    @Test("Parallel PUTs of the same fields never mix: readers and the end see one writer's fields together")
    func sameFields() async throws {
        try await APIHarness.run { api in
            let plan = try await api.client.create("/plans", #"{"name":"w0","detail":"w0"}"#)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 1...60 {
                    group.addTask {
                        let answer = try await api.client(
                            .put, "/plans/\(plan)", #"{"name":"w\#(index)","detail":"w\#(index)"}"#)
                        #expect(answer.status == 200)
                        // The answer is what this writer made of it, not what a later one did.
                        #expect(answer.result["name"] == .string("w\(index)"))
                        #expect(answer.result["detail"] == .string("w\(index)"))
                    }
                    group.addTask {
                        let answer = try await api.client(.get, "/plans/\(plan)")
                        #expect(answer.result["name"] == answer.result["detail"])
                    }
                }
                try await group.waitForAll()
            }
            let after = try await api.client(.get, "/plans/\(plan)")
            #expect(after.result["name"] == after.result["detail"])
            #expect(after.result["name"] != .string("w0"))
        }
    }

    @Test("A PUT against a DELETE is done before it or finds nothing; a deleted resource never comes back")
    func changeAgainstDelete() async throws {
        try await APIHarness.run { api in
            for (collection, body) in [("plans", "{}"), ("destinations", "{}"), ("dlmas", "{}"), ("campaigns", "{}")] {
                for _ in 0..<5 {
                    let uuid = try await api.client.create("/\(collection)", body)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for index in 0..<6 {
                            group.addTask {
                                let answer = try await api.client(
                                    .put, "/\(collection)/\(uuid)", #"{"name":"n\#(index)"}"#)
                                #expect(answer.status == 200 || answer.status == 404, "\(answer.text)")
                            }
                        }
                        group.addTask {
                            let answer = try await api.client(.delete, "/\(collection)/\(uuid)")
                            #expect(answer.status == 200)
                        }
                        try await group.waitForAll()
                    }
                    #expect(try await api.client(.get, "/\(collection)/\(uuid)").status == 404)
                }
            }
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
