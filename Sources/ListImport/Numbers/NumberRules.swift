import CPhoneNumber
import DialerModel

/// What becomes of the numbers of one list.
package struct NumberRules: Sendable, Hashable {
    /// Why a number is refused, in words that follow the field's name.
    package struct Refusal: Error, Sendable, Hashable {
        package var reason: String
    }

    package let format: NumberFormat
    /// ISO 3166-1 alpha-2, upper case; nil when only international numbers can be read.
    package let region: String?

    package static let maximumLength = 64

    package init(format: NumberFormat, region: String?) {
        self.format = format
        self.region = region
    }

    /// The rules of a list.
    package init(_ dlma: DialListMaster) {
        self.init(
            format: dlma.numberFormat.flatMap(NumberFormat.init(rawValue:))
                ?? (dlma.defaultRegion == nil ? .raw : .e164),
            region: dlma.defaultRegion
        )
    }

    /// Whether numbers of this region can be read.
    package static func isKnown(region: String) -> Bool {
        region.utf8.count == 2 && outpace_number_knows_region(region) == 1
    }

    /// The number to dial for what somebody wrote; surrounding spaces do not count.
    package func number(for text: some Collection<UInt8>) throws(Refusal) -> [UInt8] {
        let given = Self.trimmed(Array(text))
        if Self.isScientific(given) {
            throw Refusal(
                reason: "\(Self.shown(given)) is what a spreadsheet made of a number; format the column as text"
            )
        }
        switch self.format {
        case .raw: return try Self.raw(given)
        case .e164: return try self.international(given)
        }
    }

    private static func raw(_ given: [UInt8]) throws(Refusal) -> [UInt8] {
        guard given.count <= Self.maximumLength else {
            throw Refusal(reason: "expected at most \(Self.maximumLength) characters, got \(given.count)")
        }
        guard given.allSatisfy(Self.isDialable) else {
            throw Refusal(
                reason:
                    "\(Self.shown(given)) is no number of digits, letters and + * # . : ; = ~ _ @ / - without spaces; "
                    + "give the list a default_region to have numbers cleaned"
            )
        }
        return given
    }

    private func international(_ given: [UInt8]) throws(Refusal) -> [UInt8] {
        // The library takes time with the length of its input, and no number is that long.
        guard given.count <= 4 * Self.maximumLength else { throw Refusal(reason: "\(Self.shown(given)) is too long") }
        var e164 = [CChar](repeating: 0, count: Int(OUTPACE_E164_CAPACITY))
        let verdict = given.withUnsafeBytes { bytes in
            outpace_number_normalize(
                bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, self.region ?? "ZZ", &e164)
        }
        if verdict == Int32(OUTPACE_NUMBER_VALID.rawValue) {
            return e164.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        }
        throw Refusal(reason: "\(Self.shown(given)) \(self.explanation(verdict))")
    }

    private func explanation(_ verdict: Int32) -> String {
        let place = self.region.map { " in \($0)" } ?? ""
        switch outpace_number_verdict(UInt32(bitPattern: verdict)) {
        case OUTPACE_NUMBER_TOO_SHORT: return "is too short for a number\(place)"
        case OUTPACE_NUMBER_TOO_LONG: return "is too long for a number\(place)"
        case OUTPACE_NUMBER_UNKNOWN_COUNTRY:
            return self.region == nil
                ? "has no country code; write it with + or give the list a default_region"
                : "has a country code that does not exist"
        case OUTPACE_NUMBER_PREMIUM: return "is a premium rate number"
        case OUTPACE_NUMBER_SHARED_COST: return "is a shared cost number"
        case OUTPACE_NUMBER_EMERGENCY: return "is an emergency number\(place)"
        case OUTPACE_NUMBER_INVALID: return "is in no range of numbers\(place)"
        default: return "is no telephone number"
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(bytes[first...last])
    }

    /// `4.91E+12`, `4,91E+12`.
    private static func isScientific(_ bytes: [UInt8]) -> Bool {
        guard let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }) else {
            return false
        }
        let (mantissa, exponent) = (bytes[..<mark], bytes[(mark + 1)...])
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        return mantissa.first.map(isDigit) == true && exponent.first == UInt8(ascii: "+")
            && !exponent.dropFirst().isEmpty && exponent.dropFirst().allSatisfy(isDigit)
            && mantissa.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }
    }

    private static func isDialable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: "+*#.:;=~@/-".utf8.contains(byte)
        }
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(40), as: UTF8.self)
        return "\"\(text)\(bytes.count > 40 ? "…" : "")\""
    }
}
