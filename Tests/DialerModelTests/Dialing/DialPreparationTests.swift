import DialerModel
import Testing

/// What is worked out before a call is placed: number, channel, variables, the dialing itself.
@Suite struct DialPreparationTests {
    struct ChannelRow: Sendable {
        var tech: String
        var number: String
        var trunk: String?
        var channel: String
    }

    @Test(
        "channel names",
        arguments: [
            ChannelRow(tech: "PJSIP", number: "300", trunk: "trunk", channel: "PJSIP/300@trunk"),
            ChannelRow(tech: "SIP", number: "100", trunk: nil, channel: "SIP/100"),
            ChannelRow(tech: "sip/", number: "100", trunk: "", channel: "sip/100"),
            ChannelRow(tech: "Local", number: "300", trunk: "customers", channel: "Local/300@customers/n"),
            ChannelRow(tech: "local/", number: "300@customers", trunk: nil, channel: "local/300@customers/n"),
            ChannelRow(tech: "Local", number: "300@customers/n", trunk: nil, channel: "Local/300@customers/n"),
            ChannelRow(tech: "DAHDI", number: "g1/300", trunk: nil, channel: "DAHDI/g1/300"),
        ]
    )
    func channelNames(row: ChannelRow) {
        #expect(DialChannel.name(techName: row.tech, number: row.number, trunkName: row.trunk) == row.channel)
    }

    @Test("a plan without a technology gets the service's default")
    func defaultTechnology() {
        var plan = Plan(uuid: Samples.uuid(1))
        plan.techName = nil
        #expect(DialChannel.name(plan: plan, number: "1") == "PJSIP/1")
        #expect(DialChannel.name(plan: plan, number: "1", defaultTechName: "SIP") == "SIP/1")
    }

    @Test("variables override each other from campaign to contact and keep their first place")
    func mergeOrder() throws {
        var snapshot = Samples.snapshot()
        snapshot.campaign.variables = [
            "c": "campaign", "x1": "campaign", "x2": "campaign", "x3": "campaign", "x4": "campaign",
        ]
        snapshot.plan.variables = ["x1": "plan", "x2": "plan", "x3": "plan", "x4": "plan"]
        snapshot.destination.variables = ["x2": "destination", "x3": "destination", "x4": "destination"]
        snapshot.dlma.variables = ["x3": "list", "x4": "list", "n": 5]
        snapshot.entry.variables = ["x4": "contact", "f": true, "z": nil]
        let merged = VariableMerge.merged(snapshot)
        #expect(
            merged.text
                == #"{"c":"campaign","x1":"plan","x2":"destination","x3":"list","x4":"contact","n":5,"f":true,"z":null}"#
        )
        let texts = VariableMerge.wireTexts(merged).map { "\($0.name)=\($0.value)" }
        #expect(texts == ["c=campaign", "x1=plan", "x2=destination", "x3=list", "x4=contact", "n=5", "f=true", "z="])
    }

    @Test("no variables anywhere give an empty object")
    func nothingToMerge() {
        #expect(VariableMerge.merged(Samples.snapshot()).text == "{}")
    }

    @Test("what may not go on the wire is left out, wherever it came from")
    func hostileVariables() {
        let variables: JSONValue = [
            "CDR(userfield)": "x", "a b": "x", "1a": "x", "ok": "fine", "line": "a\r\nAction: Logoff", "nul": "\0",
            "nested": ["a": 1], "list": [1], "": "x",
        ]
        #expect(VariableMerge.wireTexts(variables).map(\.name) == ["ok"])
        #expect(VariableMerge.wireTexts(.null).isEmpty)
    }

    @Test("a claim makes a dialing of everything the call needs")
    func claim() throws {
        var snapshot = Samples.snapshot(tech: "Local", trunk: "customers", numbers: ["300", "301"])
        snapshot.entry.tries[2] = 1
        snapshot.plan.callerID = "+4930"
        snapshot.plan.dialTimeout = 20_000
        let claimed = Dialing(claiming: 2, of: snapshot, uuid: Samples.uuid(9), actionID: "a", now: Samples.start)
        let dialing = try #require(claimed)
        #expect(dialing.dialChannel == "Local/301@customers/n")
        #expect(dialing.dialAddress == "301")
        #expect(dialing.dialIndex == 2)
        #expect(dialing.dialTry == 2)
        #expect(dialing.dialTimeout == 20_000)
        #expect(dialing.callerID == "+4930")
        #expect(dialing.application == "queue")
        #expect(dialing.data == "sales_1")
        #expect(dialing.exten == nil && dialing.context == nil)
        #expect(dialing.status == .originateRequested)
        #expect(Dialing(claiming: 3, of: snapshot, uuid: Samples.uuid(9), actionID: "a", now: Samples.start) == nil)
        #expect(Dialing(claiming: 9, of: snapshot, uuid: Samples.uuid(9), actionID: "a", now: Samples.start) == nil)
    }

    @Test("an extension destination fills the dialplan columns and leaves the application's empty")
    func extensionClaim() throws {
        let snapshot = Samples.snapshot(application: nil)
        let dialing = try #require(
            Dialing(claiming: 1, of: snapshot, uuid: Samples.uuid(9), actionID: "a", now: Samples.start)
        )
        #expect(dialing.destinationKind == .extension)
        #expect(dialing.exten == "100" && dialing.context == "agents")
        #expect(dialing.application == nil && dialing.data == nil)
    }
}
