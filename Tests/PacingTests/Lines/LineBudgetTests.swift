import DialerModel
import Pacing
import Testing

@Suite struct LineBudgetTests {
    private let start = Timestamp(microseconds: 1_000_000_000_000)

    @Test("the bucket gives its burst, then its rate")
    func bucket() {
        var bucket = TokenBucket(rate: 10, burst: 5, at: self.start)
        #expect(bucket.take(8, at: self.start) == 5)
        #expect(bucket.take(1, at: self.start) == 0)
        #expect(bucket.nextToken(after: self.start) == self.start + .milliseconds(100))
        #expect(bucket.take(1, at: self.start + .milliseconds(99)) == 0)
        #expect(bucket.take(9, at: self.start + .milliseconds(100)) == 1)
        #expect(bucket.take(9, at: self.start + .milliseconds(400)) == 3)
        #expect(bucket.take(99, at: self.start + .seconds(3600)) == 5)
    }

    @Test("over a long time the rate is kept, however it is asked", arguments: [0.5, 1, 20, 333.3])
    func longRate(rate: Double) {
        for step in [1, 7, 50, 1000] {
            var bucket = TokenBucket(rate: rate, burst: max(1, rate / 4), at: self.start)
            var taken = 0
            var now = self.start
            while now < self.start + .seconds(100) {
                taken += bucket.take(.max, at: now)
                now = now + .milliseconds(step)
            }
            let most = rate * 100 + max(1, rate / 4)
            #expect(Double(taken) <= most + 1)
            // A bucket looked at less often than it fills loses what runs over.
            if Double(step) * rate / 1000 <= max(1, rate / 4) { #expect(Double(taken) >= rate * 100 - 2, "\(step) ms") }
        }
    }

    @Test("the next token is there when it is said to be")
    func nextToken() {
        for rate in [0.3, 3, 7, 19.9, 1000] {
            var bucket = TokenBucket(rate: rate, burst: 1, at: self.start)
            var now = self.start
            for _ in 0..<200 {
                #expect(bucket.take(1, at: now) == 1)
                let next = bucket.nextToken(after: now)
                #expect(next > now)
                now = next
            }
        }
    }

    @Test("a clock that goes back gives nothing away and breaks nothing")
    func clockGoesBack() {
        var bucket = TokenBucket(rate: 10, burst: 2, at: self.start)
        #expect(bucket.take(2, at: self.start + .seconds(10)) == 2)
        #expect(bucket.take(1, at: self.start) == 0)
        #expect(bucket.take(1, at: self.start + .seconds(10)) == 0)
        #expect(bucket.take(1, at: self.start + .milliseconds(10_100)) == 1)
    }

    @Test("senseless rates are slow, not dead or endless", arguments: [0, -1, Double.nan, .infinity])
    func senselessRates(rate: Double) {
        var bucket = TokenBucket(rate: rate, burst: rate, at: self.start)
        #expect(bucket.take(.max, at: self.start) == 1)
        #expect(bucket.nextToken(after: self.start) > self.start)
    }

    @Test("calls in progress are bounded by the ceiling")
    func ceiling() {
        var budget = LineBudget(maxCalls: 3, maxCallsPerSecond: 100, burst: 100, at: self.start)
        #expect(budget.reserve(5, at: self.start) == 3)
        #expect(budget.available(at: self.start + .seconds(1)) == 0)
        #expect(budget.nextOpportunity(after: self.start) == nil)
        budget.callEnded()
        #expect(budget.reserve(5, at: self.start + .seconds(1)) == 1)
        #expect(budget.reserve(.max, at: self.start + .seconds(2)) == 0)
    }

    @Test("what was reserved and not used is given back, tokens too")
    func giveBack() {
        var budget = LineBudget(maxCalls: 10, maxCallsPerSecond: 1, burst: 4, at: self.start)
        #expect(budget.reserve(4, at: self.start) == 4)
        budget.giveBack(3)
        #expect(budget.inProgress == 1)
        #expect(budget.reserve(9, at: self.start) == 3)
        budget.giveBack(100)
        #expect(budget.inProgress == 0)
        #expect(budget.available(at: self.start) == 4)
    }

    @Test("adopted calls count and may exceed the ceiling")
    func adopted() {
        var budget = LineBudget(maxCalls: 2, maxCallsPerSecond: 10, at: self.start)
        budget.adopt(5)
        #expect(budget.available(at: self.start) == 0)
        for _ in 0..<4 { budget.callEnded() }
        #expect(budget.reserve(5, at: self.start) == 1)
        for _ in 0..<10 { budget.callEnded() }
        #expect(budget.inProgress == 0)
    }

    @Test("random use never exceeds ceiling or rate", arguments: 1...20)
    func randomUse(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
        func random(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        let (ceiling, rate) = (1 + random(30), 1 + random(40))
        var budget = LineBudget(maxCalls: ceiling, maxCallsPerSecond: Double(rate), at: self.start)
        var now = self.start
        var placed = 0
        for _ in 0..<3000 {
            now = now + .milliseconds(random(60))
            let granted = budget.reserve(random(10), at: now)
            let unused = granted == 0 ? 0 : random(UInt64(granted + 1))
            budget.giveBack(unused)
            placed += granted - unused
            if random(3) == 0 { budget.callEnded() }
            #expect((0...ceiling).contains(budget.inProgress), "seed \(seed)")
        }
        let (seconds, attoseconds) = (now - self.start).components
        let elapsed = Double(seconds) + Double(attoseconds) / 1e18
        #expect(Double(placed) <= elapsed * Double(rate) + max(1, Double(rate) / 4) + 1, "seed \(seed)")
    }
}
