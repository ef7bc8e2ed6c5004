import Testing

@Suite("Soak trace")
struct SoakTraceTests {
    @Test("memory and means are told tenth by tenth")
    func tenths() throws {
        var trace = SoakTrace(total: 100)
        for calls in 0..<100 {
            let seconds = Double(calls < 90 ? calls : calls * 2 - 90)
            trace.add(
                .init(
                    calls: calls, memory: calls < 90 ? 1000 : 2000,
                    steps: ["outpace_claim_seconds": (seconds, Double(calls))]))
        }
        #expect(trace.memory(inTenth: 0) == 1000)
        #expect(trace.memory(inTenth: 9) == 2000)
        #expect(trace.mean(of: "outpace_claim_seconds", inTenth: 0) == 1)
        #expect(trace.mean(of: "outpace_claim_seconds", inTenth: 9) == 2)
        #expect(trace.mean(of: "outpace_result_write_seconds", inTenth: 9) == nil)
    }

    @Test("sums and counts are read out of the metrics")
    func metrics() {
        let steps = SoakTrace.steps(
            in: """
                # TYPE outpace_claim_seconds histogram
                outpace_claim_seconds_bucket{le="0.001"} 7
                outpace_claim_seconds_sum 1.5
                outpace_claim_seconds_count 30
                outpace_other_sum 9
                """)
        #expect(steps.count == 1)
        #expect(steps["outpace_claim_seconds"]?.seconds == 1.5)
        #expect(steps["outpace_claim_seconds"]?.count == 30)
    }
}
