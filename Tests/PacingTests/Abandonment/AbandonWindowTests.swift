import DialerModel
import Pacing
import Testing

@Suite struct AbandonWindowTests {
    /// On the hour.
    private static let noon = Timestamp(microseconds: 1_800_000_000_000_000 / 3_600_000_000 * 3_600_000_000)

    private func hours(_ count: Int) -> Duration { .seconds(count * 3600) }

    @Test("live answers and abandoned calls add up, and their share is the rate")
    func counting() {
        var window = AbandonWindow()
        #expect(window.counts(last: AbandonWindow.day, at: Self.noon).rate == nil)
        for index in 0..<200 { window.record(abandoned: index % 50 == 0, at: Self.noon + .seconds(index)) }
        let counts = window.counts(last: AbandonWindow.day, at: Self.noon + .seconds(200))
        #expect(counts == AbandonWindow.Counts(live: 200, abandoned: 4))
        #expect(counts.rate == 0.02)
        #expect(window.buckets.count == 1)
    }

    @Test("an hour counts in full as long as a part of it is within the window")
    func boundaries() {
        var window = AbandonWindow()
        window.record(abandoned: true, at: Self.noon)
        window.record(abandoned: false, at: Self.noon + self.hours(1) + (.zero - .microseconds(1)))
        window.record(abandoned: false, at: Self.noon + self.hours(1))
        func live(_ later: Duration) -> Int { window.counts(last: AbandonWindow.day, at: Self.noon + later).live }
        #expect(live(self.hours(24)) == 3)
        #expect(live(self.hours(25) - .microseconds(1)) == 3)
        #expect(live(self.hours(25)) == 1)
        #expect(live(self.hours(26) - .microseconds(1)) == 1)
        #expect(live(self.hours(26)) == 0)
        #expect(window.counts(last: AbandonWindow.thirtyDays, at: Self.noon + self.hours(26)).live == 3)
        #expect(window.counts(last: AbandonWindow.thirtyDays, at: Self.noon + self.hours(722)).live == 0)
    }

    @Test("the window is never shorter than asked for, and at most an hour longer", arguments: 1...20)
    func conservative(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var window = AbandonWindow()
        let instants = (0..<400).map { _ in
            Self.noon + .seconds(Int.random(in: 0..<(4 * 86_400), using: &generator))
        }
        for instant in instants { window.record(abandoned: false, at: instant) }
        let now = Self.noon + .seconds(4 * 86_400)
        for length in [Duration.seconds(3600), AbandonWindow.day, .seconds(100_000)] {
            let counted = window.counts(last: length, at: now).live
            #expect(counted >= instants.count { now - $0 < length })
            #expect(counted <= instants.count { now - $0 <= length + .seconds(3600) })
        }
    }

    @Test("a clock that goes back forgets nothing; what a wrong clock told of a far future does not count")
    func clockGoesBack() {
        var window = AbandonWindow()
        window.record(abandoned: true, at: Self.noon)
        #expect(window.counts(last: AbandonWindow.day, at: Self.noon + (.zero - self.hours(20))).abandoned == 1)
        window.record(abandoned: false, at: Self.noon + (.zero - self.hours(3)))
        #expect(window.counts(last: AbandonWindow.day, at: Self.noon).live == 2)
        window.record(abandoned: true, at: Self.noon + self.hours(24 * 365))
        #expect(window.counts(last: AbandonWindow.day, at: Self.noon).live == 2)
        #expect(window.buckets.map(\.hour) == window.buckets.map(\.hour).sorted())
    }

    @Test("kept hours and live ones of the same hour merge, in whatever order they come")
    func merging() {
        let hour = AnsweredHour.hour(of: Self.noon)
        let kept = [
            AnsweredHour(hour: hour, live: 10, abandoned: 1), AnsweredHour(hour: hour - 2, live: 5, abandoned: 0),
            AnsweredHour(hour: hour, live: 3, abandoned: 1),
        ]
        var window = AbandonWindow(buckets: kept)
        window.record(abandoned: true, at: Self.noon + .seconds(5))
        #expect(
            window.buckets == [
                AnsweredHour(hour: hour - 2, live: 5, abandoned: 0), AnsweredHour(hour: hour, live: 14, abandoned: 3),
            ])
    }

    @Test("hours that make no sense are put right or left out, and no more than 31 days of them are kept")
    func bounds() {
        let broken = [AnsweredHour(hour: 1, live: -5, abandoned: 2), AnsweredHour(hour: 2, live: 3, abandoned: 9)]
        #expect(AbandonWindow(buckets: broken).buckets == [AnsweredHour(hour: 2, live: 3, abandoned: 3)])
        var window = AbandonWindow()
        for hour in 0..<2000 { window.record(abandoned: false, at: Self.noon + self.hours(hour)) }
        #expect(window.buckets.count == AbandonWindow.capacity)
        #expect(window.buckets.last?.hour == AnsweredHour.hour(of: Self.noon) + 1999)
        window.record(abandoned: true, at: Self.noon)
        #expect(window.buckets.count == AbandonWindow.capacity)
        #expect(window.buckets.allSatisfy { $0.abandoned == 0 })
    }

    @Test("an instant before 1970 lies in the hour before it")
    func beforeTheEpoch() {
        #expect(AnsweredHour.hour(of: Timestamp(microseconds: -1)) == -1)
        #expect(AnsweredHour.hour(of: Timestamp(microseconds: -3_600_000_000)) == -1)
        #expect(AnsweredHour.hour(of: Timestamp(microseconds: -3_600_000_001)) == -2)
        #expect(AnsweredHour.hour(of: Timestamp(microseconds: 0)) == 0)
    }
}

/// A reproducible source of chance (Steele, Lea, Flood's SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
