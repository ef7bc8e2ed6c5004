import Testing

@testable import CallFloor

@Suite("Event filters and classes")
struct EventFilterTests {
    private func kinds(_ kinds: EventKind...) -> EventKinds {
        kinds.reduce(into: EventKinds(rawValue: 0)) { $0.insert(EventKinds($1)) }
    }

    @Test("Without filters everything passes")
    func none() {
        #expect(EventFilters().certainKinds == .all)
    }

    @Test("The legacy filter 'Event: Hangup' lets HangupRequest through too")
    func legacy() {
        var filters = EventFilters()
        let added1 = filters.add(expression: "Event: Hangup")
        #expect(added1)
        #expect(filters.certainKinds == self.kinds(.hangup, .hangupRequest))
        let added2 = filters.add(expression: "!Event: HangupRequest")
        #expect(added2)
        #expect(filters.certainKinds == self.kinds(.hangup))
    }

    @Test("A list of names in one expression is a filter by names")
    func alternation() {
        var filters = EventFilters()
        let added3 = filters.add(expression: "Event: (Hangup|QueueCallerJ|AgentC)")
        #expect(added3)
        #expect(
            filters.certainKinds
                == self.kinds(.hangup, .hangupRequest, .queueCallerJoin, .agentCalled, .agentConnect, .agentComplete)
        )
        var loose = EventFilters()
        let added4 = loose.add(expression: "Event: Hangup|Foo")
        #expect(added4)
        #expect(loose.certainKinds == [])
    }

    @Test("An advanced filter matches the name exactly")
    func advanced() {
        var filters = EventFilters()
        let added5 = filters.add(criteria: "action(include),name(Hangup),method(none)", value: "")
        #expect(added5)
        #expect(filters.certainKinds == self.kinds(.hangup))
        let added6 = filters.add(
            criteria: "action(exclude),name(Hangup),header(Uniqueid),method(starts_with)", value: "x-")
        #expect(added6)
        #expect(filters.certainKinds == [])
        #expect(filters.possibleKinds == self.kinds(.hangup))
        #expect(filters.passes(.hangup, text: "Event: Hangup\r\nUniqueid: y-1\r\n"))
        #expect(!filters.passes(.hangup, text: "Event: Hangup\r\nUniqueid: x-1\r\n"))
    }

    @Test("A regular expression looks at the text")
    func expression() {
        var filters = EventFilters()
        let added7 = filters.add(expression: "Queue: sales_[12]")
        #expect(added7)
        #expect(filters.certainKinds == [])
        #expect(filters.passes(.agentCalled, text: "Event: AgentCalled\r\nQueue: sales_2\r\n"))
        #expect(!filters.passes(.agentCalled, text: "Event: AgentCalled\r\nQueue: sales_3\r\n"))
        let addedNonsense = filters.add(expression: "(")
        #expect(!addedNonsense)
        let added8 = filters.add(criteria: "name[Hangup]", value: "")
        #expect(!added8)
    }

    @Test("Classes are read from lists, words and numbers")
    func classes() {
        #expect(AMIClasses(list: "call, agent") == [.call, .agent])
        #expect(AMIClasses(list: "off") == [])
        #expect(AMIClasses(list: "on") == .all)
        #expect(AMIClasses(list: "34") == [.call, .agent])
        #expect(EventKinds(classes: .agent).contains(EventKinds(.agentConnect)))
        #expect(!EventKinds(classes: .agent).contains(EventKinds(.hangup)))
    }

    @Test(
        "MD5 of the RFC's own examples and of a recorded login",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
            ("122416814dialersecret", "9e00d589d5b77ad12b31fbc445d7602a"),
        ])
    func md5(text: String, digest: String) {
        #expect(MD5.hexadecimal(of: text) == digest)
    }
}
