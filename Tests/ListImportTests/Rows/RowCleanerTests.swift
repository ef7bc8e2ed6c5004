import ListImport
import Testing

@Suite struct RowCleanerTests {
    @Test func aRowSaysWhatIsWrongWithIt() {
        let long = String(repeating: "x", count: 256)
        let outcome = parse(
            "number_1,name,note_1\n,A,\n300,\(long),\n301,B,\"two\nlines\"\n302,C,,extra\n303 4,D,\n304,ok,\n")
        #expect(
            outcome.reasons == [
                "2: the row has no number",
                "3: name: expected at most 255 characters, got 256",
                "4: note_1: a variable's value may not hold line breaks or other control characters",
                "6: the row has 4 fields, the header line 3",
                "7: number_1: \"303 4\" is no number of digits, letters and + * # . : ; = ~ _ @ / - without spaces; "
                    + "give the list a default_region to have numbers cleaned",
            ])
        #expect(outcome.numbers == ["304"])
        #expect(outcome.problems[3].excerpt == "302,C,,extra")
    }

    @Test func aPriorityIsOneDigit() {
        let outcome = parse("number_1,Priority\n300,0\n301,9\n302,\n303,10\n304,high\n305, 3 \n306,-1\n")
        #expect(outcome.numbers == ["300", "301", "302", "305"])
        #expect(outcome.column(.priority) == ["0", "9", nil, "3"])
        #expect(
            outcome.reasons == [
                "5: priority: expected an integer from 0 to 9, got \"10\"",
                "6: priority: expected an integer from 0 to 9, got \"high\"",
                "8: priority: expected an integer from 0 to 9, got \"-1\"",
            ])
    }

    @Test func trailingEmptyFieldsAndMissingOnesAreNoFault() {
        let outcome = parse("number_1,name\n300,A,,,\n301\n")
        #expect(outcome.numbers == ["300", "301"])
        #expect(outcome.column(.name) == ["A", nil])
    }

    @Test func textInAnotherEncodingIsRejectedRowByRow() {
        let outcome = parse(Array("number_1,name\n300,M".utf8) + [0xFC] + Array("ller\n301,Müller\n".utf8))
        #expect(outcome.reasons == ["2: name: the text is not UTF-8; save the file as UTF-8"])
        #expect(outcome.column(.name) == ["Müller"])
    }

    @Test func cellsThatAreFormulasStayText() {
        let outcome = parse("number_1,name,x\n\"=\"\"0301\"\"\",=1+1,@SUM(A1)\n'0302,-2,+3\n")
        #expect(outcome.numbers == ["0301", "0302"])
        #expect(outcome.column(.name) == ["=1+1", "-2"])
        #expect(outcome.column(.variables) == [#"{"x":"@SUM(A1)"}"#, #"{"x":"+3"}"#])
        #expect(outcome.column(.originals) == [#"{"1":"=\"0301\""}"#, #"{"1":"'0302"}"#])
    }

    @Test func theApostropheOfAnExportComesOff() {
        let outcome = parse("number_1,name,detail,x\n300,'=1+1,'tis so,'@SUM(A1)\n301,'+,'',-\n")
        #expect(outcome.column(.name) == ["=1+1", "+"])
        #expect(outcome.column(.detail) == ["'tis so", "''"])
        #expect(outcome.column(.variables) == [#"{"x":"@SUM(A1)"}"#, #"{"x":"-"}"#])
    }

    @Test func variablesMayComeAsOneObject() {
        let outcome = parse(
            """
            number_1,variables,Extra
            300,"{""A"":""1"",""B"":2}",x
            301,,y
            302,"{""Extra"":""1""}",z
            303,none,z
            304,"[1]",z

            """)
        #expect(outcome.numbers == ["300", "301"])
        #expect(outcome.column(.variables) == [#"{"A":"1","B":"2","Extra":"x"}"#, #"{"Extra":"y"}"#])
        #expect(outcome.reasons.count == 3)
        #expect(outcome.reasons[0] == "4: Extra: the variable is given twice")
        #expect(outcome.reasons[1].hasPrefix("5: variables: expected a JSON object of names and values"))
        #expect(outcome.reasons[2] == "6: variables: expected an object of names and values, got an array")
    }

    @Test func whatAnExportSaysAndNoUploadSetsIsLeftOut() {
        let outcome = parse("uuid,status,number_1,trycnt_1,res_dial,tm_last_hangup,x\nu,0,300,3,4,t,1\n")
        #expect(outcome.numbers == ["300"])
        #expect(outcome.column(.variables) == [#"{"x":"1"}"#])
    }

    @Test func aNumberASpreadsheetSpoiledIsRefused() {
        #expect(parse("number_1\n4.93012E+11\n").reasons.first?.contains("format the column as text") == true)
    }

    /// What cannot be cut out and what cannot be used are told in the order of the file within each piece.
    @Test func aBrokenRowBehindTheHeaderIsNotTheHeader() {
        let outcome = parse("number_1,name\n300,\"a\"x\n301,b\n")
        #expect(outcome.fileProblem == nil)
        #expect(outcome.reasons == ["2: text follows the closing quote of a field"])
        #expect(outcome.numbers == ["301"])
    }
}
