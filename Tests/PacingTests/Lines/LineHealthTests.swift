import DialerModel
import Pacing
import Testing

@Suite("The health of a line")
struct LineHealthTests {
    private let start = Timestamp(microseconds: 1_000_000_000_000)

    private func rules(row: Int = 3, first: Duration = .seconds(5), longest: Duration = .seconds(60))
        -> LineHealth.Rules
    {
        LineHealth.Rules(row: row, firstPause: first, longestPause: longest)
    }

    /// Lets a line meet congestion until it is drained.
    private func drain(_ health: inout LineHealth, at now: Timestamp) -> LineHealth.Change? {
        for _ in 0..<health.rules.row {
            if let change = health.take(.congested, placedAt: now, at: now, chance: 0.5) { return change }
        }
        return nil
    }

    @Test("so many congestions in a row drain it; a call that gets through in between begins the row anew")
    func row() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        for _ in 0..<5 {
            #expect(health.take(.congested, placedAt: self.start, at: self.start, chance: 0.5) == nil)
            #expect(health.take(.congested, placedAt: self.start, at: self.start, chance: 0.5) == nil)
            #expect(health.take(.worked, placedAt: self.start, at: self.start, chance: 0.5) == nil)
            #expect(health.take(.worked, placedAt: self.start, at: self.start, chance: 0.5) == nil)
            #expect(health.take(.worked, placedAt: self.start, at: self.start, chance: 0.5) == nil)
        }
        #expect(health.allowance(at: self.start) == .max)
        #expect(self.drain(&health, at: self.start) == .drained(pause: .seconds(5), again: false))
        #expect(health.allowance(at: self.start + .milliseconds(4999)) == 0)
        #expect(health.nextOpportunity(after: self.start) == self.start + .seconds(5))
    }

    @Test("half of the calls of a window drain it though no row is that long; an old congestion counts no more")
    func share() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        for call in 0..<9 {
            let now = self.start + .milliseconds(call)
            #expect(health.take(.congested, placedAt: now, at: now, chance: 0.5) == nil)
            #expect(health.take(.worked, placedAt: now, at: now, chance: 0.5) == nil)
        }
        // The same once more, after the window: eighteen and two are not twenty.
        let later = self.start + .seconds(61)
        #expect(health.take(.worked, placedAt: later, at: later, chance: 0.5) == nil)
        #expect(health.take(.congested, placedAt: later, at: later, chance: 0.5) == nil)
        var change: LineHealth.Change?
        for _ in 0..<9 where change == nil {
            #expect(health.take(.worked, placedAt: later, at: later, chance: 0.5) == nil)
            change = health.take(.congested, placedAt: later, at: later, chance: 0.5)
        }
        #expect(change == .drained(pause: .seconds(5), again: false))
    }

    @Test(
        "after the pause one call tries; pauses double up to the longest, and a call that gets through puts the line back"
    )
    func trials() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        var now = self.start
        #expect(self.drain(&health, at: now) != nil)
        for pause in [5, 10, 20, 40, 60, 60] {
            #expect(health.allowance(at: now + .milliseconds(pause * 1000 - 1)) == 0)
            now = now + .seconds(pause)
            #expect(health.allowance(at: now) == 1)
            health.granted(at: now)
            #expect(health.allowance(at: now) == 0)
            #expect(health.nextOpportunity(after: now) == nil)
            let change = health.take(.congested, placedAt: now, at: now, chance: 0.5)
            #expect(change == .drained(pause: .seconds(min(60, pause * 2)), again: true))
        }
        now = now + .seconds(60)
        health.granted(at: now)
        #expect(health.take(.worked, placedAt: now, at: now, chance: 0.5) == .restored)
        #expect(health.allowance(at: now) == .max)
        // It has not worked for long: its next pause goes on from where it was.
        #expect(self.drain(&health, at: now) == .drained(pause: .seconds(60), again: false))
    }

    @Test("a line that worked for long begins with the first pause again")
    func forgiven() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        #expect(self.drain(&health, at: self.start) != nil)
        let back = self.start + .seconds(5)
        health.granted(at: back)
        #expect(health.take(.worked, placedAt: back, at: back, chance: 0.5) == .restored)
        #expect(!health.isSpotless(at: back))
        let later = back + .seconds(60)
        #expect(health.isSpotless(at: later))
        #expect(self.drain(&health, at: later) == .drained(pause: .seconds(5), again: false))
    }

    @Test("calls placed before the drain neither put it back nor drain it further; nor does a late one end a trial")
    func oldCalls() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        #expect(self.drain(&health, at: self.start) != nil)
        #expect(health.take(.worked, placedAt: self.start, at: self.start + .seconds(1), chance: 0.5) == nil)
        #expect(health.take(.congested, placedAt: self.start, at: self.start + .seconds(1), chance: 0.5) == nil)
        let trial = self.start + .seconds(5)
        health.granted(at: trial)
        #expect(health.take(.worked, placedAt: self.start, at: trial, chance: 0.5) == nil)
        #expect(health.take(.congested, placedAt: self.start, at: trial, chance: 0.5) == nil)
        #expect(health.state == .probing(since: trial))
        health.gaveBack(grantedAt: self.start)
        #expect(health.state == .probing(since: trial))
    }

    @Test("a trial of which nothing is learnt, or that was not placed, makes room for another")
    func lostTrials() {
        var health = LineHealth(rules: self.rules(), at: self.start)
        #expect(self.drain(&health, at: self.start) != nil)
        let trial = self.start + .seconds(5)
        health.granted(at: trial)
        #expect(health.take(.unknown, placedAt: trial, at: trial, chance: 0.5) == nil)
        #expect(health.allowance(at: trial) == 1)
        health.granted(at: trial)
        #expect(health.allowance(at: trial) == 0)
        health.gaveBack(grantedAt: trial)
        #expect(health.allowance(at: trial) == 1)
    }

    @Test("pauses differ by a fifth at most", arguments: [0.0, 0.25, 1, 7, -3])
    func jitter(chance: Double) {
        var health = LineHealth(rules: self.rules(row: 1), at: self.start)
        let change = health.take(.congested, placedAt: self.start, at: self.start, chance: chance)
        guard case .drained(let pause, _) = change else {
            Issue.record("not drained")
            return
        }
        #expect(pause >= .seconds(4) && pause <= .seconds(6))
        #expect(chance != 0 || pause == .seconds(4))
        #expect(chance != 1 || pause == .seconds(6))
    }

    @Test(
        "whatever happens in whatever order: no call while it is drained, one at a time while it is tried",
        arguments: 1...20)
    func anyOrder(seed: UInt64) {
        var random = SplitMix(state: seed)
        var health = LineHealth(rules: self.rules(row: 2), at: self.start)
        var now = self.start
        var calls: [Timestamp] = []
        var trials = 0
        for _ in 0..<3000 {
            now = now + .milliseconds(Int.random(in: 0...3000, using: &random))
            if Bool.random(using: &random), health.allowance(at: now) > 0 {
                switch health.state {
                case .open: break
                case .drained(let until):
                    #expect(now >= until)
                    trials += 1
                case .halfOpen: trials += 1
                case .probing: Issue.record("a second trial")
                }
                health.granted(at: now)
                calls.append(now)
            } else if let index = calls.indices.randomElement(using: &random) {
                let placedAt = calls.remove(at: index)
                let outcome = [LineHealth.Outcome.worked, .congested, .congested, .unknown].randomElement(
                    using: &random)
                _ = health.take(
                    outcome ?? .worked, placedAt: placedAt, at: now, chance: Double.random(in: 0...1, using: &random))
            }
            // A trial under way is always one of the calls in progress: it can end.
            if case .probing(let since) = health.state { #expect(calls.contains { $0 >= since }) }
        }
        #expect(trials > 10)
    }
}

/// The same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
