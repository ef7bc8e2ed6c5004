/// Whom a list brings first; the wire value of its `dial_order`. Whatever it is, nobody is called before the plan's retry delay is over.
package enum ContactOrder: String, Sendable, Hashable, CaseIterable {
    /// Fewest tries in all, then the longest wait, then the order of creation: everyone once, then everyone a second time. jade's order.
    case leastTried = "least_tried"
    /// From the top, as the file has them: who is due for another call, the longest wait first, before those nobody has called yet.
    case upload
    /// As ``leastTried``, but among as many tries those without a call come first, the last created before all others.
    case newest
    /// The highest priority first; contacts of one priority as ``leastTried``.
    case priority
    /// As ``leastTried``, with an order drawn by the list's seed in the place of the order of creation.
    case random
}
