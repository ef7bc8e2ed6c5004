import DialerModel
import Pacing

import struct Foundation.UUID

/// What happened to a call, as far as a queue's pacing is concerned.
enum CallProgress: Sendable, Hashable {
    /// It is claimed and about to be sent.
    case placed
    /// A person answered, or somebody who needs an agent as a person does.
    case answered
    /// A machine answered, and no agent shall have it.
    case machine
    /// It ended without an answer.
    case unanswered(CallOutcome)
    /// An agent has it; by the agent's interface.
    case withAgent(String)
    /// Nobody had it in time.
    case abandoned
    /// An answered call is over, or went where it needs no agent.
    case over
}

extension CallOutcome {
    /// How a call without an answer ended, by jade's `res_dial` (AMI `OriginateResponse` reasons).
    init(unanswered dialResult: Int) {
        switch dialResult {
        case 5: self = .busy
        case 3: self = .noanswer
        default: self = .failed
        }
    }
}

extension UUID {
    /// The number under which pacing knows a dialing: half of its bits, and half of 122 random ones do not meet.
    var pacingNumber: Int {
        withUnsafeBytes(of: self.uuid) { Int(truncatingIfNeeded: $0.loadUnaligned(as: UInt64.self)) }
    }
}
