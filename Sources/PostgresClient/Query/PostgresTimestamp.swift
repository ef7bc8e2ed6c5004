/// An instant as `timestamptz` holds it: microseconds since 1970-01-01T00:00:00Z.
public struct PostgresTimestamp: Sendable, Hashable, Comparable {
    /// Microseconds since the Unix epoch, negative before it. `Int64.max` and `Int64.min` are the server's `infinity` and
    /// `-infinity`. The server takes the years 4713 BC to 294276.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static let infinity = PostgresTimestamp(microseconds: .max)
    public static let negativeInfinity = PostgresTimestamp(microseconds: .min)

    public static func < (lhs: PostgresTimestamp, rhs: PostgresTimestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    private static let day: Int64 = 86_400_000_000

    /// Appends `2026-01-31 23:59:59.000001+00`.
    func append(to text: inout [UInt8]) {
        guard microseconds != .max, microseconds != .min else {
            text.append(contentsOf: (microseconds == .max ? "infinity" : "-infinity").utf8)
            return
        }
        let days = microseconds >= 0 ? microseconds / Self.day : -((Self.day - 1 - microseconds) / Self.day)
        let time = microseconds - days * Self.day
        let (year, month, dayOfMonth) = Self.civil(days: days)
        Self.append(year > 0 ? year : 1 - year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &text)
        text.append(UInt8(ascii: " "))
        Self.append(time / 3_600_000_000, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time / 60_000_000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time / 1_000_000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(time % 1_000_000, digits: 6, to: &text)
        text.append(contentsOf: "+00".utf8)
        if year <= 0 { text.append(contentsOf: " BC".utf8) }
    }

    /// Reads the server's ISO format, with or without an offset; nil if it is something else.
    init?(text bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.elementsEqual("infinity".utf8) {
            self = .infinity
            return
        }
        if bytes.elementsEqual("-infinity".utf8) {
            self = .negativeInfinity
            return
        }
        var scanner = DigitScanner(bytes: bytes)
        guard var year = scanner.number(), scanner.skip("-"), let month = scanner.number(), scanner.skip("-"),
            let dayOfMonth = scanner.number(), (1...12).contains(month), (1...31).contains(dayOfMonth)
        else { return nil }
        var time: Int64 = 0
        if scanner.skip(" ") {
            guard let hour = scanner.number(), scanner.skip(":"), let minute = scanner.number(), scanner.skip(":"),
                let second = scanner.number(), hour <= 24, minute < 60, second <= 60
            else { return nil }
            time = ((hour * 60 + minute) * 60 + second) * 1_000_000
            if scanner.skip(".") {
                guard let fraction = scanner.fraction(digits: 6) else { return nil }
                time += fraction
            }
            let sign: Int64 = scanner.skip("+") ? -1 : scanner.skip("-") ? 1 : 0
            if sign != 0 {
                guard let hours = scanner.number() else { return nil }
                var offset = hours * 3600
                if scanner.skip(":") {
                    guard let minutes = scanner.number() else { return nil }
                    offset += minutes * 60
                }
                if scanner.skip(":") {
                    guard let seconds = scanner.number() else { return nil }
                    offset += seconds
                }
                time += sign * offset * 1_000_000
            }
        }
        if scanner.skip(" ") {
            guard scanner.skip("B"), scanner.skip("C") else { return nil }
            year = 1 - year
        }
        guard scanner.isAtEnd, year.magnitude < 300_000 else { return nil }
        self.microseconds = Self.days(year: year, month: month, day: dayOfMonth) * Self.day + time
    }

    private static func append(_ value: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    // The proleptic Gregorian calendar in eras of 400 years beginning on 1 March, so that the leap day comes last.

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Reads decimal numbers and single characters from bytes, front to back.
struct DigitScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// At most nine digits, so that no sum of a few of them overflows; nil without any digit.
    mutating func number() -> Int64? {
        var value: Int64 = 0
        let start = index
        while index < bytes.count, index - start < 9, case let digit = bytes[index] &- 48, digit < 10 {
            value = value * 10 + Int64(digit)
            index += 1
        }
        return index > start ? value : nil
    }

    /// Digits after the point, filled up or cut to `digits`.
    mutating func fraction(digits: Int) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while index < bytes.count, case let digit = bytes[index] &- 48, digit < 10 {
            if count < digits { value = value * 10 + Int64(digit) }
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        while count < digits {
            value *= 10
            count += 1
        }
        return value
    }
}
