/// How a list's numbers are taken.
package enum NumberFormat: String, Sendable, Hashable, CaseIterable {
    /// As given: jade's "300" is dialed as "300".
    case raw
    /// Brought into international form; what is no valid number is refused.
    case e164
}
