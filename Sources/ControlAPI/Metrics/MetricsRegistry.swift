import CoreMetrics
import NIOConcurrencyHelpers

/// A swift-metrics backend that keeps every series in memory and writes them in Prometheus' text format.
///
/// `MetricsSystem.bootstrap(registry)` at start; ``text()`` when asked for `/metrics`.
package final class MetricsRegistry: MetricsFactory {
    /// Seconds: from a database round trip to a whole call's patience.
    private static let durationBounds = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Sizes and counts.
    private static let quantityBounds = [
        1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000, 100_000, 1_000_000,
    ]

    private struct State {
        var series: [MetricSeriesKey: MetricSeries] = [:]
        /// A name has one kind; the format knows no other way.
        var kinds: [String: MetricSeries.Kind] = [:]
    }

    /// A label that takes endless values must not fill the memory.
    private let maximumSeries: Int
    private let state = NIOLockedValueBox(State())

    package init(maximumSeries: Int = 10_000) {
        self.maximumSeries = maximumSeries
    }

    /// Every series, grouped by name, in the text exposition format 0.0.4.
    package func text() -> String {
        let all = self.state.withLockedValue { Array($0.series.values) }
        let families = Dictionary(grouping: all, by: \.key.name).sorted { $0.key < $1.key }
        var text = ""
        for (name, members) in families {
            guard let kind = members.first?.kind else { continue }
            text += "# TYPE \(name) \(kind.rawValue)\n"
            for series in members.sorted(by: { $0.key.labels < $1.key.labels }) {
                for line in series.lines() { text += line + "\n" }
            }
        }
        return text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let key = MetricSeriesKey(label: label, suffix: "_total", dimensions: dimensions)
        return self.series(key, .counter) ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let key = MetricSeriesKey(label: label, suffix: "_total", dimensions: dimensions)
        return self.series(key, .counter) ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(MetricSeriesKey(label: label, dimensions: dimensions), .gauge) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let key = MetricSeriesKey(label: label, dimensions: dimensions)
        let series =
            aggregate ? self.series(key, .histogram, bounds: Self.quantityBounds) : self.series(key, .gauge)
        return series ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let key = MetricSeriesKey(label: label, suffix: "_seconds", dimensions: dimensions)
        return self.series(key, .histogram, bounds: Self.durationBounds) ?? NOOPMetricsHandler.instance
    }

    // A handler that is destroyed keeps its series: a counter that starts again at zero would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The one series of `key`; nil when the name has another kind already or there are too many series.
    private func series(
        _ key: MetricSeriesKey,
        _ kind: MetricSeries.Kind,
        bounds: [Double] = []
    ) -> MetricSeries? {
        self.state.withLockedValue { state in
            guard state.kinds[key.name, default: kind] == kind else { return nil }
            if let existing = state.series[key] { return existing }
            guard state.series.count < self.maximumSeries else { return nil }
            let series = MetricSeries(key: key, kind: kind, bounds: bounds)
            state.kinds[key.name] = kind
            state.series[key] = series
            return series
        }
    }
}
