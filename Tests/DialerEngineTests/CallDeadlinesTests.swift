import Chance
import Foundation
import Testing

@testable import DialerEngine

@Suite("Deadlines of calls")
struct CallDeadlinesTests {
    @Test("however many calls come and go before their deadlines, the heap is as large as the calls there are")
    func stayAsManyAsTheCalls() {
        var deadlines = CallDeadlines()
        var current: [UUID: Duration] = [:]
        var order: [UUID] = []
        var largest = 0
        for moment in 0..<100_000 {
            let call = UUID()
            // A ring time that never comes, and one that takes its place.
            for at in [Duration.seconds(10_000 + moment), .seconds(20_000 + moment)] {
                current[call] = at
                deadlines.insert(CallDeadline(at: at, dialing: call), calls: current.count) {
                    current[$0.dialing] == $0.at
                }
            }
            order.append(call)
            if moment >= 500 { current[order[moment - 500]] = nil }
            largest = max(largest, deadlines.count)
        }
        #expect(largest <= 2 * 501 + CallDeadlines.slack)
    }

    @Test("none that is current is lost, and they come in their order", arguments: [UInt64(1), 2, 3])
    func noneIsLost(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        var deadlines = CallDeadlines()
        var current: [UUID: Duration] = [:]
        for _ in 0..<20_000 {
            let call = chance.next() % 4 == 0 ? current.keys.first ?? UUID() : UUID()
            let at = Duration.milliseconds(Int(chance.next() % 1_000_000))
            current[call] = at
            deadlines.insert(CallDeadline(at: at, dialing: call), calls: current.count) { current[$0.dialing] == $0.at }
            if current.count > 300, let ended = current.keys.first { current[ended] = nil }
        }
        var seen: [Duration] = []
        #expect(deadlines.takeDue(at: .zero - .milliseconds(1)) == nil)
        while let next = deadlines.takeDue(at: .seconds(1_000)) {
            guard current[next.dialing] == next.at else { continue }
            current[next.dialing] = nil
            seen.append(next.at)
        }
        #expect(current.isEmpty)
        #expect(seen == seen.sorted())
        #expect(deadlines.soonest == nil)
    }
}
