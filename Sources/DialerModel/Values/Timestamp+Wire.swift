extension Timestamp {
    /// Reads an ISO 8601 instant: `2018-03-08T01:42:40.6Z`. A space may stand for the `T`, the fraction may have any length (beyond
    /// microseconds it is cut off), the zone may be `Z`, `+hh`, `+hh:mm` or missing (UTC).
    ///
    /// - Returns: `nil` for anything else, days and hours that do not exist included.
    package init?(wire: String) {
        var wire = wire
        let parsed = wire.withUTF8 { Self.parse($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`; the fraction always has nine digits, so that text order is time order.
    package var wire: String {
        String(unsafeUninitializedCapacity: 48) { buffer in
            var length = 0
            self.forEachWireByte {
                buffer[length] = $0
                length += 1
            }
            return length
        }
    }

    /// The day in UTC and the microseconds since its midnight.
    package var dayAndMicroseconds: (day: CivilDate, microseconds: Int64) {
        let perDay: Int64 = 86_400_000_000
        var days = self.microseconds / perDay
        var rest = self.microseconds % perDay
        if rest < 0 {
            days -= 1
            rest += perDay
        }
        return (CivilDate(daysSinceEpoch: Int(days)), rest)
    }

    /// Hands over the bytes of ``wire`` without making a string; at most 48 of them.
    func forEachWireByte(_ body: (UInt8) -> Void) {
        let (day, rest) = self.dayAndMicroseconds
        let seconds = Int(rest / 1_000_000)
        func digits(_ value: Int, _ count: Int) {
            var divisor = 1
            for _ in 1..<count { divisor *= 10 }
            while divisor > 0 {
                body(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
        }
        if day.year < 0 { body(UInt8(ascii: "-")) }
        let year = abs(day.year)
        digits(year, year > 9999 ? 6 : 4)
        body(UInt8(ascii: "-"))
        digits(day.month, 2)
        body(UInt8(ascii: "-"))
        digits(day.day, 2)
        body(UInt8(ascii: "T"))
        digits(seconds / 3600, 2)
        body(UInt8(ascii: ":"))
        digits(seconds / 60 % 60, 2)
        body(UInt8(ascii: ":"))
        digits(seconds % 60, 2)
        body(UInt8(ascii: "."))
        digits(Int(rest % 1_000_000) * 1000, 9)
        body(UInt8(ascii: "Z"))
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        var position = 0
        func number(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var value = 0
            for _ in 0..<count {
                let digit = Int(bytes[position]) - 48
                guard (0...9).contains(digit) else { return nil }
                value = value * 10 + digit
                position += 1
            }
            return value
        }
        func skip(_ accepted: StaticString) -> Bool {
            guard position < bytes.count else { return false }
            let found = accepted.withUTF8Buffer { $0.contains(bytes[position]) }
            if found { position += 1 }
            return found
        }

        guard
            let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
        else { return nil }

        var fraction: Int64 = 0
        if skip(".,") {
            var scale: Int64 = 100_000
            let start = position
            while let digit = number(1) {
                fraction += Int64(digit) * scale
                scale /= 10
            }
            guard position > start else { return nil }
        }

        var offset = 0
        if !skip("Zz"), position < bytes.count {
            let isWest = bytes[position] == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), hours < 24 else { return nil }
            var minutes = 0
            if position < bytes.count {
                _ = skip(":")
                guard let value = number(2), value < 60 else { return nil }
                minutes = value
            }
            offset = (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }
        guard position == bytes.count else { return nil }

        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        return Timestamp(microseconds: seconds * 1_000_000 + fraction)
    }
}
