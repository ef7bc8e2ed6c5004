import ListImport
import Testing

@Suite struct ColumnMapTests {
    @Test func headingsOfManyKindsAreKnown() {
        let outcome = parse("Full Name;Telephone;Mobile;E-Mail;Customer-ID;City\nAda;300;301;a@b;7;Bonn\n")
        #expect(outcome.column(.name) == ["Ada"])
        #expect(outcome.column(.number1) == ["300"])
        #expect(outcome.column(.number2) == ["301"])
        #expect(outcome.column(.email) == ["a@b"])
        #expect(outcome.column(.ukey) == ["7"])
        #expect(outcome.column(.variables) == [#"{"City":"Bonn"}"#])
    }

    @Test func jadesNamesAreTakenAsTheyAre() {
        let outcome = parse("ukey,name,detail,number_1,number_8,email,resv_target,priority\nk,n,d,1,8,e,r,7\n")
        #expect(outcome.rows == [["n", "d", "k", "e", "r", nil, "1", nil, nil, nil, nil, nil, nil, "8", nil, "7"]])
    }

    @Test func mapNamesAndDropsColumns() throws {
        let outcome = parse("Rufnr.,Geheim,Ort\n300,x,Bonn\n") {
            $0.choices = try! .init("Rufnr.:number_3,#2:-,Ort:town")
        }
        #expect(outcome.column(.number3) == ["300"])
        #expect(outcome.column(.variables) == [#"{"town":"Bonn"}"#])
    }

    @Test func withoutAHeaderLineColumnsGoByPosition() {
        let outcome = parse("Ada,300\nBob,301\n") {
            $0.hasHeader = false
            $0.choices = try! .init("#1:name,#2:number_1")
        }
        #expect(outcome.column(.name) == ["Ada", "Bob"])
        #expect(outcome.numbers == ["300", "301"])
    }

    @Test(arguments: [
        ("name,city\nA,B\n", "no column holds a number"),
        ("phone,number_1\n1,2\n", "two columns are number_1"),
        ("phone," + (0..<41).map { "v\($0)" }.joined(separator: ",") + "\n", "41 columns would become variables"),
        ("phone,ÄÖ\n1,2\n", "cannot be a variable's name"),
        ("", "the file is empty"),
        ("\"phone\n300\n", "header line"),
    ])
    func whatCannotBeMappedIsRefusedAsAWhole(text: String, reason: String) {
        #expect(parse(text).fileProblem?.contains(reason) == true)
    }

    @Test(arguments: [
        ("phone", "COLUMN:FIELD"), ("phone:number 1)", "neither"), (":name", "COLUMN:FIELD"),
    ])
    func aMapThatIsNoneIsRefused(text: String, reason: String) {
        let problem = #expect(throws: FileProblem.self) { try ColumnMap.Choices(text) }
        #expect(problem?.message.contains(reason) == true)
    }

    @Test func mapMayNotNameWhatIsNotThere() {
        #expect(parse("phone\n1\n") { $0.choices = try! .init("Town:town") }.fileProblem?.contains("no column") == true)
        #expect(
            parse("phone\n1\n") { $0.choices = try! .init("#3:town") }.fileProblem?.contains("no column #3") == true)
    }
}
