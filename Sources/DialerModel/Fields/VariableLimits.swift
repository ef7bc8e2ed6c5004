/// How many channel variables each resource may give. A manager action holds 128 lines; with these the merged variables of one
/// call always fit beside the other headers.
package enum VariableLimits {
    /// For campaign, plan, destination and list.
    package static let perResource = 15
    /// For a contact, whose own data is usually the longest.
    package static let perContact = 40
    /// The most a merged call can have.
    package static let merged = 4 * Self.perResource + Self.perContact
}
