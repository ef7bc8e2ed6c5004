/// Why an answered call is sent elsewhere than its campaign's destination.
package enum Detour: String, Sendable, Hashable, CaseIterable {
    /// It was abandoned and still waits: to the plan's `abandon_dest`.
    case abandoned
    /// A machine answered: to the plan's `machine_dest`.
    case machine
}
