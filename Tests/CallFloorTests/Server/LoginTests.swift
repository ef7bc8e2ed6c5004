import Testing

@testable import CallFloor

@Suite("Logging in to the floor")
struct LoginTests {
    @Test("A plain login is answered as recorded, then the floor says it is booted")
    func plain() async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.login(port: port)
            let inbox = try await client.wait { !$0.events("FullyBooted").isEmpty }
            #expect(client.text.hasPrefix("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n"))
            let recorded = try Recording.received("a01")
            #expect(inbox.messages[0].names.suffix(3) == recorded[0].names.suffix(3))
            #expect(inbox.response("login")?["Message"] == "Authentication accepted")
            #expect(inbox.events("FullyBooted")[0].names == recorded.first { $0.event == "FullyBooted" }?.names)
            let pong = try await client.ask("Action: Ping", id: "p")
            #expect(pong.names == ["Response", "ActionID", "Ping", "Timestamp"])
            let again = try await client.ask("Action: Login\nUsername: x\nSecret: y", id: "again")
            #expect(again["Message"] == "Already authenticated")
            try await client.send("Action: Logoff\nActionID: bye")
            let last = try await client.wait { $0.isClosed }
            #expect(last.response("bye")?["Response"] == "Goodbye")
            #expect(last.response("bye")?["Message"] == "Thanks for all the fish.")
        }
    }

    @Test("An MD5 login needs the digest of this session's challenge")
    func md5() async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.connect(port: port)
            let challenge = try await client.ask("Action: Challenge\nAuthType: MD5", id: "c")
            let digits = try #require(challenge["Challenge"])
            let key = MD5.hexadecimal(of: digits + "change-me")
            let answer = try await client.ask("Action: Login\nAuthType: MD5\nUsername: outpace\nKey: \(key)", id: "l")
            #expect(answer["Response"] == "Success")

            let other = try await FloorClient.connect(port: port)
            try await other.ask("Action: Challenge\nAuthType: MD5", id: "c")
            let refused = try await other.ask("Action: Login\nAuthType: MD5\nUsername: outpace\nKey: \(key)", id: "l")
            #expect(refused["Message"] == "Authentication failed")
            try await other.wait { $0.isClosed }
        }
    }

    @Test(
        "A bad secret, an unknown user and a login without a challenge look the same: an error and the end",
        arguments: [
            "Username: outpace\nSecret: wrong", "Username: nobody\nSecret: change-me", "Username: outpace",
            "AuthType: MD5\nUsername: outpace\nKey: d41d8cd98f00b204e9800998ecf8427e",
        ])
    func refused(headers: String) async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.connect(port: port)
            let answer = try await client.ask("Action: Login\n\(headers)", id: "l")
            #expect(answer["Response"] == "Error")
            #expect(answer["Message"] == "Authentication failed")
            try await client.wait { $0.isClosed }
        }
    }

    @Test(
        "Before the login every action is denied, and the login still possible",
        arguments: ["Ping", "Originate", "NoSuchAction"])
    func beforeLogin(action: String) async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.connect(port: port)
            let denied = try await client.ask("Action: \(action)", id: "d")
            #expect(denied["Message"] == "Permission denied")
            let answer = try await client.ask("Action: Login\nUsername: outpace\nSecret: change-me", id: "l")
            #expect(answer["Response"] == "Success")
        }
    }

    @Test("A connection that never logs in is closed without a word")
    func loginTimeout() async throws {
        try await withFloor {
            $0.loginTimeout = 0.05
        } _: { _, port in
            let client = try await FloorClient.connect(port: port)
            try await client.wait { $0.isClosed }
            #expect(client.text == "Asterisk Call Manager/11.0.0\r\n")
        }
    }

    @Test("Too many unauthenticated connections are closed at once, without a banner")
    func loginLimit() async throws {
        try await withFloor {
            $0.unauthenticatedLimit = 2
        } _: { _, port in
            let first = try await FloorClient.login(port: port)
            let second = try await FloorClient.connect(port: port)
            try await second.ask("Action: Ping", id: "1")
            let third = try await FloorClient.connect(port: port)
            try await third.ask("Action: Ping", id: "1")
            let fourth = try await FloorClient.connect(port: port)
            try await fourth.wait { $0.isClosed }
            #expect(fourth.text == "")
            try await first.ask("Action: Ping", id: "still here")
        }
    }

    @Test("Unknown actions, missing actions and over-long lines are answered as recorded, and the session goes on")
    func mistakes() async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.login(port: port)
            let unknown = try await client.ask("Action: NoSuchAction", id: "u")
            let recorded = try Recording.received("a12").first { $0["Message"]?.hasPrefix("Invalid/unknown") == true }
            #expect(unknown["Message"] == recorded?["Message"])
            #expect(try await client.ask("Foo: bar", id: "m")["Message"] == "Missing action in request")
            let long = String(repeating: "x", count: 3000)
            let answer = try await client.ask("Action: Ping\nActionID: long\nVariable: \(long)", id: "long")
            #expect(answer["Message"] == "Failed to parse message: line too long")
            try await client.ask("Action: Ping", id: "p")
        }
    }

    @Test("A user without the class is denied, but may look at queues")
    func permissions() async throws {
        try await withFloor {
            $0.write = [.reporting]
            $0.read = [.agent]
        } _: { _, port in
            let client = try await FloorClient.login(port: port)
            #expect(
                try await client.ask("Action: Originate\nChannel: PJSIP/1", id: "o")["Message"] == "Permission denied")
            #expect(try await client.ask("Action: QueueStatus", id: "q")["EventList"] == "start")
            #expect(client.inbox.events("FullyBooted").isEmpty)
        }
    }
}
