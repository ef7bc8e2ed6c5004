import DialerModel
import Foundation
import ListImport
import Testing

@Suite struct NumberRulesTests {
    private func number(_ text: String, _ region: String?, _ format: NumberFormat = .e164) -> String {
        do throws(NumberRules.Refusal) {
            return String(
                decoding: try NumberRules(format: format, region: region).number(for: text.utf8), as: UTF8.self)
        } catch {
            return error.reason
        }
    }

    @Test(
        arguments: [
            ("030 901820", "DE", "+4930901820"), ("+49 (0)30 901820", "DE", "+4930901820"),
            ("0049-30-901820", "DE", "+4930901820"),
            ("030/90 18-20", "DE", "+4930901820"), ("(0171) 1234567", "DE", "+491711234567"),
            ("+1 202-456-1111", "DE", "+12024561111"),
            ("(202) 456-1111", "US", "+12024561111"), ("1.202.456.1111", "US", "+12024561111"),
            ("tel:+4930901820", "FR", "+4930901820"),
            ("01 44 51 82 00", "FR", "+33144518200"), ("+4930901820", nil, "+4930901820"),
            ("０３０９０１８２０", "DE", "+4930901820"),
            ("  030901820\u{09}", "DE", "+4930901820"),
        ] as [(String, String?, String)])
    func numbersWrittenManyWaysBecomeOne(text: String, region: String?, expected: String) {
        #expect(self.number(text, region) == expected)
    }

    @Test(
        arguments: [
            ("110", "DE", "emergency"), ("112", "DE", "emergency"), ("911", "US", "emergency"),
            ("0900 1234567", "DE", "premium"),
            ("900-555-1234", "US", "premium"), ("202-456", "US", "too short"),
            ("0301234567890123456", "DE", "too long"),
            ("030901820", nil, "no country code"), ("call me", "DE", "no telephone number"),
            ("+999 123456", "DE", "country code"),
            ("2024561111111", "US", "too long"), (String(repeating: "1", count: 400), "DE", "too long"),
            ("", "DE", "telephone number"),
        ] as [(String, String?, String)])
    func whatMayNotBeDialedIsRefusedWithTheReason(text: String, region: String?, reason: String) {
        #expect(self.number(text, region).contains(reason), "\(self.number(text, region))")
    }

    @Test func rawNumbersAreDialedAsGiven() {
        #expect(self.number("300", nil, .raw) == "300")
        #expect(self.number("110", "DE", .raw) == "110")
        #expect(self.number("0171&SIP", nil, .raw).contains("is no number"))
        #expect(self.number(String(repeating: "1", count: 65), nil, .raw).contains("at most 64"))
    }

    @Test func aRegionTurnsTheCleaningOn() {
        var dlma = DialListMaster(uuid: UUID())
        #expect(NumberRules(dlma).format == .raw)
        dlma.defaultRegion = "DE"
        #expect(NumberRules(dlma).format == .e164)
        dlma.numberFormat = "raw"
        #expect(NumberRules(dlma).format == .raw)
        dlma.defaultRegion = "XQ"
        #expect(throws: ValidationError.self) { try NumberRules.check(dlma) }
    }

    @Test func aContactKeepsWhatWasWritten() throws {
        let rules = NumberRules(format: .e164, region: "DE")
        var entry = DialListEntry(uuid: UUID(), dlma: UUID())
        entry.numbers[1] = "030-901820"
        entry.numbers[3] = "+491711234567"
        try rules.clean(&entry)
        #expect(entry.numbers[1] == "+4930901820")
        #expect(entry.originalNumbers == ["1": "030-901820"])
        // A number of before that would be refused today may stay.
        var changed = entry
        changed.numbers[2] = "112"
        #expect(throws: ValidationError.self) { try rules.clean(&changed, before: entry) }
        try rules.clean(&changed, before: changed)
        changed.numbers[1] = nil
        try rules.clean(&changed, before: changed)
        #expect(changed.originalNumbers == .null)
    }
}
