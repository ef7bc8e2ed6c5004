/// How many rows of a file became what.
package struct UploadCounts: Sendable, Hashable {
    package var bytesRead = 0
    /// Rows read, the header line not counted.
    package var read = 0
    package var rejected = 0
    /// Rows passed over because the contact is there already.
    package var duplicate = 0
    /// Rows that are good as far as the file itself tells.
    package var staged = 0
    /// Of those, how many have been moved while the load is in progress.
    package var moved = 0
    /// New contacts.
    package var loaded = 0
    /// Contacts that were there and were changed.
    package var updated = 0

    package init() {}
}
