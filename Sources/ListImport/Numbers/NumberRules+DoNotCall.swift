extension NumberRules {
    /// The form in which a number stands on the do-not-call list: the one in which it is dialed, for that is what it is compared
    /// with, character for character.
    ///
    /// With a region, or with a country code behind a plus, that is the international form, which lists with `number_format` e164
    /// bring their numbers into. What is no such number stays as it is written, for lists that dial their numbers as given.
    ///
    /// - Parameter region: A known region, whose national numbers are read; nil: none.
    package static func doNotCallNumber(_ text: String, region: String?) throws(Refusal) -> String {
        let international = NumberRules(format: .e164, region: region)
        if region != nil {
            return try self.text(international, text)
        }
        if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "+"), let number = try? self.text(international, text)
        {
            return number
        }
        do throws(Refusal) {
            return try self.text(NumberRules(format: .raw, region: nil), text)
        } catch {
            let hint = "give the list a default_region to have numbers cleaned"
            throw Refusal(reason: error.reason.replacing(hint, with: "give a region to have it cleaned"))
        }
    }

    private static func text(_ rules: NumberRules, _ text: String) throws(Refusal) -> String {
        let number = try rules.number(for: text.utf8)
        guard !number.isEmpty else { throw Refusal(reason: "a number is required") }
        return String(decoding: number, as: UTF8.self)
    }
}
