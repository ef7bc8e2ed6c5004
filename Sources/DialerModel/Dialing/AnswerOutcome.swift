/// What an answered call counts as, once that is certain.
package enum AnswerOutcome: Sendable, Hashable, CaseIterable {
    /// A person answered and was not abandoned: an agent had the call in time, the person hung up before the time was over, no agent was
    /// to have it, or nobody could see what became of it.
    case kept
    /// A person answered, and no agent had the call within the plan's grace time; so it stays when one has it later.
    case abandoned
    /// An answering machine took the call, as far as the PBX could tell.
    case machine

    /// Whether it counts among the live answers.
    package var isLive: Bool { self != .machine }
}
