import NIOConcurrencyHelpers

/// The one connection by which an export is helped along. Claims and results take theirs from the same pool: exports have one each, and this
/// one between them.
final class ExportHelper: Sendable {
    private let isTaken = NIOLockedValueBox(false)

    /// - Returns: Whether it is the caller's now, who has to give it back.
    func take() -> Bool {
        self.isTaken.withLockedValue { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }

    func giveBack() {
        self.isTaken.withLockedValue { $0 = false }
    }
}
