import Pacing
import Testing

@Suite("The spread over lines by weight")
struct WeightedSpreadTests {
    private typealias Line = WeightedSpread.Line

    private func lines(_ weights: [Int], free: Int = 1000) -> [Line] {
        weights.enumerated().map { Line(name: "pbx\($0.offset)", weight: $0.element, free: free) }
    }

    @Test(
        "over as many calls as the weights add up to each line takes its weight, call by call and in heaps",
        arguments: [[1, 1], [3, 1], [1, 2, 5], [7, 7, 7], [100, 1, 33]], [1, 2, 7, 50])
    func exact(weights: [Int], heap: Int) {
        let lines = self.lines(weights)
        let cycle = weights.reduce(0, +)
        var spread = WeightedSpread()
        var taken = Array(repeating: 0, count: weights.count)
        var placed = 0
        for _ in 0..<(3 * cycle * heap) / heap {
            let shares = spread.shares(of: heap, among: lines)
            #expect(shares.reduce(0, +) == heap)
            spread.placed(shares, among: lines)
            for index in taken.indices { taken[index] += shares[index] }
            placed += heap
            if placed % cycle == 0 { #expect(taken == weights.map { $0 * placed / cycle }) }
        }
        #expect(placed >= 3 * cycle)
    }

    @Test("a full line leaves its calls to the others, and takes no more than its weight once it is free again")
    func full() {
        var spread = WeightedSpread()
        let full = [Line(name: "a", weight: 1, free: 0), Line(name: "b", weight: 1, free: 100)]
        for _ in 0..<50 {
            let shares = spread.shares(of: 1, among: full)
            #expect(shares == [0, 1])
            spread.placed(shares, among: full)
        }
        let free = self.lines([1, 1]).enumerated().map { Line(name: ["a", "b"][$0.offset], weight: 1, free: 100) }
        #expect(spread.shares(of: 10, among: free) == [5, 5])
    }

    @Test("no line gets more than it has free, and together no more than there is")
    func bounds() {
        let spread = WeightedSpread()
        let lines = [Line(name: "a", weight: 9, free: 2), Line(name: "b", weight: 1, free: 3)]
        #expect(spread.shares(of: 4, among: lines) == [2, 2])
        #expect(spread.shares(of: 99, among: lines) == [2, 3])
        #expect(spread.shares(of: 0, among: lines) == [0, 0])
        #expect(spread.shares(of: 5, among: []).isEmpty)
    }

    @Test("a line that is offered and not used gathers no claim on what comes later")
    func unused() {
        var spread = WeightedSpread()
        let lines = self.lines([1, 1])
        for _ in 0..<500 { spread.placed([0, 1], among: lines) }
        var shares = [0, 0]
        for _ in 0..<10 {
            let next = spread.shares(of: 1, among: lines)
            spread.placed(next, among: lines)
            shares[0] += next[0]
            shares[1] += next[1]
        }
        #expect(shares[1] >= 4)
    }
}
