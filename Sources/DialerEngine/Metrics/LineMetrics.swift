import CoreMetrics
import Metrics
import Pacing

/// What is counted of each Asterisk and trunk. Labels are names of the configuration; a trunk that only plans name has no series of its own.
final class LineMetrics: Sendable {
    private let up: [String: Gauge]
    private let calls: [String: Gauge]
    private let trunkCalls: [String: Gauge]
    private let heldBack: [String: Gauge]
    private let events: [String: Gauge]
    private let pauses: [String: Gauge]
    private let congestions: [String: Counter]
    private let trunkCongestions: [String: Counter]
    private let drains: [String: Counter]

    init(pbxs: [String], trunks: [String]) {
        func gauges(_ label: String, _ key: String, _ names: [String]) -> [String: Gauge] {
            let gauges = names.map { ($0, Gauge(label: label, dimensions: [(key, $0)])) }
            for (_, gauge) in gauges { gauge.record(0) }
            return Dictionary(gauges, uniquingKeysWith: { first, _ in first })
        }
        func counters(_ label: String, _ key: String, _ names: [String]) -> [String: Counter] {
            Dictionary(
                names.map { ($0, Counter(label: label, dimensions: [(key, $0)])) },
                uniquingKeysWith: { first, _ in first })
        }
        self.up = gauges("outpace_asterisk_up", "asterisk", pbxs)
        self.calls = gauges("outpace_asterisk_calls", "asterisk", pbxs)
        self.trunkCalls = gauges("outpace_trunk_calls", "trunk", trunks)
        self.heldBack = gauges("outpace_asterisk_lines_held_back", "asterisk", pbxs)
        self.events = gauges("outpace_asterisk_events_waiting", "asterisk", pbxs)
        self.pauses = gauges("outpace_asterisk_reading_pauses", "asterisk", pbxs)
        self.congestions = counters("outpace_asterisk_congestions_total", "asterisk", pbxs)
        self.trunkCongestions = counters("outpace_trunk_congestions_total", "trunk", trunks)
        self.drains = counters("outpace_asterisk_drains_total", "asterisk", pbxs)
    }

    func setUp(_ isUp: Bool, pbx: String) { self.up[pbx]?.record(isUp ? 1 : 0) }

    func events(waiting: Int, pauses: Int, pbx: String) {
        self.events[pbx]?.record(waiting)
        self.pauses[pbx]?.record(pauses)
    }

    func calls(_ calls: (pbx: Int, trunk: Int?), of seat: CallSeat) {
        self.calls[seat.pbx]?.record(calls.pbx)
        if let trunk = seat.trunk, let count = calls.trunk { self.trunkCalls[trunk]?.record(count) }
    }

    func congested(_ seat: CallSeat) {
        self.congestions[seat.pbx]?.increment()
        if let trunk = seat.trunk { self.trunkCongestions[trunk]?.increment() }
    }

    /// - Parameter heldBack: how many lines of the PBX get no calls now, or only a trial.
    func changed(_ changes: [LineChange], heldBack: Int, pbx: String) {
        self.heldBack[pbx]?.record(heldBack)
        for change in changes {
            switch change.change {
            case .drained: self.drains[pbx]?.increment()
            case .restored: break
            }
        }
    }
}
