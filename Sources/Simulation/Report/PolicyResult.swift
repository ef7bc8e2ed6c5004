/// What one policy came to over all shifts of a scenario.
package struct PolicyResult: Sendable, Hashable {
    package var policy: Policy
    /// In the order of the seeds.
    package var shifts: [ShiftResult]

    package init(policy: Policy, shifts: [ShiftResult]) {
        self.policy = policy
        self.shifts = shifts
    }

    /// The mean over the shifts of any figure; 0 without shifts.
    package func mean(_ figure: (ShiftResult) -> Double) -> Double {
        self.shifts.isEmpty ? 0 : self.shifts.reduce(0) { $0 + figure($1) } / Double(self.shifts.count)
    }

    /// The highest of any figure over the shifts; 0 without shifts.
    package func highest(_ figure: (ShiftResult) -> Double) -> Double { self.shifts.map(figure).max() ?? 0 }

    /// The lowest of any figure over the shifts; 0 without shifts.
    package func lowest(_ figure: (ShiftResult) -> Double) -> Double { self.shifts.map(figure).min() ?? 0 }

    /// The standard error of the mean utilisation: by how much another set of seeds may differ.
    package var utilisationError: Double {
        guard self.shifts.count > 1 else { return 0 }
        let mean = self.mean(\.utilisation)
        let squares = self.mean { ($0.utilisation - mean) * ($0.utilisation - mean) }
        return (squares / Double(self.shifts.count - 1)).squareRoot()
    }

    /// The course of the shift, all shifts taken together.
    package var timeline: [ShiftResult.Sample] {
        let length = self.shifts.map(\.samples.count).min() ?? 0
        return (0..<length).map { index in
            var sum = ShiftResult.Sample(at: self.shifts[0].samples[index].at)
            for shift in self.shifts {
                sum.busy += shift.samples[index].busy
                sum.loggedIn += shift.samples[index].loggedIn
                sum.answered += shift.samples[index].answered
                sum.abandoned += shift.samples[index].abandoned
            }
            return sum
        }
    }
}
