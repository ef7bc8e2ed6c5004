import Foundation
import TestSupport
import Testing

/// A campaign in which parts are killed, stopped, cut off and starved at random moments: afterwards everything adds up.
///
/// `make test` runs each kind a few times; `scripts/chaos` hundreds of times. The seed that is printed repeats a run's moments.
@Suite("Faults", .serialized, .timeLimit(.minutes(60)))
struct FaultTests {
    private static let settings = ChaosSettings.shared

    private func expectWhole(
        _ name: String, _ faults: [Fault], injections: Int, contacts: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> FaultRun.Outcome {
        let outcome = try await FaultRun(
            name: name, faults: faults, injections: injections, contacts: contacts ?? Self.settings.contacts
        ).run()
        #expect(
            outcome.discrepancies.isEmpty,
            "seed \(outcome.seed): \(outcome.discrepancies.prefix(10).map(\.description).joined(separator: "; "))",
            sourceLocation: sourceLocation)
        // The last ones may find the campaign over; without most of them nothing was tried.
        #expect(outcome.injected * 2 >= injections, "\(outcome.line)", sourceLocation: sourceLocation)
        return outcome
    }

    @Test("the engine killed: no try twice, none lost, back within five seconds")
    func engineKilled() async throws {
        let isShort = Self.settings.injections == nil
        let outcome = try await self.expectWhole(
            Fault.engineKilled.rawValue, [.engineKilled], injections: isShort ? 5 : 100,
            contacts: isShort ? nil : max(3000, Self.settings.contacts))
        if Self.settings.isStrict, let longest = outcome.recoveries.last { #expect(longest < .seconds(5)) }
    }

    /// Each of these by itself is a matter of `make chaos`; ``everyKind()`` has them all in one campaign.
    @Test(
        "one part killed, stopped or cut off", .enabled(if: ChaosSettings.shared.injections != nil),
        arguments: [
            Fault.databaseKilled, .managerCut, .managerDelayed, .engineStopped, .databaseStopped, .floorStopped,
        ])
    func one(fault: Fault) async throws {
        _ = try await self.expectWhole(fault.rawValue, [fault], injections: Self.settings.injections ?? 0)
    }

    @Test(
        "one of two engines killed, or stopped beyond its leases: the other goes on within 15 seconds, nobody is called twice",
        arguments: [Fault.oneOfTwoKilled, .oneOfTwoStopped])
    func oneOfTwo(fault: Fault) async throws {
        let isShort = Self.settings.injections == nil
        let outcome = try await self.expectWhole(
            fault.rawValue, [fault], injections: Self.settings.injections ?? 2,
            contacts: isShort ? nil : max(3000, Self.settings.contacts))
        if Self.settings.isStrict, let longest = outcome.recoveries.last { #expect(longest < .seconds(15)) }
    }

    @Test("every part killed, stopped and cut off in turn")
    func everyKind() async throws {
        let kinds: [Fault] = [
            .engineKilled, .databaseKilled, .managerCut, .managerDelayed, .engineStopped, .databaseStopped,
            .floorStopped,
        ]
        _ = try await self.expectWhole(
            "all kinds in turn", kinds, injections: Self.settings.injections ?? kinds.count)
    }

    @Test("no room left for the results file, and none for PostgreSQL")
    func diskFull() async throws {
        guard SmallDisk.isAllowed else {
            // What cannot be done here is done where it can; nobody shall think that it was.
            FileHandle.standardError.write(
                Data("chaos: NOT TESTED: a full disk: this process may not mount a small one; run it as root\n".utf8))
            return
        }
        let kinds = [Fault.resultsDiskFull, .databaseDiskFull]
        _ = try await self.expectWhole("disk full", kinds, injections: Self.settings.injections ?? kinds.count)
    }

    @Test("a disk that takes long, the engine's and PostgreSQL's")
    func diskSlow() async throws {
        let kinds = [Fault.resultsDiskSlow, .databaseDiskSlow]
        // Each twice: the campaign must last until both were slow.
        let outcome = try await self.expectWhole(
            "disk slow", kinds, injections: Self.settings.injections ?? 2 * kinds.count)
        #expect(outcome.slowed > 0, "nothing waited for the disk")
    }

    @Test("the wall clock stepped by an hour, forwards and back")
    func clockStepped() async throws {
        let outcome = try await self.expectWhole(
            Fault.clockStepped.rawValue, [.clockStepped], injections: Self.settings.injections ?? 3)
        #expect(outcome.clockSpan > .seconds(3000), "the engine did not see the clock step")
    }
}
