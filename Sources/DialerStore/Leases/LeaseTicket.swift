/// Under which lease something is claimed, and by whom.
package struct LeaseTicket: Sendable, Hashable {
    package var fence: Int64
    /// The engine's name.
    package var engine: String

    package init(fence: Int64, engine: String) {
        self.fence = fence
        self.engine = engine
    }
}
