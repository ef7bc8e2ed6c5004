import Foundation
import TestSupport
import Testing

/// How soon the dialer is back, with many calls up.
@Suite("The PBX returns", .serialized, .timeLimit(.minutes(30)))
struct ManagerReturnTests {
    /// Two thousand in `make chaos`.
    private static var calls: Int { ChaosSettings.shared.injections == nil ? 100 : 2_000 }

    @Test("the PBX comes back while many calls are up: all of them are followed on, within two seconds")
    func managerReturns() async throws {
        let settings = ChaosSettings.shared
        // Everybody answers and stays; the campaign wants no agents, so that calls are placed until the ceiling.
        var plan = ChaosStage.Plan(
            contacts: Self.calls, callsPerSecond: 400, maximumCalls: Self.calls + 100, tries: 1, seed: settings.seed)
        plan.destination = #""type": 1, "application": "Park""#
        plan.planFields = #""dial_mode": 4"#
        plan.floorOptions = ["--rule", "* answer setup=0.05 ring=0.1 talk=3600"]
        let stage = try await ChaosStage(plan, binary: settings.binary)
        do {
            try await self.managerReturns(on: stage)
            await stage.tearDown(keepsFiles: false)
        } catch {
            await stage.tearDown(keepsFiles: true)
            throw error
        }
    }

    private func managerReturns(on stage: ChaosStage) async throws {
        let settings = ChaosSettings.shared
        let areUp = try await eventually(within: .seconds(180)) {
            try await stage.engine.call("GET", "/campaigns/\(stage.campaign)/stats").member("connected")?.whole
                == Self.calls
        }
        try #require(areUp, "\(stage.engine.tail())")
        var recoveries: [Duration] = []
        for _ in 0..<5 {
            try await stage.proxy.behave(.init(refuses: true))
            try await stage.proxy.cut()
            let isSeen = await eventually { await !stage.engine.isReady() }
            try #require(isSeen)
            // Some tries in vain, so that the pause between two is at its longest.
            try await Task.sleep(for: .seconds(settings.isStrict ? 5 : 1))
            try await stage.proxy.behave(.init())
            recoveries.append(try await stage.engine.waitUntilReady())
            let stats = try await stage.engine.call("GET", "/campaigns/\(stage.campaign)/stats")
            #expect(stats.member("connected")?.whole == Self.calls)
        }
        recoveries.sort()
        try await stage.engine.call("PUT", "/campaigns/\(stage.campaign)", #"{"status": 30}"#)
        let reckoning = try await stage.finish()
        let discrepancies = reckoning.discrepancies()
        #expect(discrepancies.isEmpty, "\(discrepancies.prefix(10))")
        #expect(reckoning.books.rows.count == Self.calls)
        let outcome = FaultRun.Outcome(
            name: "AMI returns at \(Self.calls) live calls", seed: settings.seed, injected: recoveries.count,
            contacts: Self.calls, calls: reckoning.floor.calls.count, results: reckoning.books.rows.count,
            discrepancies: discrepancies, recoveries: recoveries)
        try outcome.tell(settings)
        if settings.isStrict, let longest = recoveries.last { #expect(longest < .seconds(2)) }
    }
}
