import DialerModel
import Testing

@Suite struct CampaignStateMachineTests {
    typealias Machine = CampaignStateMachine

    struct Row: CustomTestStringConvertible, Sendable {
        var from: CampaignStatus
        var input: Machine.Input
        var calls: Int
        var to: CampaignStatus
        var effects: [Machine.Effect] = [.store]

        var testDescription: String { "\(self.from) + \(self.input) with \(self.calls) calls" }
    }

    static let rows: [Row] = [
        // Start and stop go through their states on the way.
        Row(from: .stop, input: .requested(.start), calls: 0, to: .starting),
        Row(from: .stop, input: .requested(.starting), calls: 0, to: .starting),
        Row(from: .starting, input: .takenUp, calls: 0, to: .start),
        Row(from: .start, input: .requested(.start), calls: 1, to: .start, effects: []),
        Row(from: .start, input: .requested(.stop), calls: 3, to: .stopping),
        Row(from: .start, input: .requested(.stopping), calls: 3, to: .stopping),
        Row(from: .start, input: .requested(.stop), calls: 0, to: .stop),
        Row(from: .stopping, input: .lastCallEnded, calls: 0, to: .stop),
        Row(from: .stopping, input: .lastCallEnded, calls: 1, to: .stopping, effects: []),
        Row(from: .stopping, input: .requested(.start), calls: 2, to: .starting),
        Row(from: .pause, input: .requested(.stop), calls: 0, to: .stop),
        Row(from: .stop, input: .requested(.stop), calls: 0, to: .stop, effects: []),
        // Pause.
        Row(from: .start, input: .requested(.pause), calls: 2, to: .pausing),
        Row(from: .start, input: .requested(.pausing), calls: 2, to: .pausing),
        Row(from: .pausing, input: .lastCallEnded, calls: 0, to: .pause),
        Row(from: .pausing, input: .lastCallEnded, calls: 1, to: .pausing, effects: []),
        Row(from: .start, input: .requested(.pause), calls: 0, to: .pause),
        Row(from: .pause, input: .requested(.start), calls: 0, to: .starting),
        Row(from: .pause, input: .takenUp, calls: 0, to: .pause, effects: []),
        // Forced stop hangs up and ends when the last call has ended.
        Row(
            from: .start, input: .requested(.stoppingForcedly), calls: 4, to: .stoppingForcedly,
            effects: [.store, .hangUpAll]),
        Row(
            from: .stopping, input: .requested(.stoppingForcedly), calls: 4, to: .stoppingForcedly,
            effects: [.store, .hangUpAll]),
        Row(
            from: .stoppingForcedly, input: .requested(.stoppingForcedly), calls: 1, to: .stoppingForcedly,
            effects: [.hangUpAll]),
        Row(from: .start, input: .requested(.stoppingForcedly), calls: 0, to: .stop),
        Row(from: .stoppingForcedly, input: .lastCallEnded, calls: 0, to: .stop),
        Row(from: .stoppingForcedly, input: .requested(.stop), calls: 1, to: .stoppingForcedly, effects: []),
        Row(from: .stoppingForcedly, input: .requested(.pause), calls: 1, to: .stoppingForcedly, effects: []),
        Row(from: .stoppingForcedly, input: .requested(.start), calls: 1, to: .starting),
        // What the engine finds.
        Row(from: .start, input: .referenceMissing, calls: 2, to: .stopping),
        Row(from: .starting, input: .referenceMissing, calls: 0, to: .stop),
        Row(from: .start, input: .nothingToDial, calls: 0, to: .stop),
        Row(from: .pause, input: .referenceMissing, calls: 0, to: .pause, effects: []),
        Row(from: .start, input: .listExhausted(.keep), calls: 0, to: .start, effects: []),
        Row(from: .start, input: .listExhausted(.stop), calls: 1, to: .stopping),
        Row(from: .start, input: .listExhausted(.stop), calls: 0, to: .stop, effects: [.store, .startNext]),
        Row(from: .stop, input: .listExhausted(.stop), calls: 0, to: .stop, effects: []),
        Row(from: .stop, input: .predecessorEnded, calls: 0, to: .starting),
        Row(from: .start, input: .predecessorEnded, calls: 0, to: .start, effects: []),
        Row(from: .pause, input: .predecessorEnded, calls: 0, to: .pause, effects: []),
        // The schedule.
        Row(from: .stop, input: .scheduleOpen, calls: 0, to: .starting),
        Row(from: .start, input: .scheduleOpen, calls: 0, to: .start, effects: []),
        Row(from: .pause, input: .scheduleOpen, calls: 0, to: .pause, effects: []),
        Row(from: .start, input: .scheduleClosed, calls: 2, to: .stopping),
        Row(from: .starting, input: .scheduleClosed, calls: 0, to: .stop),
        Row(from: .pause, input: .scheduleClosed, calls: 0, to: .pause, effects: []),
        Row(from: .stop, input: .scheduleClosed, calls: 0, to: .stop, effects: []),
        Row(from: .start, input: .deleted, calls: 2, to: .stop),
    ]

    @Test("every transition of the table", arguments: rows)
    func transition(_ row: Row) {
        var machine = Machine(Machine.Memory(status: row.from))
        let window = row.input == .scheduleOpen ? "2026-11-21" : nil
        #expect(machine.handle(row.input, callsInProgress: row.calls, window: window) == row.effects)
        #expect(machine.status == row.to)
    }

    @Test("the next campaign starts when the last call has ended, not before")
    func nextCampaignAfterTheLastCall() {
        var machine = Machine(Machine.Memory(status: .start))
        #expect(machine.handle(.listExhausted(.stop), callsInProgress: 1, window: nil) == [.store])
        #expect(machine.memory.isEndedByList)
        #expect(machine.handle(.lastCallEnded, callsInProgress: 0, window: nil) == [.store, .startNext])
        #expect(machine.status == .stop)
        #expect(machine.handle(.lastCallEnded, callsInProgress: 0, window: nil) == [])
    }

    @Test("a stop by a person, a pause, a start or the schedule does not start the next campaign")
    func onlyTheListStartsTheNext() {
        for input in [
            Machine.Input.requested(.stop), .requested(.stoppingForcedly), .requested(.pause), .requested(.start),
        ] {
            var machine = Machine(Machine.Memory(status: .start))
            _ = machine.handle(.listExhausted(.stop), callsInProgress: 1, window: nil)
            _ = machine.handle(input, callsInProgress: 1, window: nil)
            #expect(!machine.handle(.lastCallEnded, callsInProgress: 0, window: nil).contains(.startNext), "\(input)")
        }
        var closed = Machine(Machine.Memory(status: .start))
        #expect(closed.handle(.scheduleClosed, callsInProgress: 0, window: nil) == [.store])
    }

    @Test(
        "a campaign that ended by itself or was stopped by a person waits for the next window",
        arguments: [
            Machine.Input.listExhausted(.stop), .requested(.stop), .requested(.stopping),
            .requested(.stoppingForcedly), .referenceMissing, .nothingToDial,
        ]
    )
    func heldUntilTheNextWindow(_ input: Machine.Input) {
        var machine = Machine(Machine.Memory(status: .start))
        _ = machine.handle(input, callsInProgress: 1, window: "2026-11-21")
        _ = machine.handle(.lastCallEnded, callsInProgress: 0, window: "2026-11-21")
        #expect(machine.status == .stop)
        #expect(machine.handle(.scheduleOpen, callsInProgress: 0, window: "2026-11-21") == [])
        #expect(machine.status == .stop)
        // The memory outlives a restart.
        var restarted = Machine(machine.memory)
        #expect(restarted.handle(.scheduleOpen, callsInProgress: 0, window: "2026-11-21") == [])
        #expect(restarted.handle(.scheduleOpen, callsInProgress: 0, window: "2026-11-22") == [.store])
        #expect(restarted.status == .starting)
    }

    @Test("a person who says stop to a stopped campaign keeps the schedule from starting it in this window")
    func stopOfAStoppedCampaign() {
        var machine = Machine(Machine.Memory(status: .stop))
        #expect(machine.handle(.requested(.stop), callsInProgress: 0, window: "w") == [.store])
        #expect(machine.handle(.scheduleOpen, callsInProgress: 0, window: "w") == [])
    }

    @Test("a person may start a campaign again in the window it ended in")
    func startDespiteHold() {
        var machine = Machine(Machine.Memory(status: .stop, heldWindow: "w"))
        #expect(machine.handle(.requested(.start), callsInProgress: 0, window: "w") == [.store])
        #expect(machine.status == .starting)
        #expect(machine.memory.heldWindow == nil)
    }

    @Test("the window that closes by itself holds nothing back")
    func closingHoldsNothing() {
        var machine = Machine(Machine.Memory(status: .start))
        _ = machine.handle(.scheduleClosed, callsInProgress: 0, window: nil)
        #expect(machine.handle(.scheduleOpen, callsInProgress: 0, window: "next") == [.store])
    }

    @Test("a deleted campaign answers nothing")
    func deleted() {
        var machine = Machine(Machine.Memory(status: .start))
        _ = machine.handle(.deleted, callsInProgress: 1, window: nil)
        #expect(machine.isDeleted && !machine.mayDial)
        #expect(machine.handle(.requested(.start), callsInProgress: 0, window: nil) == [])
        #expect(machine.handle(.scheduleOpen, callsInProgress: 0, window: "w") == [])
        #expect(machine.status == .stop)
    }

    @Test("what the API stores on a request is what the machine goes through")
    func requestsAgree() {
        for current in CampaignStatus.allCases {
            for requested in CampaignStatus.allCases {
                var machine = Machine(Machine.Memory(status: current))
                _ = machine.handle(.requested(requested), callsInProgress: 1, window: nil)
                #expect(
                    machine.status == Machine.status(afterRequest: requested, in: current), "\(current) \(requested)")
            }
        }
    }

    @Test("thousands of random lives keep the rules", arguments: 1...20)
    func randomLives(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<500 {
            var machine = Machine(
                Machine.Memory(status: CampaignStatus.allCases.randomElement(using: &generator) ?? .stop))
            var calls = 0
            for _ in 0..<30 {
                if machine.mayDial, Bool.random(using: &generator) { calls += 1 }
                if calls > 0, Bool.random(using: &generator) { calls -= 1 }
                let window = Bool.random(using: &generator) ? "w\(Int.random(in: 0...2, using: &generator))" : nil
                let input = Self.randomInput(window: window, using: &generator)
                let before = machine.memory
                let effects = machine.handle(input, callsInProgress: calls, window: window)
                let comment: Comment =
                    "seed \(seed): \(before) + \(input) with \(calls) calls in \(window ?? "no window")"

                #expect(effects.contains(.store) == (before != machine.memory), comment)
                #expect(effects.count == Set(effects).count, comment)
                if effects.contains(.hangUpAll) { #expect(machine.status == .stoppingForcedly && calls > 0, comment) }
                if effects.contains(.startNext) { #expect(machine.status == .stop && calls == 0, comment) }
                if calls == 0, !machine.isDeleted {
                    #expect(![.stopping, .pausing, .stoppingForcedly].contains(machine.status), comment)
                }
                if machine.status == .start, before.status != .start { #expect(input == .takenUp, comment) }
                if input == .scheduleOpen, before.heldWindow == window, before.status == .stop {
                    #expect(machine.status == .stop, comment)
                }
                // The same news twice is no news, but for a forced stop, which hangs up again. (A state on the way that had
                // no calls any more arrives first, and the news finds it there.)
                let isOnTheWay = [.stopping, .pausing, .stoppingForcedly].contains(before.status) && calls == 0
                let again = machine.handle(input, callsInProgress: calls, window: window)
                if input != .requested(.stoppingForcedly), !isOnTheWay { #expect(again == [], comment) }
            }
            // Whatever state it is in, a person can stop it.
            _ = machine.handle(.requested(.stop), callsInProgress: calls, window: nil)
            _ = machine.handle(.lastCallEnded, callsInProgress: 0, window: nil)
            #expect(machine.status == .stop)
        }
    }

    private static func randomInput(window: String?, using generator: inout SeededGenerator) -> Machine.Input {
        switch Int.random(in: 0..<22, using: &generator) {
        case 0..<9: .requested(CampaignStatus.allCases.randomElement(using: &generator) ?? .start)
        case 9..<13: .takenUp
        case 13: .referenceMissing
        case 14: .nothingToDial
        case 15: .listExhausted(.stop)
        case 16: .listExhausted(.keep)
        case 17: .lastCallEnded
        case 18: .predecessorEnded
        case 19, 20: window == nil ? .scheduleClosed : .scheduleOpen
        default: Int.random(in: 0..<20, using: &generator) == 0 ? .deleted : .takenUp
        }
    }
}
