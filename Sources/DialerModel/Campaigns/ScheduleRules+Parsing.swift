import struct Foundation.TimeZone

/// The forms of the `sc_…` texts. Each check gives what is expected when the text is wrong, nil when it is right.
extension ScheduleRules {
    static func expectedDate(_ text: String) -> String? {
        if CivilDate(wire: text) != nil { return nil }
        if text.utf8.count == 8, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            let fixed = "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
            if CivilDate(wire: fixed) != nil { return "a date as YYYY-MM-DD, here \"\(fixed)\"" }
        }
        return "a date as YYYY-MM-DD"
    }

    static func expectedDates(_ text: String) -> String? {
        Self.dates(text) == nil ? "dates as YYYY-MM-DD separated by commas, like 2026-12-24, 2026-12-31" : nil
    }

    static func expectedTime(_ text: String) -> String? {
        Self.secondOfDay(text) == nil ? "a time of day as hh:mm:ss, 00:00:00 to 23:59:59" : nil
    }

    static func expectedDays(_ text: String) -> String? {
        Self.weekdays(text) == nil ? "weekdays 0 (Sunday) to 6 (Saturday) separated by commas, like 1, 2, 3" : nil
    }

    static func expectedTimeZone(_ text: String) -> String? {
        Self.timeZone(text) == nil ? "an IANA time zone like Europe/Berlin" : nil
    }

    /// Dates separated by commas, spaces around them allowed.
    static func dates(_ text: String) -> Set<CivilDate>? {
        var dates: Set<CivilDate> = []
        for part in Self.parts(text) {
            guard let date = CivilDate(wire: part) else { return nil }
            dates.insert(date)
        }
        return dates
    }

    /// Digits 0…6 separated by commas, spaces around them allowed.
    static func weekdays(_ text: String) -> Set<Int>? {
        var days: Set<Int> = []
        for part in Self.parts(text) {
            guard part.utf8.count == 1, let day = Int(part), (0...6).contains(day) else { return nil }
            days.insert(day)
        }
        return days
    }

    /// The second of the day of `hh:mm:ss`.
    static func secondOfDay(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 8, bytes[2] == UInt8(ascii: ":"), bytes[5] == UInt8(ascii: ":") else { return nil }
        func number(_ index: Int) -> Int? {
            guard (48...57).contains(bytes[index]), (48...57).contains(bytes[index + 1]) else { return nil }
            return Int(bytes[index] - 48) * 10 + Int(bytes[index + 1] - 48)
        }
        guard
            let hour = number(0), let minute = number(3), let second = number(6), hour < 24, minute < 60, second < 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// A zone of the IANA data base. Abbreviations and bare offsets are refused: they do not know daylight saving.
    static func timeZone(_ name: String) -> TimeZone? {
        guard name == "UTC" || name == "GMT" || name.contains("/"), name.utf8.count <= 64 else { return nil }
        return TimeZone(identifier: name)
    }

    private static func parts(_ text: String) -> [Substring] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            var part = part.drop { $0 == " " }
            while part.last == " " { part.removeLast() }
            return part
        }
    }
}
