import NIOCore

extension ByteBuffer {
    /// Writes a header line; `name` ends in `": "`.
    mutating func header(_ name: StaticString, _ value: String) {
        self.writeStaticString(name)
        self.writeString(value)
        self.writeStaticString("\r\n")
    }

    mutating func header(_ name: StaticString, _ value: StaticString) {
        self.writeStaticString(name)
        self.writeStaticString(value)
        self.writeStaticString("\r\n")
    }

    mutating func header(_ name: StaticString, _ value: Int) {
        self.writeStaticString(name)
        self.writeDecimal(value)
        self.writeStaticString("\r\n")
    }

    /// Writes a header whose value has one decimal place.
    mutating func header(_ name: StaticString, tenths value: Double) {
        let tenths = Int((value * 10).rounded())
        self.writeStaticString(name)
        self.writeDecimal(tenths / 10)
        self.writeStaticString(".")
        self.writeDecimal(abs(tenths % 10))
        self.writeStaticString("\r\n")
    }

    /// Writes a number in decimal without making a `String` of it.
    mutating func writeDecimal(_ value: Int) {
        if (0...9).contains(value) {
            self.writeInteger(UInt8(ascii: "0") + UInt8(value))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            self.writeBytes(digits[start...])
        }
    }

    /// Writes a number in decimal with leading zeros.
    mutating func writeDecimal(_ value: Int, width: Int) {
        var limit = 1
        for _ in 1..<width { limit *= 10 }
        while limit > 1, value < limit {
            self.writeStaticString("0")
            limit /= 10
        }
        self.writeDecimal(value)
    }
}
