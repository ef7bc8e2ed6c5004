/// What becomes of a call that an answering machine took; the wire value of a plan's `machine_handle`.
package enum MachineHandling: String, Sendable, Hashable, CaseIterable {
    /// It goes on as a person's call does.
    case connect
    /// It is hung up.
    case hangup
    /// It is sent to the plan's `machine_dest`.
    case divert
}
