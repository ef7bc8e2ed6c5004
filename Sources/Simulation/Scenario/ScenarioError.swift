/// What is wrong with a scenario.
package struct ScenarioError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member, as a path: `talk.mean`, `policies[1].ratio`.
    package var member: String
    /// What it must be.
    package var problem: String

    package init(member: String, problem: String) {
        self.member = member
        self.problem = problem
    }

    package var description: String { self.member.isEmpty ? self.problem : "\(self.member) \(self.problem)" }
}
