/// A place between two items of a list. Clients carry it and do not look inside.
package struct PageCursor: Sendable, Hashable {
    /// The number of the last item before this place.
    let sequence: Int64

    init(sequence: Int64) {
        self.sequence = sequence
    }

    /// - Returns: nil when `text` was not made by ``text``.
    package init?(text: String) {
        guard text.utf8.count <= 16, text.first == "c", let sequence = Int64(text.dropFirst(), radix: 36), sequence >= 0
        else { return nil }
        self.init(sequence: sequence)
        guard self.text == text else { return nil }
    }

    /// Letters and digits only.
    package var text: String { "c" + String(self.sequence, radix: 36) }
}
