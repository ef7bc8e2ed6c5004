import struct Foundation.Date
import struct Foundation.TimeZone

/// A campaign's schedule in decidable form: when it is open, and when that changes next.
///
/// All rules look at the wall clock of the schedule's time zone. A day is allowed when it is not on the except list and is on the
/// date list or, that being empty, lies in the date range and on the day list. On allowed days the times of day apply. A window whose
/// start is after its end runs over midnight and belongs to the day it starts on.
package struct ScheduleRules: Sendable, Hashable {
    /// Whether the schedule has a say at all (`sc_mode`); the other answers do not look at it.
    package let isOn: Bool

    private let zone: TimeZone?
    private let dateStart: CivilDate?
    private let dateEnd: CivilDate?
    private let dateList: Set<CivilDate>
    private let exceptions: Set<CivilDate>
    private let weekdays: Set<Int>
    /// Seconds of the day, both inclusive.
    private let timeStart: Int
    private let timeEnd: Int

    private static let lastSecond = 86_399

    /// - Throws: ``ValidationError`` naming the field that cannot be understood.
    package init(_ schedule: Schedule) throws(ValidationError) {
        self.isOn = schedule.isOn
        self.zone = try Self.read("sc_time_zone", schedule.timeZone, Self.timeZone, Self.expectedTimeZone)
        self.dateStart = try Self.read("sc_date_start", schedule.dateStart, { CivilDate(wire: $0) }, Self.expectedDate)
        self.dateEnd = try Self.read("sc_date_end", schedule.dateEnd, { CivilDate(wire: $0) }, Self.expectedDate)
        self.dateList = try Self.read("sc_date_list", schedule.dateList, Self.dates, Self.expectedDates) ?? []
        self.exceptions =
            try Self.read("sc_date_list_except", schedule.dateListExcept, Self.dates, Self.expectedDates) ?? []
        self.weekdays = try Self.read("sc_day_list", schedule.dayList, Self.weekdays, Self.expectedDays) ?? []
        self.timeStart = try Self.read("sc_time_start", schedule.timeStart, Self.secondOfDay, Self.expectedTime) ?? 0
        self.timeEnd =
            try Self.read("sc_time_end", schedule.timeEnd, Self.secondOfDay, Self.expectedTime) ?? Self.lastSecond
        if let dateStart, let dateEnd, dateEnd < dateStart {
            throw ValidationError(
                field: "sc_date_end",
                message: "sc_date_end: expected a day not before sc_date_start \(dateStart.wire), got \(dateEnd.wire)"
            )
        }
    }

    /// Whether calls may be placed at `instant`.
    package func isOpen(at instant: Timestamp) -> Bool {
        self.windowDay(at: instant) != nil
    }

    /// A name for the window `instant` lies in, nil outside of any. Windows that touch are one window; the name does not change while
    /// it lasts.
    package func windowID(at instant: Timestamp) -> String? {
        guard var day = self.windowDay(at: instant) else { return nil }
        guard self.coversWholeDay else { return day.wire }
        for _ in 0..<Self.horizon {
            guard self.allows(day + -1) else { return day.wire }
            day = day + -1
        }
        return "always"
    }

    /// The first instant after `instant` at which ``isOpen(at:)`` gives another answer; nil when it never will.
    package func nextChange(after instant: Timestamp) -> Timestamp? {
        let isOpenNow = self.isOpen(at: instant)
        let today = self.local(instant).day
        var day = today + -1
        if !isOpenNow, let dateStart = self.dateStart, self.dateList.isEmpty, day < dateStart { day = dateStart + -1 }
        let last = self.lastInterestingDay(from: max(day, today))
        while day <= last {
            if let change = self.change(on: day, after: instant, from: isOpenNow) { return change }
            day = day + 1
        }
        return nil
    }

    // MARK: Days

    /// Beyond this many days an unbroken opening has no beginning worth naming.
    private static let horizon = 800

    private func allows(_ day: CivilDate) -> Bool {
        if self.exceptions.contains(day) { return false }
        if !self.dateList.isEmpty { return self.dateList.contains(day) }
        if let dateStart = self.dateStart, day < dateStart { return false }
        if let dateEnd = self.dateEnd, dateEnd < day { return false }
        return self.weekdays.isEmpty || self.weekdays.contains(day.weekday)
    }

    private var crossesMidnight: Bool { self.timeEnd < self.timeStart }

    /// One day's window ends where the next day's begins.
    private var coversWholeDay: Bool {
        (self.timeEnd + 1) % (Self.lastSecond + 1) == self.timeStart
    }

    /// The day on which the window around `instant` began; nil outside of any.
    private func windowDay(at instant: Timestamp) -> CivilDate? {
        let (day, second) = self.local(instant)
        if self.crossesMidnight {
            if second >= self.timeStart, self.allows(day) { return day }
            return second <= self.timeEnd && self.allows(day + -1) ? day + -1 : nil
        }
        return second >= self.timeStart && second <= self.timeEnd && self.allows(day) ? day : nil
    }

    /// After this day nothing changes that has not changed before.
    private func lastInterestingDay(from day: CivilDate) -> CivilDate {
        var last = day + 9
        if let latest = self.dateList.max() {
            last = max(last, latest + 2)
        } else if let dateEnd = self.dateEnd {
            last = max(last, dateEnd + 2)
        }
        if let latest = self.exceptions.max() { last = max(last, latest + 9) }
        return last
    }

    /// The first instant after `instant` among those of `day` (and the next, for they may overlap) that differs from `isOpenNow`.
    private func change(on day: CivilDate, after instant: Timestamp, from isOpenNow: Bool) -> Timestamp? {
        let days = (-1...2).map { self.allows(day + $0) }
        // Whole days that are all alike hold no change; nor does a day that is as closed as its neighbours.
        if self.coversWholeDay || !isOpenNow, days.allSatisfy({ $0 == isOpenNow }) { return nil }
        let candidates = (self.boundaries(of: day) + self.boundaries(of: day + 1)).sorted()
        return candidates.first { $0 > instant && self.isOpen(at: $0) != isOpenNow }
    }

    // MARK: Wall clock

    private func offset(at second: Int) -> Int {
        guard let zone = self.zone else { return 0 }
        return zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
    }

    private func local(_ instant: Timestamp) -> (day: CivilDate, second: Int) {
        let whole = instant.microseconds / 1_000_000
        let second = Int(instant.microseconds < whole * 1_000_000 ? whole - 1 : whole)
        let (day, rest) = Timestamp(microseconds: Int64(second + self.offset(at: second)) * 1_000_000)
            .dayAndMicroseconds
        return (day, Int(rest / 1_000_000))
    }

    /// Every instant of a local day at which the answer can change: its midnight, the window's edges, and a change of the offset.
    private func boundaries(of day: CivilDate) -> [Timestamp] {
        let midnight = day.daysSinceEpoch * 86_400
        var seconds: [Int] = []
        for edge in [0, self.timeStart, self.timeEnd + 1] {
            let wall = midnight + edge
            for offset in Set([self.offset(at: wall - 86_400), self.offset(at: wall + 86_400)])
            where self.offset(at: wall - offset) == offset {
                seconds.append(wall - offset)
            }
        }
        if let transition = self.transition(from: midnight - 86_400, to: midnight + 172_800) {
            seconds.append(transition)
        }
        return seconds.map { Timestamp(microseconds: Int64($0) * 1_000_000) }
    }

    /// The first second with the new offset, when the offset differs between the two ends.
    private func transition(from start: Int, to end: Int) -> Int? {
        let old = self.offset(at: start)
        guard self.offset(at: end) != old else { return nil }
        var (low, high) = (start, end)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.offset(at: middle) == old { low = middle } else { high = middle }
        }
        return high
    }

    private static func read<Value>(
        _ name: String,
        _ text: String?,
        _ parse: (String) -> Value?,
        _ expected: (String) -> String?
    ) throws(ValidationError) -> Value? {
        guard let text, !text.isEmpty else { return nil }
        if let value = parse(text) { return value }
        throw ValidationError(field: name, .expected(expected(text) ?? "another form", got: .string(text)))
    }
}
