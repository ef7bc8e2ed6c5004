import NIOConcurrencyHelpers
import TestSupport

@testable import DialerEngine

/// One running engine and its lines to the outside, which can be cut.
final class RunningEngine: Sendable {
    let engine: DialerEngine
    let store: FaultyStore
    let driver: ScriptedTelephony
    let bed: EngineBed
    private let task: Task<Void, any Error>
    private let killed = NIOLockedValueBox(false)

    var isDead: Bool { self.killed.withLockedValue { $0 } }

    init(_ bed: EngineBed, name: String) {
        var bed = bed
        bed.configuration.name = name
        bed.configuration.resultsFile += ".\(name)"
        bed.configuration.spoolFolder = bed.configuration.spoolFolder.map { "\($0)-\(name)" }
        // Short, so that nobody waits long; the rules are the same.
        bed.configuration.leaseTime = .seconds(4)
        bed.configuration.leaseMargin = .seconds(1)
        bed.configuration.heartbeatInterval = .milliseconds(200)
        let (store, driver) = (FaultyStore(bed.store), ScriptedTelephony(bed.pbx))
        let engine = bed.engine(store: store, drivers: [driver])
        (self.bed, self.store, self.driver, self.engine) = (bed, store, driver, engine)
        self.task = Task { try await engine.run() }
    }

    /// As `kill -9`.
    func kill() async throws {
        self.killed.withLockedValue { $0 = true }
        self.store.kill()
        self.driver.cut()
        self.task.cancel()
        try await self.task.value
    }

    func stop() async throws {
        self.engine.stop()
        try await self.task.value
    }

    /// The keys it may dial for.
    func leases() -> Set<String> {
        self.engine.context.leases.update { machine in
            Set(machine.holdings.filter { $0.value.stage == .active && !$0.key.isEmpty }.keys)
        }
    }
}
