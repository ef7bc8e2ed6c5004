import Pacing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Issabel's predictor, from a description of its Predictor class: every five seconds one call for each agent who is idle or deemed to be
/// so soon, less callers waiting and calls ringing. As shipped: quality of service 0.97, no over-commitment.
struct IssabelPacer: Pacer {
    private static let interval = 5.0
    private static let quality = 0.97
    private static let conversationsNeeded = 10

    private(set) var floor = PacingFloor()
    private var nextLook = 0.0
    private var answerTime = 8.0
    private var answers = 0.0
    private var talk = 0.0
    private var talks = 0

    mutating func observe(_ event: PacingEvent, at time: Double) {
        let lesson = self.floor.apply(event, at: time)
        if lesson.outcome == .human, let age = lesson.age {
            self.answers += 1
            self.answerTime += (age - self.answerTime) / (self.answers + 1)
        }
        if let talk = lesson.talk {
            self.talks += 1
            self.talk += (talk - self.talk) / Double(self.talks)
        }
    }

    mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int {
        guard self.nextLook <= time else { return 0 }
        self.nextLook += Self.interval
        var soon = 0
        if self.talks >= Self.conversationsNeeded {
            for agent in self.floor.agents where agent.state == .talking {
                let elapsed = time - agent.since + self.answerTime
                if 1 - exp(-elapsed / self.talk) >= Self.quality { soon += 1 }
            }
        }
        let wanted = self.floor.idle + soon - self.floor.waiting - self.floor.ringing.count
        return min(limit, max(0, wanted))
    }
}
