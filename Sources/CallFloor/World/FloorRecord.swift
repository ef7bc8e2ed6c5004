/// A line of the floor's log: what it witnessed of one call.
package enum FloorRecord: Sendable {
    case originate(ordinal: Int, id: String, number: String, channel: String, at: FloorTime)
    case end(End)

    /// How a call went.
    package struct End: Sendable {
        package var ordinal: Int
        package var id: String
        package var number: String
        /// Why it ended: `agent`, `caller`, `hangup` (AMI), `abandoned`, `queue-timeout`, `application`, `clash`, or the fate's name.
        package var outcome: String
        package var cause: Int
        package var originated: FloorTime
        package var answered: FloorTime?
        package var connected: FloorTime?
        package var ended: FloorTime
        package var queue: String?
        package var agent: String?
        package var isMachine: Bool
        /// Answered by a person for a queue, and no agent within the grace time.
        package var abandoned: Bool
    }
}
