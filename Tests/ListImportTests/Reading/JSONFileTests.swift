import ListImport
import Testing

@Suite struct JSONFileTests {
    @Test(arguments: [
        "{\"number_1\":\"300\"}\n{\"number_1\":301,\"name\":\"B\"}\n",
        "\u{FEFF}{\"number_1\":\"300\"}\r\n\r\n{\"number_1\":301,\"name\":\"B\"}",
        "[{\"number_1\":\"300\"},{\"number_1\":301,\"name\":\"B\"}]",
        " [\n {\"number_1\" : \"300\"} ,\n{\"number_1\":301,\"name\":\"B\"}\n] \n",
    ])
    func linesAndArraysHoldTheSameContacts(text: String) {
        for size in [1, 3, 10, Int.max] {
            let outcome = parse(text, pieceSize: size) { $0.format = text.contains("[") ? .json : .ndjson }
            #expect(outcome.numbers == ["300", "301"])
            #expect(outcome.column(.name) == [nil, "B"])
            #expect(outcome.problems.isEmpty && outcome.fileProblem == nil)
        }
    }

    @Test func theFirstByteTellsTheFormat() {
        #expect(parse("{\"number_1\":\"300\"}").numbers == ["300"])
        #expect(parse("[{\"number_1\":\"300\"}]").numbers == ["300"])
        #expect(parse("number_1\n300").numbers == ["300"])
    }

    @Test func bracesInTextsAreText() {
        let outcome = parse("[{\"number_1\":\"300\",\"name\":\"a}]{\\\"[\"},{\"number_1\":\"301\"}]")
        #expect(outcome.column(.name) == ["a}]{\"[", nil])
    }

    @Test func aBrokenObjectIsRejectedAndTheNextOneRead() {
        let outcome = parse("{\"number_1\":\"300\"}\n{\"number_1\":\n[1]\n{\"number_1\":{}}\n{\"number_1\":\"304\"}\n")
        #expect(outcome.numbers == ["300", "304"])
        #expect(outcome.problems.map(\.line) == [2, 3, 4])
        #expect(outcome.problems[2].field == "number_1")
    }

    @Test func whatIsNoArrayEndsTheFile() {
        #expect(parse("[{\"number_1\":\"300\"}").fileProblem?.contains("not closed") == true)
        #expect(parse("[1,2]").fileProblem == "line 1: expected an object's {, got \"1\"")
        #expect(parse("[{\"number_1\":\"300\"}]\n[").fileProblem?.contains("line 2") == true)
        #expect(parse("").fileProblem == "the file is empty")
    }

    @Test func anObjectWithoutEndIsRejectedWithinItsLimit() {
        let text =
            "{\"number_1\":\"300\",\"name\":\"" + String(repeating: "x", count: 400_000)
            + "\"}\n{\"number_1\":\"301\"}\n"
        let outcome = parse(text, pieceSize: 10_000)
        #expect(outcome.numbers == ["301"])
        #expect(outcome.reasons == ["1: the object is longer than 262144 bytes"])
    }

    @Test func othersMembersBecomeVariables() {
        let outcome = parse(#"{"phone":"300","City":"Köln","age":41,"vip":true,"variables":{"a":"1"}}"#)
        #expect(outcome.column(.variables) == [#"{"City":"Köln","age":"41","vip":"true","a":"1"}"#])
    }
}
