import DialerModel

/// A campaign's live answers of the last 31 days, hour by hour, and how many of them were abandoned: what the law's limits
/// (47 CFR 64.1200(a)(7), Ofcom's persistent misuse statement) are counted over.
///
/// A window of some length is made of whole hours: every hour that lies in it at least in part counts, so it is never shorter than asked
/// for, and at most an hour longer. Calls count in the hour of their answer.
///
/// Pure: the time is an argument. A clock that goes back loses nothing: hours that lie in the future, up to a day, count as recent. Those
/// further ahead are left out, for they were told by a clock that was wrong.
package struct AbandonWindow: Sendable, Hashable {
    /// Live answers and abandoned calls of some stretch of time.
    package struct Counts: Sendable, Hashable, Codable {
        package var live: Int
        package var abandoned: Int

        package init(live: Int = 0, abandoned: Int = 0) {
            self.live = live
            self.abandoned = abandoned
        }

        /// Abandoned / live; nil before the first live answer.
        package var rate: Double? { self.live > 0 ? Double(self.abandoned) / Double(self.live) : nil }
    }

    /// The most hours kept: 31 days.
    package static let capacity = 744
    /// The windows the figures are given for.
    package static let day = Duration.seconds(86_400)
    package static let thirtyDays = Duration.seconds(30 * 86_400)
    /// How far ahead of the clock an hour may lie and count.
    private static let trustedHours: Int64 = 24

    /// By hour, the newest last; each hour once, none of them empty.
    package private(set) var buckets: [AnsweredHour] = []

    /// - Parameter buckets: What was kept, in any order; of one hour there may be several.
    package init(buckets: [AnsweredHour] = []) {
        for bucket in buckets.sorted(by: { $0.hour < $1.hour }) { self.add(bucket) }
    }

    /// Counts a live answer.
    ///
    /// - Parameter answer: When the person answered.
    package mutating func record(abandoned: Bool, at answer: Timestamp) {
        self.add(AnsweredHour(hour: AnsweredHour.hour(of: answer), live: 1, abandoned: abandoned ? 1 : 0))
    }

    /// What happened within the last `length` before `now`, the hours at both ends included in full. Costs one step for each hour of the
    /// window in which there was a call.
    package func counts(last length: Duration, at now: Timestamp) -> Counts {
        let begin = now + (.zero - length)
        let first = AnsweredHour.hour(of: begin)
        let last = AnsweredHour.hour(of: now) + Self.trustedHours
        var counts = Counts()
        for bucket in self.buckets.reversed() {
            if bucket.hour > last { continue }
            if bucket.hour < first { break }
            counts.live += bucket.live
            counts.abandoned += bucket.abandoned
        }
        return counts
    }

    private mutating func add(_ bucket: AnsweredHour) {
        let live = max(0, bucket.live)
        let abandoned = min(live, max(0, bucket.abandoned))
        guard live > 0 else { return }
        // Nearly always the newest hour; a search from the end costs nothing then.
        var index = self.buckets.endIndex
        while index > 0, self.buckets[index - 1].hour > bucket.hour { index -= 1 }
        if index > 0, self.buckets[index - 1].hour == bucket.hour {
            self.buckets[index - 1].live += live
            self.buckets[index - 1].abandoned += abandoned
            return
        }
        self.buckets.insert(AnsweredHour(hour: bucket.hour, live: live, abandoned: abandoned), at: index)
        if self.buckets.count > Self.capacity { self.buckets.removeFirst() }
    }
}
