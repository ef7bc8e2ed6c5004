/// How a campaign goes about its lists; the wire value of its `list_mode`.
package enum ListMode: String, Sendable, Hashable, CaseIterable {
    /// One after the other: a list is begun when nobody is due on those before it.
    case sequence
    /// All at once, by their weights.
    case mixed
}
