import Foundation
import TestSupport
import Testing

/// A very long campaign on a floor that lives fast: at its end the engine is as large and as quick as at its beginning.
@Suite("Soak", .serialized, .timeLimit(.minutes(600)), .enabled(if: ChaosSettings.shared.soakCalls != nil))
struct SoakTests {
    @Test("memory and latency stay where they are over many calls, and everything adds up")
    func soak() async throws {
        let settings = ChaosSettings.shared
        let calls = try #require(settings.soakCalls)
        var plan = ChaosStage.Plan(
            contacts: calls, callsPerSecond: settings.soakRate, maximumCalls: 2_000, agents: 400, tries: 1,
            seed: settings.seed)
        plan.floorOptions = ["--speed", "10"]
        plan.usesProxy = false
        // As PostgreSQL is by itself: a checkpoint every few seconds would be all that is measured.
        plan.databaseSettings = []
        let stage = try await ChaosStage(plan, binary: settings.binary)
        do {
            try await self.soak(calls, on: stage)
            await stage.tearDown(keepsFiles: false)
        } catch {
            await stage.tearDown(keepsFiles: true)
            throw error
        }
    }

    private func soak(_ calls: Int, on stage: ChaosStage) async throws {
        let settings = ChaosSettings.shared
        var trace = SoakTrace(total: calls)
        let clock = ContinuousClock()
        let begin = clock.now
        while await stage.isRunning() != false {
            let stats = try await stage.engine.call("GET", "/campaigns/\(stage.campaign)/stats")
            trace.add(
                .init(
                    calls: stats.member("dialed")?.whole ?? 0, memory: try stage.engine.residentBytes(),
                    steps: SoakTrace.steps(in: try await stage.engine.text("/metrics"))))
            try await Task.sleep(for: .milliseconds(250))
        }
        let time = clock.now - begin
        // Before the books of so many calls are compared, which takes as long again.
        print("chaos: soak, seed \(settings.seed): \(calls) calls in \(time)")
        for tenth in 0..<10 {
            let steps = SoakTrace.steps.map { step in
                let name = step.dropFirst("outpace_".count).dropLast("_seconds".count)
                return "\(name) \(String(format: "%.2f", (trace.mean(of: step, inTenth: tenth) ?? 0) * 1000)) ms"
            }
            let memory = (trace.memory(inTenth: tenth) ?? 0) / 1024
            print("chaos:   tenth \(tenth + 1): \(memory) KiB, \(steps.joined(separator: ", "))")
        }
        let reckoning = try await stage.finish()
        let discrepancies = reckoning.discrepancies()
        print("chaos:   \(discrepancies.count) discrepancies")
        #expect(discrepancies.isEmpty, "\(discrepancies.prefix(10))")
        #expect(reckoning.books.rows.count == calls)

        let first = try #require(trace.memory(inTenth: 0))
        let last = try #require(trace.memory(inTenth: 9))
        if settings.isStrict { #expect(Double(last) <= Double(first) * 1.05, "memory grew") }
        for step in SoakTrace.steps {
            guard let before = trace.mean(of: step, inTenth: 0), let after = trace.mean(of: step, inTenth: 9) else {
                continue
            }
            if settings.isStrict { #expect(after <= before * 1.5 + 0.001, "\(step) drifts") }
        }
    }
}
