import Chance
import HeapModule
import Pacing

extension Shift {
    /// How long agents wait for their first call when every line there is is used at once and only the soonest answers are taken: the
    /// mean, in seconds, of what nobody can save, however much they know.
    package static func earliestAnswers(_ scenario: Scenario, seed: UInt64) -> Double {
        let calls = min(scenario.lines, max(1, scenario.agents * 100))
        var soonest = Heap<Double>()
        for id in 0..<calls {
            var random = SplitMix64(seed: seed, stream: UInt64(id) &* 2 &+ 1)
            let call = ShiftCall(scenario, answer: scenario.answer, random: &random)
            guard call.shown == .human else { continue }
            if soonest.count < scenario.agents {
                soonest.insert(call.ringing)
            } else if let longest = soonest.max, call.ringing < longest {
                soonest.replaceMax(with: call.ringing)
            }
        }
        guard !soonest.isEmpty else { return scenario.length }
        return soonest.unordered.reduce(0, +) / Double(soonest.count)
    }
}
