import DialerStore
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// ``LeaseStateMachine`` behind a lock, for everybody who has to ask before acting. Held for microseconds.
final class LeaseBook: Sendable {
    /// This start of the engine.
    let engine = UUID()
    let name: String
    private let clock: any EngineClock
    private let machine: NIOLockedValueBox<LeaseStateMachine>
    /// nil until the database knows this engine.
    private let isFirst = NIOLockedValueBox<Bool?>(nil)
    /// Something was heard of leases: ask the database.
    let news = Signal()

    init(configuration: EngineConfiguration, clock: any EngineClock) {
        self.name = configuration.name
        self.clock = clock
        self.machine = NIOLockedValueBox(
            LeaseStateMachine(lease: configuration.leaseTime, margin: configuration.leaseMargin))
    }

    func update<Result>(_ change: (inout LeaseStateMachine) -> Result) -> Result {
        self.machine.withLockedValue(change)
    }

    /// A claim under a lease begins; ``endClaim(_:_:)`` has to follow.
    ///
    /// - Returns: nil when nothing may be claimed under it now.
    func beginClaim(_ key: String) -> LeaseTicket? {
        let now = self.clock.uptime()
        return self.machine.withLockedValue { $0.beginClaim(key, at: now) }
            .map { LeaseTicket(fence: $0, engine: self.name) }
    }

    func endClaim(_ key: String, _ ticket: LeaseTicket) {
        self.machine.withLockedValue { $0.endClaim(key, fence: ticket.fence) }
    }

    /// Whether a call may be sent at this moment.
    func mayPlace(_ dialing: Int64) -> Bool {
        let now = self.clock.uptime()
        return self.machine.withLockedValue { $0.mayPlace(dialing, at: now) }
    }

    /// Whether anything may be claimed under a lease at this moment.
    func isGood(_ key: String) -> Bool {
        let now = self.clock.uptime()
        return self.machine.withLockedValue { $0.isActive(key) && $0.isGood(at: now) }
    }

    /// Whether campaigns under a lease are this engine's to run.
    func isActive(_ key: String) -> Bool {
        self.machine.withLockedValue { $0.isActive(key) }
    }

    /// Who this engine is to a result it writes.
    var holder: LeaseHolder {
        LeaseHolder(engine: self.name, fences: self.machine.withLockedValue { $0.fences })
    }

    /// Whose results file this engine writes; nil until the database knows it.
    var reader: ResultReader? {
        self.isFirst.withLockedValue { $0 }.map { ResultReader(engine: self.name, isFirst: $0) }
    }

    /// The engine is known to the database.
    func registered(isFirst: Bool) {
        self.isFirst.withLockedValue { $0 = isFirst }
    }
}
