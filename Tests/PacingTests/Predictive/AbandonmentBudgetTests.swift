import Pacing
import Testing

@Suite("The abandonment budget") struct AbandonmentBudgetTests {
    @Test("a target's share of the answers, less what was lost")
    func room() {
        let budget = AbandonmentBudget(target: 0.03, windows: [.init(live: 1000, abandoned: 12)])
        #expect(abs(budget.room - 18) < 1e-9)
        #expect(!budget.isSpent(agents: 10))
        let spent = AbandonmentBudget(target: 0.03, windows: [.init(live: 1000, abandoned: 33)])
        #expect(spent.isSpent(agents: 10))
        #expect(!AbandonmentBudget(target: 0.03, windows: [.init(live: 1000, abandoned: 31)]).isSpent(agents: 10))
    }

    @Test("the window with the least room rules")
    func windows() {
        let budget = AbandonmentBudget(
            target: 0.03, windows: [.init(live: 500, abandoned: 14), .init(live: 20_000, abandoned: 300)])
        #expect(abs(budget.room - 1) < 1e-9)
        var month = budget
        month.setWindows([.init(live: 500, abandoned: 2), .init(live: 20_000, abandoned: 599)])
        #expect(abs(month.room - 1) < 1e-9)
    }

    @Test("a window without answers has a little credit, which is given back")
    func credit() {
        var budget = AbandonmentBudget(target: 0.03)
        #expect(budget.room == 3)
        for _ in 0..<300 { budget.answered() }
        #expect(abs(budget.room - 9) < 1e-9)
        for _ in 0..<9 { budget.abandoned() }
        #expect(abs(budget.room) < 1e-9)
    }

    @Test("more room, more appetite; more under way or more bunched, less", arguments: [1.0, 1.7, 5])
    func appetite(bunching: Double) {
        var last = 0.0
        for abandoned in stride(from: 40, through: 0, by: -1) {
            let budget = AbandonmentBudget(target: 0.03, windows: [.init(live: 1000, abandoned: abandoned)])
            let appetite = budget.appetite(pending: 0, bunching: bunching)
            #expect(appetite >= last && appetite > 0 && appetite <= 2)
            #expect(budget.appetite(pending: 5, bunching: bunching) <= appetite)
            #expect(budget.appetite(pending: 0, bunching: bunching + 1) <= appetite)
            last = appetite
        }
        // So much is in hand at first that something is spent, whatever came together.
        #expect(last > 1)
    }

    @Test("a target of nothing risks nothing, a senseless one is put right")
    func targets() {
        #expect(AbandonmentBudget(target: 0).isSpent(agents: 5))
        #expect(AbandonmentBudget(target: -1).target == 0)
        #expect(AbandonmentBudget(target: 7).target == 1)
        #expect(AbandonmentBudget(target: .nan).target == 0)
    }
}
