/// What a PBX tells about one dialing, in the words of the field rather than of a protocol.
///
/// Events come in any order, twice, late, or not at all; ``DialingStateMachine`` makes one result of them.
package enum CallEvent: Sendable, Hashable {
    /// The request to originate was accepted (AMI: `Response: Success`).
    case originateQueued
    /// The request to originate was refused with a message (AMI: `Response: Error`).
    case originateRefused(message: String)
    /// The customer's channel exists.
    case channelCreated(channel: String)
    /// The far end is being dialed.
    case dialBegin
    /// The far end rings.
    case ringing
    /// The dial attempt was decided (AMI: `DialEnd`, `DialStatus`).
    case dialEnd(DialStatus)
    /// The PBX's final word on the request (AMI: `OriginateResponse`).
    case originateResponse(answered: Bool, reason: Int, channel: String?)
    /// The answered call waits in a queue.
    case joinedQueue(queue: String, position: Int)
    /// The caller asked to leave, before any ``leftQueueUnanswered(hold:)`` (AMI: `HangupRequest`, unless its cause is 0).
    case hangupRequested
    /// The caller gave up, or the queue's time-out ended the wait. `hold` is the wait as the PBX counted it.
    case leftQueueUnanswered(hold: Duration)
    /// An agent's phone rings for this call.
    case agentRinging(agent: String)
    /// An agent did not pick up.
    case agentNoAnswer(agent: String)
    /// An agent has the call.
    case agentConnected(agent: String, hold: Duration)
    /// The conversation is over. `talk` is nil when the PBX did not say.
    case agentCompleted(agent: String, talk: Duration?)
    /// The PBX listened for an answering machine (AMI: the channel variable `AMDSTATUS`): `MACHINE`, `HUMAN`, `NOTSURE`, `HANGUP`.
    case machineDetected(status: String)
    /// How it came to that (`AMDCAUSE`), like `MAXWORDLENGTH-5000-5000`.
    case machineDetectionCause(String)
    /// The answered call was put on a parking space.
    case parked(space: String)
    /// The channel is gone. `isPeerHalf` marks the `;2` half of a Local channel, whose cause counts when the first half says 0.
    case hangup(cause: Int, text: String, isPeerHalf: Bool)
    /// The PBX has no such call any more, and nobody saw it end.
    case vanished
}
