import DialerModel

extension Comparison {
    /// The results as JSON: each policy with its means, its worst shifts, every shift, and the course of the shift. Shares are 0 to 1.
    package var json: JSONValue {
        [
            "scenario": .string(self.scenario.name),
            "agents": .integer(Int64(self.scenario.agents)),
            "hours": Self.number(self.scenario.length / 3600),
            "policies": .array(self.results.map { self.json($0) }),
        ]
    }

    private func json(_ result: PolicyResult) -> JSONValue {
        [
            "name": .string(result.policy.name),
            "utilisation": [
                "mean": Self.number(result.mean(\.utilisation)), "error": Self.number(result.utilisationError),
                "lowest": Self.number(result.lowest(\.utilisation)),
                "highest": Self.number(result.highest(\.utilisation)),
            ],
            "abandonment": [
                "mean": Self.number(result.mean(\.abandonment)), "highest": Self.number(result.highest(\.abandonment)),
            ],
            "calls_placed": Self.number(result.mean { Double($0.placed) }),
            "answered": Self.number(result.mean { Double($0.answered) }),
            "abandoned": Self.number(result.mean { Double($0.abandoned) }),
            "connected": Self.number(result.mean { Double($0.connected) }),
            "mean_wait": Self.number(result.mean(\.meanWait)),
            "peak_calls": Self.number(result.highest { Double($0.peakCalls) }),
            "shifts": .array(result.shifts.enumerated().map { self.json($1, index: $0) }),
            "timeline": .array(result.timeline.map { self.json($0) }),
        ]
    }

    private func json(_ shift: ShiftResult, index: Int) -> JSONValue {
        [
            "seed": .string(String(self.scenario.seed &+ UInt64(index))),
            "utilisation": Self.number(shift.utilisation),
            "abandonment": Self.number(shift.abandonment),
            "calls_placed": .integer(Int64(shift.placed)),
            "answered": .integer(Int64(shift.answered)),
            "abandoned": .integer(Int64(shift.abandoned)),
            "connected": .integer(Int64(shift.connected)),
            "machines_connected": .integer(Int64(shift.machinesConnected)),
            "mistaken_for_machines": .integer(Int64(shift.mistaken)),
            "mean_wait": Self.number(shift.meanWait),
            "peak_calls": .integer(Int64(shift.peakCalls)),
        ]
    }

    /// Utilisation within the stretch, abandonment from the begin of the shift.
    private func json(_ sample: ShiftResult.Sample) -> JSONValue {
        [
            "at": Self.number(sample.at),
            "utilisation": Self.number(sample.loggedIn > 0 ? sample.busy / sample.loggedIn : 0),
            "abandonment": Self.number(sample.answered > 0 ? Double(sample.abandoned) / Double(sample.answered) : 0),
        ]
    }

    /// Six digits behind the point are more than the seeds can tell.
    private static func number(_ value: Double) -> JSONValue { .number((value * 1e6).rounded() / 1e6) }
}
