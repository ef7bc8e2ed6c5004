import DialerModel

/// What one PBX may still carry: a ceiling of calls in progress and a rate of new ones. Shared by the campaigns that dial through it.
package struct LineBudget: Sendable, Hashable {
    /// Calls in progress at once.
    package private(set) var maxCalls: Int
    /// Calls that have a claim on a line and no result yet.
    package private(set) var inProgress = 0

    private var bucket: TokenBucket

    /// A budget with nothing in progress.
    ///
    /// - Parameter burst: how many calls may go out at once after a pause; by default a quarter of a second's worth, for a PBX that gets
    ///   hundreds of requests at once serves them all slowly.
    package init(maxCalls: Int, maxCallsPerSecond: Double, burst: Double? = nil, at now: Timestamp) {
        self.maxCalls = max(0, maxCalls)
        self.bucket = TokenBucket(rate: maxCallsPerSecond, burst: burst ?? maxCallsPerSecond / 4, at: now)
    }

    /// Changes the limits. Calls in progress stay, also those above the new ceiling.
    package mutating func limit(maxCalls: Int, maxCallsPerSecond: Double, at now: Timestamp) {
        self.maxCalls = max(0, maxCalls)
        let saved = self.bucket.available(at: now)
        var bucket = TokenBucket(rate: maxCallsPerSecond, burst: maxCallsPerSecond / 4, at: now)
        _ = bucket.take(Int(bucket.burst) - min(saved, Int(bucket.burst)), at: now)
        self.bucket = bucket
    }

    /// How many calls could begin at `now`.
    package func available(at now: Timestamp) -> Int {
        max(0, min(self.maxCalls - self.inProgress, self.bucket.available(at: now)))
    }

    /// Reserves up to `wanted` calls: from here on they count as in progress until ``callEnded()`` or ``giveBack(_:)``.
    package mutating func reserve(_ wanted: Int, at now: Timestamp) -> Int {
        let granted = self.bucket.take(min(wanted, self.available(at: now)), at: now)
        self.inProgress += granted
        return granted
    }

    /// Reserved calls that were not placed after all, because the list had no more due contacts.
    package mutating func giveBack(_ count: Int) {
        let returned = max(0, min(count, self.inProgress))
        self.inProgress -= returned
        self.bucket.giveBack(returned)
    }

    /// One call of this budget has its result.
    package mutating func callEnded() {
        self.inProgress = max(0, self.inProgress - 1)
    }

    /// Calls that were in progress before this budget was made, adopted after a restart. They may exceed the ceiling.
    package mutating func adopt(_ count: Int) {
        self.inProgress += max(0, count)
    }

    /// When a call may begin at the earliest; nil while the ceiling is reached, for then a call must end first.
    package func nextOpportunity(after now: Timestamp) -> Timestamp? {
        self.inProgress < self.maxCalls ? self.bucket.nextToken(after: now) : nil
    }
}
