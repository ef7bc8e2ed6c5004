import Foundation
import TestSupport
import Testing

/// A campaign in which parts are killed, stopped, cut off and starved at random moments: afterwards everything adds up.
///
/// `make test` runs each kind a few times; `scripts/chaos` hundreds of times. The seed that is printed repeats a run's moments.
@Suite("Faults", .serialized, .timeLimit(.minutes(60)))
struct FaultTests {
    private func expectWhole(
        _ name: String, _ faults: [Fault], injections: Int? = nil, contacts: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> FaultRun.Outcome {
        let settings = ChaosSettings.shared
        let outcome = try await FaultRun(
            name: name, faults: faults, injections: injections ?? settings.injections,
            contacts: contacts ?? settings.contacts
        ).run()
        #expect(
            outcome.discrepancies.isEmpty,
            "seed \(outcome.seed): \(outcome.discrepancies.prefix(10).map(\.description).joined(separator: "; "))",
            sourceLocation: sourceLocation)
        #expect(
            outcome.injected > 0, "the campaign was over before anything was broken", sourceLocation: sourceLocation)
        return outcome
    }

    @Test("the engine killed: no try twice, none lost, back within five seconds")
    func engineKilled() async throws {
        let outcome = try await self.expectWhole(Fault.engineKilled.rawValue, [.engineKilled])
        if ChaosSettings.shared.isStrict, let longest = outcome.recoveries.last {
            #expect(longest < .seconds(5))
        }
    }

    @Test(
        "one part killed, stopped or cut off",
        arguments: [
            Fault.databaseKilled, .managerCut, .managerDelayed, .engineStopped, .databaseStopped, .floorStopped,
        ])
    func one(fault: Fault) async throws {
        _ = try await self.expectWhole(fault.rawValue, [fault])
    }

    @Test("no room left", arguments: [Fault.resultsDiskFull, .databaseDiskFull])
    func diskFull(fault: Fault) async throws {
        guard SmallDisk.isAllowed else {
            // What cannot be done here is done where it can; nobody shall think that it was.
            FileHandle.standardError.write(
                Data("chaos: NOT TESTED: \(fault.rawValue): this process may not mount a small disk\n".utf8))
            try #require(getuid() != 0, "root must be able to mount a tmpfs: run the tests where it can")
            return
        }
        _ = try await self.expectWhole(fault.rawValue, [fault])
    }

    @Test("the wall clock stepped by an hour, forwards and back")
    func clockStepped() async throws {
        try #require(
            FileManager.default.fileExists(atPath: FakeClock.library), "libfaketime is missing: run make setup")
        _ = try await self.expectWhole(Fault.clockStepped.rawValue, [.clockStepped])
    }

    @Test("one fault after the other")
    func storm() async throws {
        _ = try await self.expectWhole(
            "all kinds in turn",
            [
                .engineKilled, .databaseKilled, .managerCut, .managerDelayed, .engineStopped, .databaseStopped,
                .floorStopped,
            ])
    }
}
