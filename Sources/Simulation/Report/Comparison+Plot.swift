extension Comparison {
    /// How busy the agents were and how many calls were abandoned in the course of the shift, a line a policy, as an SVG document.
    package var svg: String {
        let busy = self.results.map { result in
            LinePlot.Series(
                name: result.policy.name,
                points: result.timeline.map { sample in
                    let share = sample.loggedIn > 0 ? sample.busy / sample.loggedIn : 0
                    return LinePlot.Point(x: sample.at / 3600, y: share * 100)
                })
        }
        let abandoned = self.results.map { result in
            LinePlot.Series(
                name: result.policy.name,
                points: result.timeline.map { sample in
                    let share = sample.answered > 0 ? Double(sample.abandoned) / Double(sample.answered) : 0
                    return LinePlot.Point(x: sample.at / 3600, y: share * 100)
                })
        }
        let targets = self.scenario.policies.map(\.target)
        return LinePlot.document([
            LinePlot(
                title: "\(self.scenario.name): agents busy, % of each five minutes", xLabel: "hours", yLabel: "",
                series: busy),
            LinePlot(
                title: "\(self.scenario.name): answered calls abandoned so far, %", xLabel: "hours", yLabel: "",
                series: abandoned, limit: targets.max().map { $0 * 100 }),
        ])
    }
}
