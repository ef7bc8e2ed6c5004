/// Spreads calls over lines by their weights as far as they are free: exactly, whether calls come one by one or in heaps.
///
/// Each line has a credit. With each call every line that could take it earns its weight, and the one that takes it pays what all
/// of them earned, so that over as many calls as the weights add up to each takes as many as its own weight. A line that is full or
/// away neither earns nor pays: when it is back nothing is made up for.
package struct WeightedSpread: Sendable, Hashable {
    /// A line as it is at one moment.
    package struct Line: Sendable, Hashable {
        package var name: String
        /// From 1.
        package var weight: Int
        /// Calls it can take now.
        package var free: Int

        package init(name: String, weight: Int, free: Int) {
            self.name = name
            self.weight = max(1, weight)
            self.free = max(0, free)
        }
    }

    private var credits: [String: Int] = [:]

    package init() {}

    /// How many of `count` calls each line is to take, in the order of `lines`; together no more than are free.
    ///
    /// What is placed of them is told by ``placed(_:among:)``.
    package func shares(of count: Int, among lines: [Line]) -> [Int] {
        var shares = Array(repeating: 0, count: lines.count)
        var credits = lines.map { self.credits[$0.name] ?? 0 }
        for _ in 0..<max(0, min(count, lines.reduce(0) { $0 + min($1.free, 1_000_000_000) })) {
            var best: Int?
            var total = 0
            for (index, line) in lines.enumerated() where shares[index] < line.free {
                total += line.weight
                credits[index] += line.weight
                if best.map({ credits[index] > credits[$0] }) ?? true { best = index }
            }
            guard let best else { break }
            credits[best] -= total
            shares[best] += 1
        }
        return shares
    }

    /// Calls were placed, `counts` of them by each of `lines`, which are as they were before.
    package mutating func placed(_ counts: [Int], among lines: [Line]) {
        let taking = zip(lines, counts).filter { line, count in count < line.free }
        let total = taking.reduce(0) { $0 + $1.0.weight }
        let calls = taking.reduce(0) { $0 + $1.1 }
        for (line, count) in taking {
            let credit = (self.credits[line.name] ?? 0) + calls * line.weight - count * total
            // Within these bounds it stays by itself, unless a line that is free is not used for reasons of its own.
            self.credits[line.name] = min(total, max(-total, credit))
        }
    }
}
