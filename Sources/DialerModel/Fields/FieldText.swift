/// The forms texts must have: each check gives what is expected when the text is wrong, nil when it is right.
enum FieldText {
    /// A channel technology; a slash may follow, as in asterisk-outbound.
    static func techName(_ text: String) -> String? {
        let name = text.hasSuffix("/") ? text.dropLast() : text[...]
        return !name.isEmpty && name.utf8.allSatisfy(Self.isWord)
            ? nil : "a channel technology of letters, digits and underscores, like PJSIP"
    }

    static func trunkName(_ text: String) -> String? {
        text.utf8.allSatisfy { Self.isWord($0) || Self.contains(".:+@-", $0) }
            ? nil : "a trunk's name of letters, digits and _ . : + @ -"
    }

    /// What may stand between `tech/` and the end of a channel name. No spaces: they would go into the request as they are.
    static func number(_ text: String) -> String? {
        text.utf8.allSatisfy { Self.isWord($0) || Self.contains("+*#.:;=~@/-", $0) }
            ? nil : "a number of digits, letters and + * # . : ; = ~ _ @ / - without spaces"
    }

    static func codecs(_ text: String) -> String? {
        let isRight = text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
            let name = part.drop { $0 == " " || $0 == "!" }
            let trimmed = name.reversed().drop { $0 == " " }
            return !trimmed.isEmpty
                && trimmed.allSatisfy { character in
                    character.utf8.allSatisfy { Self.isWord($0) || Self.contains(".:-", $0) }
                }
        }
        return isRight || text.isEmpty ? nil : "codec names separated by commas, like alaw,ulaw"
    }

    static func boolean(_ text: String) -> String? {
        let words = ["", "1", "0", "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f"]
        return words.contains(text.lowercased()) ? nil : "true or false as text"
    }

    static func application(_ text: String) -> String? {
        text.utf8.allSatisfy(Self.isWord)
            ? nil : "an application's name of letters, digits and underscores, like queue"
    }

    static func dialplanName(_ text: String) -> String? {
        text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ? nil : "a dialplan name without spaces"
    }

    static func queueName(_ text: String) -> String? {
        text.utf8.contains(UInt8(ascii: ",")) ? "a queue's name without a comma" : nil
    }

    static func priority(_ text: String) -> String? {
        text.utf8.allSatisfy { Self.isWord($0) || $0 == UInt8(ascii: "-") }
            ? nil : "a dialplan priority: a number or a label"
    }

    /// A country's code; whether the country exists is for whoever knows the numbers.
    static func region(_ text: String) -> String? {
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            ? nil : "a country's code of two capital letters, like DE"
    }

    static func numberFormat(_ text: String) -> String? {
        text == "raw" || text == "e164" ? nil : "raw or e164"
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func contains(_ marks: StaticString, _ byte: UInt8) -> Bool {
        marks.withUTF8Buffer { $0.contains(byte) }
    }
}
