import NIOCore
import Testing

@testable import AsteriskManager

@Suite("The encoder lets nothing through that Asterisk would read as something else")
struct AMIMessageEncoderTests {
    private let encoder = AMIMessageEncoder()

    @Test func anActionIsItsLinesAndABlankOne() throws {
        var buffer = ByteBuffer()
        try self.encoder.encode(
            AMIAction("Originate", headers: [("Channel", "Local/1@c/n"), ("Data", ""), ("Variable", "A=Zoë Ñ")]),
            actionID: "7",
            into: &buffer
        )
        #expect(
            String(buffer: buffer)
                == "Action: Originate\r\nActionID: 7\r\nChannel: Local/1@c/n\r\nData: \r\nVariable: A=Zoë Ñ\r\n\r\n"
        )
    }

    @Test(arguments: ["\r", "\n", "\0", "\r\n", "\r\nAction: Command", "\n\nAction: Originate"])
    func aValueWithALineEndOrNULIsRefusedAndNothingIsWritten(_ bad: String) {
        var buffer = ByteBuffer(string: "before")
        #expect(throws: AMIEncodingError.forbiddenCharacter(header: "Data")) {
            try self.encoder.encode(
                AMIAction("Originate", headers: [("Channel", "x"), ("Data", "a" + bad + "b")]),
                into: &buffer
            )
        }
        #expect(throws: AMIEncodingError.forbiddenCharacter(header: "Action")) {
            try self.encoder.encode(AMIAction("Ping" + bad), into: &buffer)
        }
        #expect(throws: AMIEncodingError.forbiddenCharacter(header: "ActionID")) {
            try self.encoder.encode(AMIAction("Ping"), actionID: bad, into: &buffer)
        }
        #expect(String(buffer: buffer) == "before")
    }

    @Test(arguments: ["", "A:B", "A B", "A\r\nB", "Ä"])
    func aNameIsOfPlainCharacters(_ name: String) {
        var buffer = ByteBuffer()
        #expect(throws: AMIEncodingError.invalidName) {
            try self.encoder.encode(AMIAction("X", headers: [(name, "1")]), into: &buffer)
        }
    }

    @Test func aLineMayHave1022BytesAndNoMore() throws {
        var buffer = ByteBuffer()
        let longest = String(repeating: "x", count: 1022 - "Data: ".count)
        try self.encoder.encode(AMIAction("X", headers: [("Data", longest)]), into: &buffer)
        #expect(throws: AMIEncodingError.lineTooLong(header: "Data", bytes: 1023, limit: 1022)) {
            try self.encoder.encode(AMIAction("X", headers: [("Data", longest + "y")]), into: &buffer)
        }
        #expect(throws: AMIEncodingError.lineTooLong(header: "Data", bytes: 1023, limit: 1022)) {
            try self.encoder.encode(AMIAction("X", headers: [("Data", longest.dropLast() + "é")]), into: &buffer)
        }
    }

    @Test func anActionMayHave128LinesAndNoMore() throws {
        var buffer = ByteBuffer()
        let headers = [(name: String, value: String)](repeating: ("Variable", "A=1"), count: 126)
        try self.encoder.encode(AMIAction("X", headers: headers), actionID: "1", into: &buffer)
        #expect(throws: AMIEncodingError.tooManyHeaders(count: 129, limit: 128)) {
            try self.encoder.encode(
                AMIAction("X", headers: headers + [("Variable", "B=2")]),
                actionID: "1",
                into: &buffer
            )
        }
    }

    @Test func anErrorNeverRepeatsAValue() {
        let errors: [AMIEncodingError] = [
            .forbiddenCharacter(header: "Secret"), .lineTooLong(header: "Secret", bytes: 2000, limit: 1022),
            .invalidName,
            .tooManyHeaders(count: 200, limit: 128),
        ]
        #expect(errors.allSatisfy { !$0.description.isEmpty })
        let configuration = AMIClientConfiguration(host: "h", username: "u", secret: "hush-hush")
        #expect(!"\(configuration)".contains("hush"))
        #expect(!String(reflecting: configuration).contains("hush"))
        var text = ""
        dump(configuration, to: &text)
        #expect(!text.contains("hush"))
    }
}
