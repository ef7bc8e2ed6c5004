import NIOCore
import Testing

@testable import CallFloor

@Suite("Reading actions")
struct ActionReaderTests {
    private func read(_ text: String, chunk: Int = .max) -> [String] {
        var reader = ActionReader()
        var items: [String] = []
        var rest = Substring(text).utf8
        while !rest.isEmpty {
            reader.append(ByteBuffer(bytes: rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
            while let item = reader.next() {
                switch item {
                case .action(let action):
                    items.append(action.headers.map { "\($0.name)=\($0.value.prefix(40))" }.joined(separator: ","))
                case .broken(let message, let id):
                    items.append("\(message)/\(id ?? "-")")
                }
            }
        }
        return items
    }

    @Test("Any chunking gives the same actions", arguments: [1, 2, 3, 7, 1000])
    func chunks(size: Int) {
        let text = "Action: Ping\r\nActionID: 1\r\n\r\n\r\naction:ping\nactionid:  two\n\nActionID: zz\r\n\r\n"
        #expect(self.read(text, chunk: size) == ["Action=Ping,ActionID=1", "action=ping,actionid=two", "ActionID=zz"])
    }

    @Test(
        "A name with a blank before the colon is another name; a NUL ends the line; the first header of a name counts")
    func oddLines() {
        #expect(self.read("Action : Ping\r\n\r\n") == ["Action =Ping"])
        #expect(self.read("Action: Pi\0ng\r\n\r\n") == ["Action=Pi"])
        var action = ReceivedAction()
        action.append(name: "actionid", value: "1")
        action.append(name: "ActionID", value: "2")
        #expect(action["ActionID"] == "1")
        #expect(action.values(of: "ACTIONID") == ["1", "2"])
    }

    @Test(
        "Lines up to 1022 bytes pass; one more breaks the message twice, longer ones once",
        arguments: [
            (1022, 1), (1023, 2), (1024, 1), (5000, 1), (200_000, 1),
        ])
    func longLines(length: Int, answers: Int) {
        let text =
            "ActionID: a\r\nX: " + String(repeating: "x", count: length - 3) + "\r\nY: 1\r\n\r\nAction: Ping\r\n\r\n"
        for chunk in [64, 100_000] {
            let items = self.read(text, chunk: chunk)
            #expect(items.last == "Action=Ping")
            #expect(items.count == answers + 1)
            if length > 1022 { #expect(items[0] == "Failed to parse message: line too long/a") }
            if answers == 2 { #expect(items[1] == "Missing action in request/-") }
        }
    }

    @Test("128 headers pass, 129 don't")
    func manyHeaders() {
        let lines = { (count: Int) in
            "ActionID: a\r\n" + (1..<count).map { "V: \($0)\r\n" }.joined() + "\r\n"
        }
        #expect(self.read(lines(128)).first?.hasPrefix("ActionID=a") == true)
        #expect(self.read(lines(129)) == ["Too many lines in message or allocation failure/a"])
        #expect(self.read(lines(20_000)) == ["Too many lines in message or allocation failure/a"])
    }
}
