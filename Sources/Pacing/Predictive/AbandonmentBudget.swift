#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What may be spent on abandoned calls: the target's share of the live answers, less the calls that were abandoned, over each of the
/// windows the law counts (47 CFR 64.1200(a)(7): 3 % of the calls answered by a person, over 30 days).
package struct AbandonmentBudget: Sendable, Hashable {
    /// Live answers and abandoned calls in one window.
    package struct Window: Sendable, Hashable {
        package var live: Int
        package var abandoned: Int

        package init(live: Int = 0, abandoned: Int = 0) {
            self.live = live
            self.abandoned = abandoned
        }
    }

    /// Calls by which the budget may be overdrawn before there are enough answers for a share to mean anything. With none the first
    /// 33 answers at 3 % could not afford a single abandoned call, and the first half hour of a small team would be lost.
    private static let credit = 3.0
    /// Live answers over which that credit is given back.
    private static let creditAnswers = 300.0
    /// Calls in hand at which the target itself is aimed at, while each is lost on its own; more are spent, fewer are saved up. The
    /// stationary answer of a controlled random walk that must not fall below zero is close to a square root (see docs/pacing.md), and
    /// what it keeps in hand grows as the variance of its steps.
    private static let comfort = 4.0
    /// Calls that are never planned to be lost, while each is lost on its own: a share above the target cannot be taken back.
    private static let reserve = 0.3
    /// What bunches add to that, for each unit of variance over the mean above 1.
    private static let reservePerBunching = 1.5
    /// By how many calls for each agent, above one, the budget may be overdrawn before nothing is risked any more.
    private static let overdraftPerAgent = 0.02
    /// The most that is ever spent, as a multiple of the target.
    private static let mostAppetite = 2.0
    /// What is still aimed at when the lines under way may use up the budget: to stop placing ahead altogether costs far more of the
    /// agents' time than so small a risk costs calls.
    private static let leastAppetite = 0.02

    /// The share of live answers that may be abandoned, from 0 to 1.
    package var target: Double
    private var windows: [Window]

    /// - Parameter windows: what each of the windows holds already; none means a single one that begins now.
    package init(target: Double, windows: [Window] = []) {
        self.target = min(1, max(0, target.isFinite ? target : 0))
        self.windows = windows.isEmpty ? [Window()] : windows
    }

    /// Replaces what the windows hold, as old answers fall out of them.
    package mutating func setWindows(_ windows: [Window]) {
        self.windows = windows.isEmpty ? [Window()] : windows
    }

    /// A person answered.
    package mutating func answered() {
        for index in self.windows.indices { self.windows[index].live += 1 }
    }

    /// A person who answered found no agent in time.
    package mutating func abandoned() {
        for index in self.windows.indices { self.windows[index].abandoned += 1 }
    }

    /// Calls that may be abandoned yet, in the window that allows the fewest; negative when it is overdrawn.
    package var room: Double {
        var least = Double.infinity
        for window in self.windows {
            let live = Double(window.live)
            let credit = Self.credit * max(0, 1 - live / Self.creditAnswers)
            least = min(least, self.target * live - Double(window.abandoned) + credit)
        }
        return self.target > 0 ? least : min(0, least)
    }

    /// How much of the target to aim at now, as a multiple of it: 1 in balance, less when little is left.
    ///
    /// - Parameters:
    ///   - pending: calls that the ones under way are expected to cost.
    ///   - bunching: how far abandoned calls come together, 1 when each is on its own (``AbandonBunching``).
    package func appetite(pending: Double, bunching: Double) -> Double {
        let free = self.room - pending - Self.reserve - Self.reservePerBunching * (bunching - 1)
        let wanted = max(0, free / (Self.comfort * bunching)).squareRoot()
        return min(Self.mostAppetite, max(Self.leastAppetite, wanted))
    }

    /// Whether so much was lost that nothing may be risked at all. A call or two more than the target allows are made good by
    /// placing ahead with next to no risk; what goes beyond that was not foreseen, and the forecast is not to be trusted.
    ///
    /// - Parameter agents: agents at work.
    package func isSpent(agents: Int) -> Bool {
        self.target <= 0 || self.room <= -1 - Self.overdraftPerAgent * Double(agents)
    }
}
