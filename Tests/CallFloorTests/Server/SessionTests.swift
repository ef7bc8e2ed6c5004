import Foundation
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import CallFloor

@Suite("Sessions of the floor")
struct SessionTests {
    @Test("Every session gets its own choice of events")
    func masksAndFilters() async throws {
        try await withFloor { server, port in
            let all = try await FloorClient.login(port: port)
            let agentsOnly = try await FloorClient.login(port: port, events: "off")
            #expect(try await agentsOnly.ask("Action: Events\nEventMask: agent", id: "e")["Events"] == "On")
            let legacy = try await FloorClient.login(port: port)
            #expect(
                try await legacy.ask("Action: Filter\nOperation: Add\nFilter: Event: Hangup", id: "f")["Message"]
                    == "Success")
            let advanced = try await FloorClient.login(port: port)
            try await advanced.ask(
                "Action: Filter\nOperation: Add\nMatchCriteria: action(include),name(OriginateResponse),method(none)",
                id: "f"
            )
            #expect(
                try await advanced.ask("Action: Filter\nOperation: Add\nMatchCriteria: name[x]", id: "g")["Response"]
                    == "Error"
            )
            try await all.ask("\(CallTests.originate)\nChannel: PJSIP/1@trunk\nChannelId: id-1", id: "o")
            try await server.advance(by: 60)
            let everything = try await all.wait { $0.events("QueueMemberStatus").count == 3 }
            let names = { @Sendable (inbox: FloorClient.Inbox) in
                inbox.messages.compactMap(\.event).filter { $0 != "FullyBooted" }
            }
            let agentEvents = names(everything).filter { $0.hasPrefix("Queue") || $0.hasPrefix("Agent") }
            #expect(names(try await agentsOnly.wait { names($0).count >= agentEvents.count }) == agentEvents)
            #expect(names(try await legacy.wait { names($0).count >= 3 }) == ["HangupRequest", "Hangup", "Hangup"])
            #expect(names(try await advanced.wait { names($0).count >= 1 }) == ["OriginateResponse"])
        }
    }

    @Test("A session that does not read is dropped; the others get everything")
    func slowReader() async throws {
        try await withFloor {
            $0.backlogLimit = 64 << 10
            $0.world.queues = [.init(name: "sales_1", agents: 50)]
        } _: { server, port in
            let reader = try await FloorClient.login(port: port)
            try await reader.ask("Action: Filter\nOperation: Add\nFilter: Event: AgentComplete", id: "filter")
            let sleeper = try await FloorClient.login(port: port, reads: false)
            let calls = 1500
            for start in stride(from: 0, to: calls, by: 50) {
                var actions = ""
                for call in start..<(start + 50) {
                    actions += "\(CallTests.originate)\nChannel: PJSIP/\(call)@trunk\nChannelId: id-\(call)\n\n"
                }
                try await reader.sendRaw(actions.replacing("\n", with: "\r\n"))
                try await reader.ask("Action: Ping", id: "sent-\(start)")
                try await server.advance(by: 60)
            }
            try await reader.wait { $0.messages.count { $0.event == "AgentComplete" } == calls }
            try await sleeper.startReading()
            try await sleeper.wait { $0.isClosed }
            // About 13 MB of events went by; what the sockets hold is far less.
            #expect(sleeper.text.utf8.count < 10_000_000)
            try await reader.ask("Action: Ping", id: "alive")
        }
    }

    @Test("Closing the floor hangs up, says Shutdown and closes the sessions")
    func shutdown() async throws {
        let client = ClientBox()
        try await withFloor { server, port in
            let session = try await FloorClient.login(port: port)
            client.set(session)
            try await session.ask("\(CallTests.originate)\nChannel: PJSIP/1@trunk\nChannelId: id-1", id: "o")
            try await server.advance(by: 5)
            try await session.wait { !$0.events("AgentConnect").isEmpty }
        }
        let inbox = try await client.get().wait { $0.isClosed }
        #expect(inbox.events("Hangup").map { $0["Cause"] }.contains("0"))
        let last = try #require(inbox.messages.last)
        let recorded = try Recording.received("z01").first { $0.event == "Shutdown" }
        #expect(last.headers == recorded?.headers)
    }

    @Test("A port in use is named, with the option that changes it")
    func portInUse() async throws {
        try await withFloor { _, port in
            let second = CallFloorServer(
                configuration: .init(port: port), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let error = await #expect(throws: CallFloorError.self) { try await second.run() }
            #expect(error == .portInUse(host: "127.0.0.1", port: port))
            #expect(error?.description.contains("\(port)") == true)
            #expect(error?.description.contains("--port") == true)
            await #expect(throws: CallFloorError.portInUse(host: "127.0.0.1", port: port)) { try await second.port }
        }
    }

    @Test("The log witnesses every originate and every end")
    func log() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("floor-\(UUID().uuidString).jsonl")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withFloor {
            $0.log = path
            $0.world.script = CallScript(rules: [.init(pattern: "2", fate: .busy)])
        } _: { server, port in
            let client = try await FloorClient.login(port: port)
            try await client.ask("\(CallTests.originate)\nChannel: PJSIP/1@trunk\nChannelId: id-1", id: "1")
            try await client.ask("\(CallTests.originate)\nChannel: PJSIP/2@trunk\nChannelId: odd \"id\\\t", id: "2")
            try await server.advance(by: 60)
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let objects = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["event"] as? String } == ["originate", "originate", "end", "end"])
        #expect(objects.map { $0["id"] as? String } == ["id-1", "odd \"id\\\t", "odd \"id\\\t", "id-1"])
        #expect(objects[2]["outcome"] as? String == "busy")
        #expect(objects[2]["cause"] as? Int == 17)
        #expect(objects[3]["outcome"] as? String == "caller")
        #expect(objects[3]["agent"] as? String == "PJSIP/1001")
        #expect(objects[3]["connected"] as? Double == 4)
    }

    @Test("A log that cannot be written stops the start")
    func badLog() async throws {
        var configuration = CallFloorServer.Configuration(port: 0)
        configuration.log = "/nonexistent/folder/log"
        let server = CallFloorServer(
            configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: CallFloorError.self) { try await server.run() }
        #expect(error?.description.contains("--log") == true)
    }
}

/// Hands a client out of a closure.
private final class ClientBox: Sendable {
    private let box = NIOLockedValueBox<FloorClient?>(nil)

    func set(_ client: FloorClient) { self.box.withLockedValue { $0 = client } }
    func get() throws -> FloorClient { try #require(self.box.withLockedValue { $0 }) }
}
