import CoreMetrics
import NIOConcurrencyHelpers

/// The values of one series, whatever its kind; every swift-metrics handler writes to one of these.
final class MetricSeries: Sendable {
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    private struct State {
        var value = 0.0
        /// How many observations fell into each bucket, the one above the last bound included.
        var buckets: [UInt64]
        var count: UInt64 = 0
    }

    let key: MetricSeriesKey
    let kind: Kind
    /// The upper bounds of a histogram's buckets.
    private let bounds: [Double]
    private let state: NIOLockedValueBox<State>

    init(key: MetricSeriesKey, kind: Kind, bounds: [Double] = []) {
        self.key = key
        self.kind = kind
        self.bounds = bounds
        self.state = NIOLockedValueBox(State(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func add(_ amount: Double) {
        self.state.withLockedValue { $0.value += amount }
    }

    func set(_ value: Double) {
        self.state.withLockedValue { $0.value = value }
    }

    func observe(_ value: Double) {
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLockedValue { state in
            state.buckets[bucket] += 1
            state.count += 1
            state.value += value
        }
    }

    func reset() {
        self.state.withLockedValue { $0 = State(buckets: Array(repeating: 0, count: self.bounds.count + 1)) }
    }

    /// The lines of this series in the text format.
    func lines() -> [String] {
        let state = self.state.withLockedValue { $0 }
        guard self.kind == .histogram else {
            return ["\(self.key.rendered()) \(Self.number(state.value))"]
        }
        var lines: [String] = []
        var below: UInt64 = 0
        for (bound, count) in zip(self.bounds, state.buckets) {
            below += count
            lines.append(self.key.rendered(suffix: "_bucket", extra: "le=\"\(Self.number(bound))\"") + " \(below)")
        }
        lines.append(self.key.rendered(suffix: "_bucket", extra: "le=\"+Inf\"") + " \(state.count)")
        lines.append(self.key.rendered(suffix: "_sum") + " \(Self.number(state.value))")
        lines.append(self.key.rendered(suffix: "_count") + " \(state.count)")
        return lines
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return "\(value)"
    }
}

extension MetricSeries: CounterHandler {
    func increment(by amount: Int64) { self.add(Double(amount)) }
}

extension MetricSeries: FloatingPointCounterHandler {
    func increment(by amount: Double) { self.add(amount) }
}

extension MetricSeries: MeterHandler {
    func set(_ value: Int64) { self.set(Double(value)) }
    func decrement(by amount: Double) { self.add(-amount) }
}

extension MetricSeries: RecorderHandler {
    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) {
        if self.kind == .gauge { self.set(value) } else { self.observe(value) }
    }
}

extension MetricSeries: TimerHandler {
    func recordNanoseconds(_ duration: Int64) { self.observe(Double(duration) / 1e9) }
}
