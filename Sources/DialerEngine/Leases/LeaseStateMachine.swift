import DialerStore

import struct Foundation.UUID

/// Which leases this engine holds, and whether it may act on them at a moment. A plain value; time comes in as uptime.
///
/// A lease begins with taking over the calls open under it, and ends when it is lost, or settled and handed over. However late an answer
/// of the database comes, a lease counts from the moment the request was sent: so this engine is silent before any other can begin.
struct LeaseStateMachine: Sendable {
    /// How far a lease is.
    enum Stage: Sendable, Hashable {
        /// The calls open under it are being taken over; nothing is claimed.
        case takingOver
        case active
        /// Nothing is claimed any more; calls under way are settled, then it is handed over.
        case leaving(successor: UUID)
    }

    /// One lease of this engine's.
    struct Holding: Sendable, Hashable {
        var fence: Int64
        var stage: Stage
        /// Claims that are under way.
        var claims = 0
    }

    private(set) var holdings: [String: Holding] = [:]
    /// Until when the leases are good without another renewal, in uptime.
    private(set) var goodUntil = Duration.zero
    /// How long a renewal makes them good.
    private let validity: Duration

    /// - Parameters:
    ///   - lease: What the database is told.
    ///   - margin: How much earlier this engine is silent: for clocks that differ, and for what is on the wire.
    init(lease: Duration, margin: Duration) {
        self.validity = lease - margin
    }

    // MARK: What the database said

    /// The database renewed the leases and told which these are.
    ///
    /// - Parameter requestedAt: When it was asked.
    /// - Returns: The leases that are lost.
    mutating func renewed(_ leases: [HeldLease], requestedAt: Duration) -> [HeldLease] {
        self.goodUntil = max(self.goodUntil, requestedAt + self.validity)
        var lost: [HeldLease] = []
        let held = Dictionary(leases.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for (key, holding) in self.holdings where held[key]?.fence != holding.fence {
            self.holdings[key] = nil
            lost.append(HeldLease(key: key, fence: holding.fence))
        }
        for lease in leases {
            guard let holding = self.holdings[lease.key] else {
                self.holdings[lease.key] = Holding(fence: lease.fence, stage: .takingOver)
                continue
            }
            switch (holding.stage, lease.successor) {
            case (.active, let successor?): self.holdings[lease.key]?.stage = .leaving(successor: successor)
            // It is taken over first; the next renewal tells the successor again.
            case (.takingOver, _), (.active, nil), (.leaving, _): break
            }
        }
        return lost.sorted { $0.key < $1.key }
    }

    /// This engine is none any more.
    ///
    /// - Returns: The leases that are lost.
    mutating func replaced() -> [HeldLease] {
        self.goodUntil = .zero
        defer { self.holdings = [:] }
        return self.holdings.map { HeldLease(key: $0.key, fence: $0.value.fence) }.sorted { $0.key < $1.key }
    }

    // MARK: What the engine did

    /// The calls open under a lease are followed.
    mutating func tookOver(_ lease: HeldLease) {
        guard let holding = self.holdings[lease.key], holding.fence == lease.fence, holding.stage == .takingOver else {
            return
        }
        self.holdings[lease.key]?.stage = .active
    }

    /// A lease is its successor's.
    mutating func handedOver(_ lease: HeldLease) {
        guard self.holdings[lease.key]?.fence == lease.fence else { return }
        self.holdings[lease.key] = nil
    }

    /// The successor is gone; the calls have to be taken over anew.
    mutating func kept(_ lease: HeldLease) {
        guard let holding = self.holdings[lease.key], holding.fence == lease.fence, case .leaving = holding.stage else {
            return
        }
        self.holdings[lease.key]?.stage = .takingOver
    }

    /// A claim begins.
    ///
    /// - Returns: The fence it has to bear; nil when nothing may be claimed under the lease now.
    mutating func beginClaim(_ key: String, at now: Duration) -> Int64? {
        guard let holding = self.holdings[key], holding.stage == .active, self.isGood(at: now) else { return nil }
        self.holdings[key]?.claims += 1
        return holding.fence
    }

    /// A claim is settled, and its calls are with their desk.
    mutating func endClaim(_ key: String, fence: Int64) {
        guard self.holdings[key]?.fence == fence else { return }
        self.holdings[key]?.claims -= 1
    }

    // MARK: What is asked about

    func isGood(at now: Duration) -> Bool { now < self.goodUntil }

    /// Whether campaigns under the lease are this engine's to run.
    func isActive(_ key: String) -> Bool { self.holdings[key]?.stage == .active }

    /// Whether the calls open under the lease, as it was given with this fence, are followed.
    func follows(_ key: String, fence: Int64) -> Bool {
        self.holdings[key].map { $0.fence == fence && $0.stage != .takingOver } ?? false
    }

    /// Whether a call claimed under a fence may be sent to its PBX at `now`.
    func mayPlace(_ fence: Int64, at now: Duration) -> Bool {
        self.isGood(at: now) && self.holdings.values.contains { $0.fence == fence }
    }

    /// What a result may be written under. Time does not matter: the database compares.
    var fences: [Int64] {
        let fences = self.holdings.values.map(\.fence).sorted()
        // Calls under no lease belong to the one that is for these.
        return self.holdings[""] == nil ? fences : [0] + fences
    }

    /// The leases whose calls have to be taken over.
    var takeovers: [HeldLease] {
        self.holdings.filter { $0.value.stage == .takingOver }.map { HeldLease(key: $0.key, fence: $0.value.fence) }
            .sorted { $0.key < $1.key }
    }

    /// The leases to be handed over, with the claims under way.
    var departures: [(lease: HeldLease, claims: Int)] {
        self.holdings.compactMap { key, holding in
            guard case .leaving(let successor) = holding.stage else { return nil }
            return (HeldLease(key: key, fence: holding.fence, successor: successor), holding.claims)
        }
        .sorted { $0.lease.key < $1.lease.key }
    }
}
