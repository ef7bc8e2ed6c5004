/// What happened on the floor, as far as pacing is concerned. Agents and calls are named by numbers that the sender chooses.
package enum PacingEvent: Sendable, Hashable {
    /// An agent's state, told at the start and at every change.
    case agent(Int, AgentState)
    /// A call was placed.
    case dialed(Int)
    /// How the ringing of a call ended. After `.human` it waits for an agent.
    case outcome(Int, CallOutcome)
    /// An agent has the call.
    case connected(Int, agent: Int)
    /// A person answered and no agent came in time, or they gave up waiting.
    case abandoned(Int)
    /// The conversation is over. The agent's own state follows.
    case talkEnded(Int)
}
