/// What becomes of one dialed number.
package enum CustomerFate: Sendable, Hashable {
    /// A person answers.
    case person
    /// An answering machine answers; to AMI it looks like a person unless the dialplan runs AMD.
    case machine
    /// Busy, signalled by a control frame where the channel can (Reason 5), else by cause 17.
    case busy
    /// Congestion, signalled by a control frame where the channel can (Reason 8), else by cause 34.
    case congestion
    /// The call ends with this Q.850 cause before an answer, as after `Hangup(cause)` or a SIP error.
    case cause(Int)
    /// Rings until the caller gives up.
    case ringOut
    /// Nothing is heard of the far end, not even ringing, until the caller gives up.
    case silence
    /// There is no such endpoint or extension: the originate fails at once.
    case refused

    /// The name used in scripts and in the floor's log.
    package var name: String {
        switch self {
        case .person: "person"
        case .machine: "machine"
        case .busy: "busy"
        case .congestion: "congestion"
        case .cause(let cause): "cause:\(cause)"
        case .ringOut: "noanswer"
        case .silence: "silence"
        case .refused: "refused"
        }
    }
}
