/// How the ringing of a call ended.
package enum CallOutcome: String, Sendable, Hashable, CaseIterable {
    /// A person answered.
    case human
    /// An answering machine, recognised as one.
    case machine
    case busy
    /// The network or the number refused the call.
    case failed
    /// It rang until it was given up.
    case noanswer
}
