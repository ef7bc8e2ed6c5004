import NIOCore
import NIOTestUtils
import TestSupport
import Testing

@testable import AsteriskManager

@Suite("The decoder cuts a stream into messages")
struct AMIMessageDecoderTests {
    private func decode(
        _ chunks: [ByteBuffer],
        expectsGreeting: Bool = false,
        limits: AMIDecodingLimits = AMIDecodingLimits()
    ) throws -> [AMIMessage] {
        let processor = NIOSingleStepByteToMessageProcessor(
            AMIMessageDecoder(expectsGreeting: expectsGreeting, limits: limits)
        )
        var messages: [AMIMessage] = []
        for chunk in chunks { try processor.process(buffer: chunk) { messages.append($0) } }
        try processor.finishProcessing(seenEOF: true) { messages.append($0) }
        return messages
    }

    private func decode(_ text: String, expectsGreeting: Bool = false) throws -> [AMIMessage] {
        try self.decode([ByteBuffer(string: text)], expectsGreeting: expectsGreeting)
    }

    @Test func anyChunkingGivesTheSameMessages() throws {
        func message(_ text: String) throws -> AMIMessage {
            try #require(try self.decode(text).first)
        }
        let one = "Event: Hangup\r\nUniqueid: a:b\r\nEmpty: \r\n\r\n"
        let two = "Response: Success\nActionID: 7\n\n"
        try ByteToMessageDecoderVerifier.verifyDecoder(
            stringInputOutputPairs: [
                (one, [message(one)]), (two, [message(two)]), (one + two, [message(one), message(two)]),
            ],
            decoderFactory: { AMIMessageDecoder() }
        )
    }

    @Test(arguments: Transcript.all)
    func aRecordedSessionIsReadWholeInPiecesOfAnySize(_ transcript: Transcript) throws {
        let bytes = try transcript.received()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let whole = try self.decode([ByteBuffer(bytes: bytes)], expectsGreeting: true)
        #expect(whole.first?.greeting?.hasPrefix("Asterisk Call Manager/") == true)
        #expect(whole.dropFirst().allSatisfy { $0.kind != .unknown && $0.greeting == nil })
        // Every byte belongs to a message, to a blank line between two, or to a message the recording cut off.
        let read = whole.reduce(0) { $0 + $1.rawBytes.readableBytes }
        #expect(read > bytes.count * 9 / 10)
        for most in [1, 7, 100, 5000] {
            let pieces = try self.decode(randomChunks(bytes, upTo: most, using: &random), expectsGreeting: true)
            #expect(pieces == whole, "seed \(seed), pieces up to \(most)")
        }
    }

    @Test(arguments: Transcript.all)
    func actionsAreReadAsWell(_ transcript: Transcript) throws {
        let bytes = try transcript.sent()
        let whole = try self.decode([ByteBuffer(bytes: bytes)])
        var random = SeededGenerator(seed: 4)
        #expect(try self.decode(randomChunks(bytes, upTo: 60, using: &random)) == whole)
        #expect(whole.contains { $0.isAction("login") })
    }

    @Test func headersAreFoundWithoutRegardToCaseAndKeptAsTheyCame() throws {
        let message = try #require(
            try self.decode(
                "Event: Newchannel\r\nCause-txt:  Normal Clearing \r\nCALLERIDNUM: a: b\r\nVariable: A=1\r\nVariable: B=2\r\nnonsense\r\nEmpty:\r\n\r\n"
            )
            .first
        )
        #expect(message.kind == .event("Newchannel"))
        #expect(message["callerIDNum"] == "a: b")
        #expect(message["cause-TXT"] == "Normal Clearing ")
        #expect(message["Empty"] == "")
        #expect(message["CallerID"] == nil)
        #expect(message["Nothing"] == nil)
        let name = "variable"
        #expect(message[name] == "A=1")
        #expect(message.values(of: "Variable") == ["A=1", "B=2"])
        #expect(message.header(at: 1).name == "Cause-txt")
        #expect(message.header(at: 5).value == "nonsense")
        #expect(message.headerCount == 7)
        #expect(message.value("Variable", equals: "A=1"))
        #expect(!message.value("Variable", equals: "A="))
        #expect(message.eventType == .newchannel)
    }

    @Test func integersAreDigitsAndNothingElse() throws {
        let message = try #require(
            try self.decode("Event: X\r\nA: 17\r\nB: -3\r\nC: 1x\r\nD: \r\nE: 99999999999999999999\r\n\r\n").first)
        #expect(message.integer("A") == 17)
        #expect(message.integer("B") == -3)
        #expect(message.integer("C") == nil)
        #expect(message.integer("D") == nil)
        #expect(message.integer("E") == nil)
    }

    @Test func everyKnownEventIsRecognisedByItsName() throws {
        for type in AMIEventType.allCases {
            let message = try #require(try self.decode("Event: \(type.name)\r\n\r\n").first)
            #expect(message.eventType == type)
            let longer = try #require(try self.decode("Event: \(type.name)X\r\n\r\n").first)
            #expect(longer.eventType == nil)
        }
    }

    @Test func aBareLineFeedEndsALineAndBlankLinesBetweenMessagesAreSkipped() throws {
        let messages = try self.decode("\r\n\nEvent: A\nX: 1\n\n\r\n\r\nEvent: B\r\nX: 2\r\n\r\n")
        #expect(messages.map(\.eventName) == ["A", "B"])
        #expect(messages.map { $0["X"] } == ["1", "2"])
    }

    @Test func whatTheEndOfTheStreamCutsOffIsDropped() throws {
        let messages = try self.decode("Event: A\r\n\r\nEvent: B\r\nUniq")
        #expect(messages.map(\.eventName) == ["A"])
    }

    @Test func limitsHoldForWholeAndForUnfinishedMessages() {
        let limits = AMIDecodingLimits(maxMessageBytes: 200, maxLineBytes: 50, maxHeaders: 5)
        func decode(_ text: String) throws { _ = try self.decode([ByteBuffer(string: text)], limits: limits) }
        let line = "X: \(String(repeating: "y", count: 48))"
        #expect(throws: AMIDecodingError.lineTooLong(limit: 50)) { try decode("\(line)\r\n\r\n") }
        #expect(throws: AMIDecodingError.lineTooLong(limit: 50)) { try decode(String(repeating: "z", count: 60)) }
        #expect(throws: AMIDecodingError.tooManyHeaders(limit: 5)) {
            try decode(String(repeating: "A: 1\r\n", count: 6) + "\r\n")
        }
        #expect(throws: AMIDecodingError.messageTooLong(limit: 200)) {
            try decode(String(repeating: "A: \(String(repeating: "b", count: 40))\r\n", count: 5) + "\r\n")
        }
        #expect(throws: Never.self) {
            try decode(String(repeating: "A: \(String(repeating: "b", count: 30))\r\n", count: 5) + "\r\n")
        }
    }

    @Test func theGreetingIsALineByItself() throws {
        let messages = try self.decode(
            "Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n", expectsGreeting: true)
        #expect(messages.map(\.kind) == [.greeting("Asterisk Call Manager/11.0.0"), .response("Success")])
    }
}
