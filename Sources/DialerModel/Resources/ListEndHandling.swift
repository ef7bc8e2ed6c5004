/// What happens to a campaign when its list has nobody left to call; the wire value of `dl_end_handle`.
package enum ListEndHandling: Int, Sendable, Hashable, CaseIterable {
    /// The campaign stays started and waits for new contacts.
    case keep = 0
    /// The campaign stops.
    case stop = 1
}
