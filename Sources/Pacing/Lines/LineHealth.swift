import DialerModel

/// Whether a line (an Asterisk, or a trunk at one) carries calls, judged by what became of those sent through it.
///
/// A line that answers congestion again and again is drained: it gets no calls for a while. Then one call tries it. When that is
/// congested too, the next pause is longer; when it is not, the line is put back. A plain value: the time and the chance of the
/// jitter are arguments.
package struct LineHealth: Sendable, Hashable {
    /// When a line is drained, and for how long.
    package struct Rules: Sendable, Hashable {
        /// So many congestions in a row drain the line, from 1.
        package var row: Int
        /// And so does this share of congestions, 0…1, among the calls of the last ``window``,
        package var share = 0.5
        /// if there were at least so many.
        package var windowCalls = 20
        package var window: Duration = .seconds(30)
        /// The first pause; doubled each time the line is drained again.
        package var firstPause: Duration
        /// No pause is longer, but for the jitter.
        package var longestPause: Duration
        /// Pauses differ from these by up to this share, 0…1, so that several lines are not tried at one moment.
        package var jitter = 0.2

        package init(
            row: Int = 10, firstPause: Duration = .seconds(5), longestPause: Duration = .seconds(300)
        ) {
            self.row = max(1, row)
            self.firstPause = max(.milliseconds(1), firstPause)
            self.longestPause = max(self.firstPause, longestPause)
        }
    }

    /// What became of one call, as far as the line is concerned.
    package enum Outcome: Sendable, Hashable {
        /// It rang, was answered, or failed for the number's own reasons.
        case worked
        case congested
        /// Nothing was learnt: it was never sent, hung up by us, or its end was not seen.
        case unknown
    }

    /// Whether calls may go out.
    package enum State: Sendable, Hashable {
        case open
        /// No call before `until`.
        case drained(until: Timestamp)
        /// One call may try.
        case halfOpen
        /// That call is under way; it was granted at `since`.
        case probing(since: Timestamp)
    }

    /// What ``take(_:placedAt:at:chance:)`` led to.
    package enum Change: Sendable, Hashable {
        /// No calls for so long. `again` when a trial call failed, so that the line had not been put back in between.
        case drained(pause: Duration, again: Bool)
        case restored
    }

    private struct Bucket: Sendable, Hashable {
        var index: Int64
        var calls = 0
        var congested = 0
    }

    private static let bucketsInWindow: Int64 = 6

    package let rules: Rules
    package private(set) var state = State.open
    private var openSince: Timestamp
    private var row = 0
    /// Drains since the line last worked for long.
    private var drains = 0
    private var buckets: [Bucket] = []

    /// A line that carries calls.
    package init(rules: Rules = Rules(), at now: Timestamp) {
        self.rules = rules
        self.openSince = now
    }

    /// How many calls may begin at `now` as far as the line's health goes; `Int.max` when it sets no limit.
    package func allowance(at now: Timestamp) -> Int {
        switch self.state {
        case .open: .max
        case .drained(let until): now >= until ? 1 : 0
        case .halfOpen: 1
        case .probing: 0
        }
    }

    /// When a call may begin at the earliest; nil while a trial call is under way.
    package func nextOpportunity(after now: Timestamp) -> Timestamp? {
        switch self.state {
        case .open, .halfOpen: now
        case .drained(let until): max(until, now)
        case .probing: nil
        }
    }

    /// Whether nothing is held against the line, so that it may be forgotten.
    package func isSpotless(at now: Timestamp) -> Bool {
        guard self.state == .open, self.row == 0, self.congestions(at: now).congested == 0 else { return false }
        return self.drains == 0 || self.openSince + self.rules.longestPause <= now
    }

    /// Whether nobody has tried the line for so long that nobody seems to want it, or nothing is held against it.
    package func isForgettable(at now: Timestamp) -> Bool {
        switch self.state {
        case .open: self.isSpotless(at: now)
        case .drained(let until): now >= until + self.rules.longestPause
        case .halfOpen, .probing: false
        }
    }

    /// A call was granted at `now`: on a line that is being tried it is the trial.
    package mutating func granted(at now: Timestamp) {
        switch self.state {
        case .open, .probing: break
        case .drained(let until):
            if now >= until { self.state = .probing(since: now) }
        case .halfOpen: self.state = .probing(since: now)
        }
    }

    /// A call granted at `grantedAt` was not placed after all.
    package mutating func gaveBack(grantedAt: Timestamp) {
        if case .probing(let since) = self.state, grantedAt >= since { self.state = .halfOpen }
    }

    /// Takes in what became of a call. Those placed before the present state began say nothing of it.
    ///
    /// - Parameter chance: 0…1, evenly distributed; where in the jitter's range the pause falls.
    package mutating func take(
        _ outcome: Outcome, placedAt: Timestamp, at now: Timestamp, chance: Double
    ) -> Change? {
        switch self.state {
        case .open:
            guard placedAt >= self.openSince else { return nil }
            switch outcome {
            case .unknown: return nil
            case .worked:
                self.row = 0
                self.count(congested: false, at: now)
                return nil
            case .congested:
                self.row += 1
                self.count(congested: true, at: now)
                return self.isTooMuch(at: now) ? self.drain(at: now, chance: chance, again: false) : nil
            }
        case .drained, .halfOpen: return nil
        case .probing(let since):
            guard placedAt >= since else { return nil }
            switch outcome {
            case .unknown:
                self.state = .halfOpen
                return nil
            case .worked:
                self.state = .open
                self.openSince = now
                return .restored
            case .congested: return self.drain(at: now, chance: chance, again: true)
            }
        }
    }

    private func isTooMuch(at now: Timestamp) -> Bool {
        if self.row >= self.rules.row { return true }
        let seen = self.congestions(at: now)
        return seen.calls >= self.rules.windowCalls
            && Double(seen.congested) >= self.rules.share * Double(seen.calls)
    }

    private mutating func drain(at now: Timestamp, chance: Double, again: Bool) -> Change {
        // A line that worked for long begins anew; one that only seemed to is left alone for longer each time.
        if !again, self.openSince + self.rules.longestPause <= now { self.drains = 0 }
        let doubled = self.rules.firstPause * Double(1 << min(self.drains, 30))
        let spread = 1 + self.rules.jitter * (2 * min(1, max(0, chance)) - 1)
        let pause = min(doubled, self.rules.longestPause) * spread
        self.drains += 1
        self.row = 0
        self.buckets = []
        self.state = .drained(until: now + pause)
        return .drained(pause: pause, again: again)
    }

    // MARK: The window

    private func index(at now: Timestamp) -> Int64 {
        let length = max(1, (self.rules.window / .microseconds(1)) / Double(Self.bucketsInWindow))
        return Int64((Double(now.microseconds) / length).rounded(.down))
    }

    private mutating func count(congested: Bool, at now: Timestamp) {
        let index = self.index(at: now)
        self.buckets.removeAll { $0.index <= index - Self.bucketsInWindow }
        if self.buckets.last?.index != index { self.buckets.append(Bucket(index: index)) }
        self.buckets[self.buckets.count - 1].calls += 1
        if congested { self.buckets[self.buckets.count - 1].congested += 1 }
    }

    private func congestions(at now: Timestamp) -> (calls: Int, congested: Int) {
        let oldest = self.index(at: now) - Self.bucketsInWindow
        return self.buckets.reduce(into: (0, 0)) { sum, bucket in
            guard bucket.index > oldest else { return }
            sum.0 += bucket.calls
            sum.1 += bucket.congested
        }
    }
}
