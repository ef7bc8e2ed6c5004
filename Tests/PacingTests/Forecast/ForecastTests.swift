import Chance
import Simulation
import Testing

@testable import Pacing

@Suite("What is learnt on line") struct ForecastTests {
    /// Feeds calls placed one after the other, of which a share is answered after a lognormal ring.
    private static func feed(
        _ forecast: inout AnswerForecast, calls: Int, share: Double, from start: Double, seed: UInt64
    ) -> Double {
        var random = SplitMix64(seed: seed)
        let ring = Spread(mean: 9, variation: 0.6, cut: 25)
        var time = start
        for _ in 0..<calls {
            time += 30
            let isAnswered = random.unit() < share
            let age = isAnswered ? 2 + ring.seconds(using: &random) : 27
            forecast.record(isAnswered ? .human : .noanswer, age: age, agents: 10, at: time)
            forecast.refresh(RingingLines(), at: time)
        }
        return time
    }

    @Test("the share of answers is learnt, and when they come", arguments: [0.1, 0.3, 0.6, 0.9])
    func share(_ share: Double) {
        var forecast = AnswerForecast()
        _ = Self.feed(&forecast, calls: 3000, share: share, from: 0, seed: 11)
        #expect(abs(forecast.share / share - 1) < 0.2)
        // Half the answers of that ring come within 9.7 s of the placing.
        let median = (forecast.moments[3] + forecast.moments[4]) / 2
        #expect((8.7...10.7).contains(median))
        #expect(forecast.uncertainty < 0.2)
    }

    @Test("a jump from 10 to 60 per cent is followed within 250 calls, and back within 800")
    func jump() {
        var forecast = AnswerForecast()
        var time = Self.feed(&forecast, calls: 2000, share: 0.1, from: 0, seed: 1)
        time = Self.feed(&forecast, calls: 250, share: 0.6, from: time, seed: 2)
        #expect(forecast.share > 0.4)
        time = Self.feed(&forecast, calls: 800, share: 0.1, from: time, seed: 3)
        #expect(forecast.share < 0.17)
    }

    @Test("lines that go on ringing lower the belief before any has ended")
    func silence() {
        var forecast = AnswerForecast()
        let time = Self.feed(&forecast, calls: 1000, share: 0.5, from: 0, seed: 4)
        let before = forecast.share
        var lines = RingingLines()
        for _ in 0..<200 { lines.add(placedAt: time) }
        for step in 1...40 {
            forecast.refresh(lines, at: time + Double(step) / 2)
        }
        forecast.record(.noanswer, age: 20, agents: 10, at: time + 20)
        forecast.refresh(lines, at: time + 21)
        #expect(forecast.share < before * 0.75)
    }

    @Test("a call that has rung longer is less likely to be answered in the end")
    func residual() {
        var forecast = AnswerForecast()
        _ = Self.feed(&forecast, calls: 4000, share: 0.4, from: 0, seed: 5)
        let last = NodeVector.scalarCount - 1
        let fresh = forecast.chances[4][last]
        let old = forecast.chances[45][last]
        #expect(fresh > 0.3)
        #expect(old < 0.15)
        for age in forecast.chances.indices {
            for node in 1..<NodeVector.scalarCount {
                #expect(forecast.chances[age][node] >= forecast.chances[age][node - 1])
            }
        }
    }

    @Test("a duration's law is learnt, residual life and all")
    func durations() {
        var table = DurationTable(memory: 5000, priorMean: 60, longest: 3600)
        var random = SplitMix64(seed: 6)
        let talk = Spread(mean: 120, variation: 1)
        let durations = (0..<8000).map { _ in talk.seconds(using: &random) }
        for duration in durations { table.record(duration) }
        table.refresh(running: [])
        for second in [10, 30, 60, 120, 240, 480] {
            let share = Double(durations.count { $0 > Double(second) }) / Double(durations.count)
            #expect(abs(table.surviving[second] - share) < 0.03)
        }
        #expect(zip(table.surviving, table.surviving.dropFirst()).allSatisfy { $0 >= $1 && $1 > 0 })
    }

    @Test("agents who mostly go on a break are counted on less")
    func returns() {
        func chance(leaving: Int) -> Double {
            var forecast = AgentForecast()
            for index in 0..<200 {
                forecast.recordTalk(60)
                if index % 10 < leaving { forecast.recordLeaving() } else { forecast.recordWrap(10) }
            }
            let agent = PacingFloor.Agent(state: .wrapup, since: 0)
            forecast.refresh([agent], answers: AnswerForecast(), grace: 2, at: 5)
            return forecast.chances(agent, at: 5)[NodeVector.scalarCount - 1]
        }
        #expect(chance(leaving: 0) > 0.8)
        #expect(chance(leaving: 5) < chance(leaving: 0) * 0.75)
    }

    @Test("the law of a count is that of all its outcomes")
    func counts() {
        var random = SplitMix64(seed: 8)
        let chances = (0..<12).map { _ in NodeVector(repeating: random.unit()) }
        var law = CountDistribution()
        for chance in chances { law.add(chance) }
        var expected = [Double](repeating: 0, count: 13)
        for outcome in 0..<(1 << 12) {
            var chance = 1.0
            for bit in 0..<12 { chance *= outcome >> bit & 1 == 1 ? chances[bit][0] : 1 - chances[bit][0] }
            expected[outcome.nonzeroBitCount] += chance
        }
        for count in 0...12 { #expect(abs(law.chances[count][3] - expected[count]) < 1e-12) }
        law.reset()
        #expect(law.chances[0][0] == 1 && law.chances[5][0] == 0)
    }

    @Test("calls asked for and not placed are forgotten after a second")
    func outstanding() {
        var calls = OutstandingCalls()
        calls.append(risk: 0.1, at: 5)
        calls.append(risk: 0.2, at: 5)
        #expect(calls.count(at: 5.5) == 2)
        #expect(calls.placed() == 0.1)
        #expect(calls.count(at: 5.9) == 1)
        #expect(calls.count(at: 6.1) == 0)
        #expect(calls.placed() == nil)
    }
}
