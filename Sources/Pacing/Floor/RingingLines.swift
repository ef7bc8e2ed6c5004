/// Calls that ring, counted by age in steps of half a second, so that a look at three thousand of them costs what a look at ten does.
package struct RingingLines: Sendable {
    /// Seconds of one step.
    static let step = 0.5
    /// Steps told apart; whatever is older counts as of the last one. A power of two.
    static let steps = 128

    package private(set) var count = 0
    /// By the step of their placing, as a ring.
    private var counts = [Int](repeating: 0, count: RingingLines.steps)
    /// The step of time the newest entry stands for.
    private var newest = 0
    /// Those that have left the ring.
    private var older = 0

    package init() {}

    /// A call was placed at `time`, in seconds from 0.
    package mutating func add(placedAt time: Double) {
        let step = Self.index(of: time)
        self.advance(to: step)
        self.count += 1
        if step > self.newest - Self.steps { self.counts[step & (Self.steps - 1)] += 1 } else { self.older += 1 }
    }

    /// A call that was placed at `time` rings no more.
    package mutating func remove(placedAt time: Double) {
        let step = Self.index(of: time)
        self.count -= 1
        if step > self.newest - Self.steps { self.counts[step & (Self.steps - 1)] -= 1 } else { self.older -= 1 }
    }

    /// Calls `body` with each age in steps that has calls, and their number; the youngest first.
    @inline(__always)
    func forEachAge(at time: Double, _ body: (_ age: Int, _ count: Int) -> Void) {
        let passed = max(0, Self.index(of: time) - self.newest)
        var left = self.count - self.older
        var back = 0
        while left > 0, back < Self.steps {
            let count = self.counts[(self.newest - back) & (Self.steps - 1)]
            if count > 0 { body(min(back + passed, Self.steps - 1), count) }
            left -= count
            back += 1
        }
        if self.older > 0 { body(Self.steps - 1, self.older) }
    }

    private static func index(of time: Double) -> Int { Int((min(max(time, 0), 1e15) / Self.step).rounded(.down)) }

    private mutating func advance(to step: Int) {
        guard step > self.newest else { return }
        for index in max(self.newest + 1, step - Self.steps + 1)...step {
            let slot = index & (Self.steps - 1)
            self.older += self.counts[slot]
            self.counts[slot] = 0
        }
        self.newest = step
    }
}
