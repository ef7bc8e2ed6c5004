import DialerModel

/// Decides how many calls a campaign wants to place now. What the lines allow is ``LineBudget``'s matter.
package protocol PacingPolicy: Sendable {
    /// The calls to place now, from 0; `Int.max` when nothing but the lines sets a limit.
    func callsToPlace(_ situation: PacingSituation) -> Int
}
