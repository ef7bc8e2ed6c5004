/// All policies of a scenario over all its shifts.
package struct Comparison: Sendable, Hashable {
    package var scenario: Scenario
    /// In the scenario's order.
    package var results: [PolicyResult]

    /// Simulates every policy in every shift, as many at once as there are processors.
    package init(of scenario: Scenario) async {
        self.scenario = scenario
        let shifts = scenario.shifts
        var results = [ShiftResult?](repeating: nil, count: scenario.policies.count * shifts)
        await withTaskGroup(of: (Int, ShiftResult).self) { group in
            for index in results.indices {
                let policy = scenario.policies[index / shifts]
                let seed = scenario.seed &+ UInt64(index % shifts)
                group.addTask { (index, Self.run(scenario, policy, seed: seed)) }
            }
            for await (index, result) in group { results[index] = result }
        }
        self.results = scenario.policies.enumerated().map { index, policy in
            PolicyResult(policy: policy, shifts: results[(index * shifts)..<((index + 1) * shifts)].compactMap { $0 })
        }
    }

    private static func run(_ scenario: Scenario, _ policy: Policy, seed: UInt64) -> ShiftResult {
        var pacer = policy.pacer(grace: scenario.grace)
        var shift = Shift(scenario, seed: seed)
        return shift.run(with: &pacer)
    }
}
