import Testing

@testable import CallFloor

@Suite("Scripted numbers")
struct CallScriptTests {
    @Test(
        "The first rule that fits decides",
        arguments: [
            ("5551234", CustomerFate.busy), ("5559999", .person), ("4", .ringOut), ("42", .cause(21)),
            ("777", .machine),
        ])
    func firstRule(number: String, fate: CustomerFate) throws {
        let script = try CallScript(
            text: """
                # comment
                *1234 busy
                555*  answer ring=2 talk=30 patience=4 setup=0.5 wrap=9   # an easy one

                ?     noanswer
                4?    cause:21
                7*7   machine
                """
        )
        #expect(script.rule(for: number)?.fate == fate)
        #expect(script.rule(for: "90210") == nil)
    }

    @Test("Durations of a rule replace the drawn ones")
    func durations() throws {
        var configuration = FloorWorld.Configuration()
        configuration.script = try CallScript(text: "555* answer ring=2 talk=30 patience=4 setup=0.5 wrap=9")
        let plan = CallPlan(number: "5551", ordinal: 3, configuration: configuration)
        #expect(plan.fate == .person)
        #expect(plan.ring == .seconds(2))
        #expect(plan.talk == .seconds(30))
        #expect(plan.patience == .seconds(4))
        #expect(plan.setup == .seconds(0.5))
        #expect(plan.wrapup == .seconds(9))
    }

    @Test(
        "A bad line is reported with its number",
        arguments: [
            ("1 busy\n2 maybe", 2), ("1", 1), ("\n\n1 answer ring=x", 3), ("1 answer pitch=2", 1), ("1 cause:200", 1),
        ])
    func badLines(text: String, line: Int) {
        #expect { try CallScript(text: text) } throws: { ($0 as? CallScript.ParseError)?.line == line }
    }
}
