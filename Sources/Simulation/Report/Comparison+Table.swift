extension Comparison {
    /// The results as a table for people: a line a policy, shares in per cent.
    package var table: String {
        var rows = [
            ["policy", "busy %", "±", "abandoned %", "worst shift %", "calls/agent/h", "talks/agent/h", "wait s"]
        ]
        for result in self.results {
            let hours = result.mean(\.loggedIn) / 3600
            func hourly(_ count: Double) -> String { Self.text(hours > 0 ? count / hours : 0, 1) }
            rows.append([
                result.policy.name,
                Self.text(result.mean(\.utilisation) * 100, 1),
                Self.text(result.utilisationError * 100, 1),
                Self.text(result.mean(\.abandonment) * 100, 2),
                Self.text(result.highest(\.abandonment) * 100, 2),
                hourly(result.mean { Double($0.placed) }),
                hourly(result.mean { Double($0.connected) }),
                Self.text(result.mean(\.meanWait), 2),
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }
        let shifts = self.scenario.shifts == 1 ? "1 shift" : "\(self.scenario.shifts) shifts"
        let hours = Self.text(self.scenario.length / 3600, 1)
        return "\(self.scenario.name): \(self.scenario.agents) agents, \(shifts) of \(hours) h\n"
            + lines.joined(separator: "\n") + "\n"
    }

    /// A number with so many digits behind the point.
    static func text(_ value: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
