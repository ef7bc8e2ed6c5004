/// What one event on the floor teaches those who forecast and those who count.
package struct FloorLesson: Sendable, Hashable {
    /// A call was placed.
    package var isPlaced = false
    /// How the ringing of a call ended.
    package var outcome: CallOutcome?
    /// How long it had been under way then, in seconds from its placing; nil when that was not told.
    package var age: Double?
    /// The chance of meeting no agent that the call was placed with; nil when nobody reckoned it.
    package var risk: Double?
    /// A person answered. Once a call, by whichever event tells of it first.
    package var isLiveAnswer = false
    /// They found no agent in time.
    package var isAbandoned = false
    /// A conversation of this many seconds ended.
    package var talk: Double?
    /// After-call work of this many seconds ended, and the agent came back.
    package var wrap: Double?
    /// An agent left after a conversation instead of coming back.
    package var isLeaving = false

    package init() {}
}
