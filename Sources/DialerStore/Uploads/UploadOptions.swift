import struct Foundation.UUID

/// What is to become of a file of contacts.
package struct UploadOptions: Sendable, Hashable {
    /// The list.
    package var dlma: UUID
    /// The file's name, for people.
    package var name: String?
    /// Checks and counts, and loads nothing.
    package var isDryRun = false
    /// Loads nothing when any row is refused.
    package var isAllOrNothing = false
    /// What is a duplicate and what becomes of it; nil looks for none.
    package var duplicates: DuplicateRule?
    /// The size of the body, where it is known.
    package var totalBytes: Int?

    package init(dlma: UUID) {
        self.dlma = dlma
    }
}
