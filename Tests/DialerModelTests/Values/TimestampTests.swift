import DialerModel
import Testing

@Suite struct TimestampTests {
    @Test(
        "instants are read leniently and written with nine digits",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000000Z"),
            ("2018-03-08T01:42:40.551073859Z", "2018-03-08T01:42:40.551073000Z"),
            ("2017-03-08T01:42:40.4259748Z", "2017-03-08T01:42:40.425974000Z"),
            ("2017-03-08T01:42:40.5Z", "2017-03-08T01:42:40.500000000Z"),
            ("2026-11-21 09:54:56.123456+00", "2026-11-21T09:54:56.123456000Z"),
            ("2026-11-21T09:54:56+05:30", "2026-11-21T04:24:56.000000000Z"),
            ("2026-11-21t23:54:56-0130z".replacing("z", with: ""), "2026-11-22T01:24:56.000000000Z"),
            ("2026-11-21T09:54:56", "2026-11-21T09:54:56.000000000Z"),
            ("2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999999000Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999000Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000000Z"),
            ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000000Z"),
        ]
    )
    func readAndWrite(text: String, wire: String) throws {
        #expect(try #require(Timestamp(wire: text)).wire == wire)
    }

    @Test(
        "what is no instant is refused",
        arguments: [
            "", "2018", "2018-03-08", "2018-03-08T01:42", "2018-13-08T01:42:40Z", "2018-02-29T01:42:40Z",
            "1900-02-29T00:00:00Z",
            "2018-03-08T24:00:00Z", "2018-03-08T01:60:00Z", "2018-03-08T01:42:60Z", "2018-03-08T01:42:40.Z",
            "2018-03-08T01:42:40ZZ", "2018-03-08T01:42:40+", "2018-03-08T01:42:40+25:00", " 2018-03-08T01:42:40Z",
            "2018/03/08T01:42:40Z", "20180308T014240Z", "２018-03-08T01:42:40Z", "2018-00-08T01:42:40Z",
            "2018-03-00T01:42:40Z",
        ]
    )
    func refused(text: String) {
        #expect(Timestamp(wire: text) == nil)
    }

    @Test("any instant of the years 1 to 9999 survives the wire, and text order is time order", arguments: 1...10)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var previous: Timestamp?
        for _ in 0..<2000 {
            let time = Timestamp(
                microseconds: Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator))
            #expect(Timestamp(wire: time.wire) == time, "seed \(seed)")
            if let previous { #expect((previous < time) == (previous.wire < time.wire), "seed \(seed)") }
            previous = time
        }
    }

    @Test("every day from 1800 to 2400 follows the one before")
    func everyDay() throws {
        let first = try #require(CivilDate(wire: "1800-01-01"))
        var previous = first
        #expect(first.weekday == 3)
        for offset in 1...219_510 {
            let day = first + offset
            #expect(CivilDate(year: day.year, month: day.month, day: day.day) == day)
            #expect(day.weekday == (previous.weekday + 1) % 7)
            #expect(day.day == previous.day + 1 || (day.day == 1 && previous.day >= 28))
            previous = day
        }
        #expect(CivilDate(wire: previous.wire) == previous)
        #expect(previous.wire == "2400-12-31")
    }
}
