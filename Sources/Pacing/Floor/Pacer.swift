/// A rule how many calls to place now, fed with all that happens on the floor.
///
/// Time is in seconds from any start at or after 0, and only the caller knows a clock; one that goes back counts as the latest time seen.
/// The same events at the same times give the same answers.
package protocol Pacer: Sendable {
    /// The floor as the events have told it.
    var floor: PacingFloor { get }

    /// Something happened.
    mutating func observe(_ event: PacingEvent, at time: Double)

    /// How many calls to place now, from 0 to `limit`, which is what the lines allow. Each is expected to be told of as
    /// ``PacingEvent/dialed(_:)``; those that are not within a second count as not placed.
    mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int
}
