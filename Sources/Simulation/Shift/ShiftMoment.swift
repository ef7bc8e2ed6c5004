/// Something that is due in a simulated shift.
struct ShiftMoment: Comparable, Sendable {
    enum Kind: Sendable {
        /// The ringing of a call ends.
        case ringingEnds(call: Int)
        /// A caller's grace time is over.
        case graceEnds(call: Int)
        case talkEnds(agent: Int)
        case wrapupEnds(agent: Int)
        case breakEnds(agent: Int)
        case staffChanges(Int)
        case look
        case sample
    }

    var time: Double
    /// Among those due at the same time, the one that was planned first comes first.
    var order: Int
    var kind: Kind

    static func < (lhs: ShiftMoment, rhs: ShiftMoment) -> Bool {
        lhs.time == rhs.time ? lhs.order < rhs.order : lhs.time < rhs.time
    }

    static func == (lhs: ShiftMoment, rhs: ShiftMoment) -> Bool { lhs.time == rhs.time && lhs.order == rhs.order }
}
