import CoreMetrics
import Testing

@testable import ControlAPI

@Suite("Metrics in Prometheus' text format")
struct MetricsRegistryTests {
    @Test("Counters and gauges are one line each, grouped and typed")
    func countersAndGauges() {
        let registry = MetricsRegistry()
        registry.makeCounter(label: "calls.started", dimensions: [("pbx", "one")]).increment(by: 3)
        registry.makeCounter(label: "calls.started", dimensions: [("pbx", "two")]).increment(by: 4)
        registry.makeCounter(label: "calls.started", dimensions: [("pbx", "one")]).increment(by: 2)
        registry.makeMeter(label: "calls.in_progress", dimensions: []).set(7.5)
        #expect(
            registry.text() == """
                # TYPE calls_in_progress gauge
                calls_in_progress 7.5
                # TYPE calls_started_total counter
                calls_started_total{pbx="one"} 5
                calls_started_total{pbx="two"} 4

                """
        )
    }

    @Test("A timer is a histogram in seconds with cumulative buckets")
    func timers() {
        let registry = MetricsRegistry()
        let timer = registry.makeTimer(label: "work", dimensions: [])
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(700_000_000)
        timer.recordNanoseconds(100_000_000_000)
        let lines = registry.text().split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE work_seconds histogram")
        #expect(lines.contains("work_seconds_bucket{le=\"0.0025\"} 0"))
        #expect(lines.contains("work_seconds_bucket{le=\"0.005\"} 1"))
        #expect(lines.contains("work_seconds_bucket{le=\"1\"} 2"))
        #expect(lines.contains("work_seconds_bucket{le=\"60\"} 2"))
        #expect(lines.contains("work_seconds_bucket{le=\"+Inf\"} 3"))
        #expect(lines.contains("work_seconds_count 3"))
        #expect(lines.contains("work_seconds_sum 100.703"))
    }

    @Test("Label values are escaped and names made valid")
    func escaping() {
        let registry = MetricsRegistry()
        registry.makeMeter(label: "9 lives-left", dimensions: [("a.b", "x\"y\\z\nw")]).set(Int64(1))
        #expect(registry.text().contains("_9_lives_left{a_b=\"x\\\"y\\\\z\\nw\"} 1"))
    }

    @Test("The number of series is bounded, and a name keeps its kind")
    func bounds() {
        let registry = MetricsRegistry(maximumSeries: 2)
        for index in 0..<5 { registry.makeMeter(label: "m", dimensions: [("i", "\(index)")]).set(Int64(1)) }
        registry.makeTimer(label: "m_seconds", dimensions: []).recordNanoseconds(1)
        #expect(registry.text().split(separator: "\n").count == 3)

        let other = MetricsRegistry()
        other.makeMeter(label: "n_total", dimensions: []).set(Int64(1))
        other.makeCounter(label: "n", dimensions: []).increment(by: 5)
        #expect(other.text() == "# TYPE n_total gauge\nn_total 1\n")
    }
}
