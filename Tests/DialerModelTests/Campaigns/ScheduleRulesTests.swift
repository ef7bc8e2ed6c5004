import DialerModel
import Testing

@Suite struct ScheduleRulesTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var schedule: Schedule
        var open: [String]
        var closed: [String]

        var testDescription: String { self.name }

        init(_ name: String, open: [String], closed: [String], _ change: (inout Schedule) -> Void) {
            self.name = name
            self.open = open
            self.closed = closed
            var schedule = Schedule()
            schedule.isOn = true
            change(&schedule)
            self.schedule = schedule
        }
    }

    static let rows: [Row] = [
        Row("no fields: always", open: ["1999-01-01T00:00:00Z", "2099-12-31T23:59:59Z"], closed: []) { _ in },
        Row(
            "dates, both inclusive", open: ["2026-11-20T00:00:00Z", "2026-11-22T23:59:59.999999Z"],
            closed: ["2026-11-19T23:59:59.999999Z", "2026-11-23T00:00:00Z"]
        ) {
            $0.dateStart = "2026-11-20"
            $0.dateEnd = "2026-11-22"
        },
        Row("an empty text is no bound", open: ["2026-11-20T00:00:00Z"], closed: []) {
            $0.dateEnd = ""
            $0.timeEnd = ""
            $0.dayList = ""
        },
        Row(
            "times, both inclusive to the second", open: ["2026-11-20T09:00:00Z", "2026-11-20T17:00:00.999999Z"],
            closed: ["2026-11-20T08:59:59.999999Z", "2026-11-20T17:00:01Z"]
        ) {
            $0.timeStart = "09:00:00"
            $0.timeEnd = "17:00:00"
        },
        Row("only a start", open: ["2026-11-20T23:59:59Z"], closed: ["2026-11-20T08:59:59Z", "2026-11-21T00:00:00Z"]) {
            $0.timeStart = "09:00:00"
        },
        Row("only an end", open: ["2026-11-20T00:00:00Z"], closed: ["2026-11-20T17:00:01Z"]) {
            $0.timeEnd = "17:00:00"
        },
        // 2026-11-21 is a Saturday.
        Row(
            "weekdays count from Sunday", open: ["2026-11-22T12:00:00Z", "2026-11-21T12:00:00Z"],
            closed: ["2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z"]
        ) { $0.dayList = "0, 6" },
        Row(
            "the except list wins over all", open: ["2026-11-20T12:00:00Z"],
            closed: ["2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"]
        ) {
            $0.dateList = "2026-11-20, 2026-11-21"
            $0.dateListExcept = "2026-11-21,2026-11-22"
        },
        Row(
            "a date list is the set of allowed days, beside range and weekdays",
            open: ["2026-11-24T12:00:00Z"], closed: ["2026-11-21T12:00:00Z", "2026-11-24T20:00:00Z"]
        ) {
            $0.dateStart = "2026-11-01"
            $0.dateEnd = "2026-11-22"
            $0.dayList = "6"
            $0.dateList = "2026-11-24"
            $0.timeEnd = "17:00:00"
        },
        Row(
            "a window over midnight belongs to the day it starts on",
            open: ["2026-11-20T22:00:00Z", "2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-21T05:59:59Z"],
            closed: ["2026-11-20T05:00:00Z", "2026-11-21T06:00:01Z", "2026-11-21T22:00:00Z", "2026-11-20T21:59:59Z"]
        ) {
            $0.dayList = "5"
            $0.timeStart = "22:00:00"
            $0.timeEnd = "06:00:00"
        },
        Row(
            "over midnight at the end of the date range", open: ["2026-11-23T05:00:00Z"],
            closed: ["2026-11-23T22:30:00Z", "2026-11-22T05:00:00Z"]
        ) {
            $0.dateStart = "2026-11-22"
            $0.dateEnd = "2026-11-22"
            $0.timeStart = "22:00:00"
            $0.timeEnd = "06:00:00"
        },
        Row(
            "times are those of the zone", open: ["2026-11-20T08:00:00Z", "2026-07-01T07:00:00Z"],
            closed: ["2026-11-20T07:59:59Z", "2026-07-01T06:59:59Z", "2026-07-01T08:30:00Z", "2026-11-20T09:30:00Z"]
        ) {
            $0.timeZone = "Europe/Berlin"
            $0.timeStart = "09:00:00"
            $0.timeEnd = "10:00:00"
        },
        Row(
            "the day is the zone's, too", open: ["2026-11-20T18:30:00Z"],
            closed: ["2026-11-20T18:29:59Z", "2026-11-21T18:30:00Z"]
        ) {
            $0.timeZone = "Asia/Kolkata"
            $0.dateList = "2026-11-21"
        },
        Row(
            "west of Greenwich", open: ["2026-11-22T05:00:00Z", "2026-11-22T07:59:59Z"],
            closed: ["2026-11-22T08:00:00Z"]
        ) {
            $0.timeZone = "America/Los_Angeles"
            $0.dayList = "6"
        },
        // Berlin, 2026-03-29: 02:00 becomes 03:00.
        Row(
            "a start in the gap opens where the clock jumps to", open: ["2026-03-29T01:00:00Z"],
            closed: ["2026-03-29T00:59:59Z", "2026-03-29T02:00:00Z"]
        ) {
            $0.timeZone = "Europe/Berlin"
            $0.timeStart = "02:30:00"
            $0.timeEnd = "03:59:59"
        },
        // Berlin, 2026-10-25: 03:00 becomes 02:00, so 02:30 comes twice.
        Row(
            "an hour that comes twice is open twice", open: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
            closed: ["2026-10-25T01:00:00Z", "2026-10-25T01:45:01Z"]
        ) {
            $0.timeZone = "Europe/Berlin"
            $0.timeStart = "02:15:00"
            $0.timeEnd = "02:45:00"
        },
    ]

    @Test("open and closed as the table says", arguments: rows)
    func table(_ row: Row) throws {
        let rules = try ScheduleRules(row.schedule)
        for text in row.open { #expect(rules.isOpen(at: try Self.time(text)), "\(text)") }
        for text in row.closed { #expect(!rules.isOpen(at: try Self.time(text)), "\(text)") }
    }

    @Test("the next change is the first second with another answer", arguments: rows)
    func nextChangeAgreesWithIsOpen(_ row: Row) throws {
        let rules = try ScheduleRules(row.schedule)
        for text in row.open + row.closed {
            let now = try Self.time(text)
            let isOpen = rules.isOpen(at: now)
            guard let change = rules.nextChange(after: now) else {
                // Nothing changes: look at every hour of two weeks.
                for hour in 1...336 { #expect(rules.isOpen(at: now + .seconds(hour * 3600)) == isOpen) }
                continue
            }
            #expect(change > now)
            #expect(rules.isOpen(at: change) != isOpen, "\(text) → \(change.wire)")
            #expect(rules.isOpen(at: change + .microseconds(-1)) == isOpen, "\(text) → \(change.wire)")
            // Nothing in between, in steps of ten minutes.
            var step = now
            while step < change, step < now + .seconds(86_400 * 20) {
                #expect(rules.isOpen(at: step) == isOpen, "\(step.wire) before \(change.wire)")
                step = step + .seconds(600)
            }
        }
    }

    struct Change: CustomTestStringConvertible, Sendable {
        var from: String
        var to: String?
        var schedule: Schedule

        var testDescription: String { "\(self.from) → \(self.to ?? "never")" }

        init(_ from: String, _ to: String?, _ change: (inout Schedule) -> Void) {
            self.from = from
            self.to = to
            var schedule = Schedule()
            change(&schedule)
            self.schedule = schedule
        }
    }

    static let changes: [Change] = [
        Change("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z") {
            $0.timeStart = "09:00:00"
            $0.timeEnd = "17:00:00"
        },
        Change("2026-11-20T09:00:00Z", "2026-11-20T17:00:01Z") {
            $0.timeStart = "09:00:00"
            $0.timeEnd = "17:00:00"
        },
        // From Friday evening over the weekend, in Berlin.
        Change("2026-11-20T16:00:01Z", "2026-11-23T08:00:00Z") {
            $0.timeZone = "Europe/Berlin"
            $0.timeStart = "09:00:00"
            $0.timeEnd = "17:00:00"
            $0.dayList = "1,2,3,4,5"
        },
        // Over the night in which an hour is missing: 23 hours.
        Change("2026-03-28T08:00:01Z", "2026-03-29T07:00:00Z") {
            $0.timeZone = "Europe/Berlin"
            $0.timeStart = "09:00:00"
            $0.timeEnd = "09:00:00"
        },
        Change("2026-11-20T12:00:00Z", "2030-05-01T00:00:00Z") { $0.dateStart = "2030-05-01" },
        Change("2030-05-02T12:00:00Z", nil) { $0.dateEnd = "2030-05-01" },
        Change("2026-11-20T12:00:00Z", nil) { _ in },
        Change("2026-11-20T12:00:00Z", "2028-12-25T00:00:00Z") { $0.dateListExcept = "2028-12-25" },
        Change("2026-11-20T12:00:00Z", "2029-02-01T06:00:00Z") {
            $0.dateList = "2020-01-01, 2029-02-01"
            $0.timeStart = "06:00:00"
        },
        Change("2026-11-20T12:00:00Z", nil) { $0.dateList = "2020-01-01" },
        // Two allowed days in a row without times are one opening.
        Change("2026-11-21T12:00:00Z", "2026-11-23T00:00:00Z") { $0.dayList = "0,6" },
        Change("2026-11-20T23:00:00Z", "2026-11-21T06:00:01Z") {
            $0.timeStart = "22:00:00"
            $0.timeEnd = "06:00:00"
        },
        // Midnight itself is skipped in Santiago when summer time begins (2026-09-06).
        Change("2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z") {
            $0.timeZone = "America/Santiago"
            $0.dateList = "2026-09-06"
        },
    ]

    @Test("known next changes", arguments: changes)
    func knownChange(_ row: Change) throws {
        let rules = try ScheduleRules(row.schedule)
        #expect(rules.nextChange(after: try Self.time(row.from))?.wire == (try row.to.map { try Self.time($0).wire }))
    }

    @Test("a window keeps its name while it lasts, and only so long")
    func windowNames() throws {
        func name(_ text: String, _ change: (inout Schedule) -> Void) throws -> String? {
            var schedule = Schedule()
            change(&schedule)
            return try ScheduleRules(schedule).windowID(at: try Self.time(text))
        }
        let night = { (schedule: inout Schedule) in
            schedule.timeStart = "22:00:00"
            schedule.timeEnd = "06:00:00"
        }
        #expect(try name("2026-11-20T23:00:00Z", night) == "2026-11-20")
        #expect(try name("2026-11-21T05:00:00Z", night) == "2026-11-20")
        #expect(try name("2026-11-21T12:00:00Z", night) == nil)
        #expect(try name("2026-11-21T23:00:00Z", night) == "2026-11-21")
        // Without times, days in a row are one window.
        #expect(try name("2026-11-21T12:00:00Z") { $0.dayList = "0,6" } == "2026-11-21")
        #expect(try name("2026-11-22T12:00:00Z") { $0.dayList = "0,6" } == "2026-11-21")
        #expect(try name("2026-11-22T12:00:00Z") { $0.dateStart = "2026-11-02" } == "2026-11-02")
        #expect(try name("2026-11-22T12:00:00Z") { _ in } == "always")
    }

    @Test(
        "what cannot be understood is refused by name",
        arguments: [
            ("sc_date_start", "20180101"), ("sc_date_end", "2026-02-29"), ("sc_date_list", "2026-11-20;2026-11-21"),
            ("sc_date_list_except", "tomorrow"), ("sc_time_start", "9:00:00"), ("sc_time_end", "24:00:00"),
            ("sc_day_list", "1,7"), ("sc_day_list", "Mon"), ("sc_time_zone", "Mars/Olympus"), ("sc_time_zone", "CET+1"),
            ("sc_time_zone", "../etc/passwd"), ("sc_time_zone", "+01:00"),
        ]
    )
    func refused(field: String, text: String) throws {
        var schedule = Schedule()
        switch field {
        case "sc_date_start": schedule.dateStart = text
        case "sc_date_end": schedule.dateEnd = text
        case "sc_date_list": schedule.dateList = text
        case "sc_date_list_except": schedule.dateListExcept = text
        case "sc_time_start": schedule.timeStart = text
        case "sc_time_end": schedule.timeEnd = text
        case "sc_day_list": schedule.dayList = text
        default: schedule.timeZone = text
        }
        let error = #expect(throws: ValidationError.self) { try ScheduleRules(schedule) }
        #expect(error?.field == field)
        #expect(error?.message.hasPrefix("\(field): expected ") == true)
    }

    @Test("a date range that ends before it starts is refused")
    func reversedRange() {
        var schedule = Schedule()
        schedule.dateStart = "2026-11-22"
        schedule.dateEnd = "2026-11-20"
        #expect(throws: ValidationError.self) { try ScheduleRules(schedule) }
    }

    @Test("random schedules: the next change agrees with the answers before and after it", arguments: 1...8)
    func randomSchedules(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let zones = [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", nil,
        ]
        for _ in 0..<60 {
            var schedule = Schedule()
            schedule.timeZone = zones.randomElement(using: &generator) ?? nil
            func time() -> String? {
                guard Bool.random(using: &generator) else { return nil }
                func two(_ range: Range<Int>) -> String {
                    let value = Int.random(in: range, using: &generator)
                    return value < 10 ? "0\(value)" : "\(value)"
                }
                return "\(two(0..<24)):\(two(0..<60)):\(two(0..<60))"
            }
            schedule.timeStart = time()
            schedule.timeEnd = time()
            if Bool.random(using: &generator) {
                schedule.dayList = (0...6).filter { _ in Bool.random(using: &generator) }.map(String.init).joined(
                    separator: ",")
            }
            let rules = try ScheduleRules(schedule)
            let year = Int64(1_767_225_600)
            let now = Timestamp(microseconds: (year + Int64.random(in: 0..<31_536_000, using: &generator)) * 1_000_000)
            let isOpen = rules.isOpen(at: now)
            guard let change = rules.nextChange(after: now) else {
                for step in 1...200 {
                    #expect(rules.isOpen(at: now + .seconds(step * 3607)) == isOpen, "seed \(seed): \(schedule)")
                }
                continue
            }
            let comment: Comment = "seed \(seed): \(schedule) from \(now.wire) to \(change.wire)"
            #expect(rules.isOpen(at: change) != isOpen, comment)
            #expect(rules.isOpen(at: change + .microseconds(-1)) == isOpen, comment)
            var step = now
            while step < change {
                #expect(rules.isOpen(at: step) == isOpen, comment)
                step = step + .seconds(797)
            }
        }
    }

    private static func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(wire: text))
    }
}
