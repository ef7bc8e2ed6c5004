import DialerModel
import OrderedCollections

extension NumberRules {
    /// Whether a list's region is one whose numbers can be read.
    package static func check(_ dlma: DialListMaster) throws(ValidationError) {
        guard let region = dlma.defaultRegion, !self.isKnown(region: region) else { return }
        throw ValidationError(
            field: "default_region",
            message:
                "default_region: no numbers are known of \(JSONValue.string(region).excerpt); give a country's code of "
                + "ISO 3166-1 like DE, or null"
        )
    }

    /// Brings the numbers of a contact into the list's form and keeps what was written.
    ///
    /// - Parameter before: The contact as it was on the same list: numbers that did not change stay as they are. nil for a new
    ///   one, or one that comes from another list.
    package func clean(_ entry: inout DialListEntry, before: DialListEntry? = nil) throws(ValidationError) {
        // A list that takes numbers as given keeps to the rules of the fields themselves.
        guard self.format == .e164 else { return }
        var originals: OrderedDictionary<String, JSONValue> =
            if case .object(let members) = entry.originalNumbers { members } else { [:] }
        for slot in NumberSlots<Int>.indexes {
            guard let given = entry.numbers[slot] else {
                originals["\(slot)"] = nil
                continue
            }
            if let before, before.numbers[slot] == given { continue }
            let number: String
            do throws(Refusal) {
                number = String(decoding: try self.number(for: given.utf8), as: UTF8.self)
            } catch {
                throw ValidationError(field: "number_\(slot)", message: "number_\(slot): \(error.reason)")
            }
            entry.numbers[slot] = number
            originals["\(slot)"] = number == given ? nil : .string(given)
        }
        originals.sort { $0.key < $1.key }
        entry.originalNumbers = originals.isEmpty ? .null : .object(originals)
    }
}
