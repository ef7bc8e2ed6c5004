import DialerStore

import struct Foundation.UUID

/// Who should hold which lease: decided by every engine for itself from the same picture, so that they need not agree first.
///
/// What nobody holds goes to the engine with the fewest campaigns. Once all is held, leases move while that brings the most and the least
/// loaded engine nearer to each other.
struct LeaseBalance: Sendable, Hashable {
    /// Leases nobody holds, and who gets them.
    var assignments: [LeaseMove] = []
    /// Leases to be handed over.
    var moves: [LeaseMove] = []

    init(_ picture: LeasePicture) {
        let engines = picture.engines.filter(\.isLive).map(\.uuid)
        guard !engines.isEmpty else { return }
        var loads = Dictionary(engines.map { ($0, Load()) }, uniquingKeysWith: { first, _ in first })
        var free: [LeaseNeed] = []
        var movable: [UUID: [LeaseNeed]] = [:]
        for need in picture.needs {
            guard let holder = need.engine, loads[holder] != nil else {
                if need.isUsed { free.append(need) }
                continue
            }
            if let successor = need.successor, loads[successor] != nil {
                loads[successor]?.add(need)
            } else {
                loads[holder]?.add(need)
                if need.fence != nil, need.campaigns > 0 { movable[holder, default: []].append(need) }
            }
        }
        // Largest first: the small ones then even out what the large ones left.
        for need in free.sorted(by: { ($1.campaigns, $0.key) < ($0.campaigns, $1.key) }) {
            guard let engine = engines.min(by: { loads[$0, default: Load()] < loads[$1, default: Load()] }) else {
                return
            }
            loads[engine]?.add(need)
            self.assignments.append(LeaseMove(key: need.key, fence: need.fence, engine: engine))
        }
        guard free.isEmpty else { return }
        self.level(engines, loads: loads.mapValues(\.campaigns), movable: movable)
    }

    private mutating func level(_ engines: [UUID], loads: [UUID: Int], movable: [UUID: [LeaseNeed]]) {
        var (loads, movable) = (loads, movable)
        // The fullest first; one that cannot give anything away does not keep the others from it.
        while true {
            var best: (need: LeaseNeed, from: UUID, to: UUID, gap: Int)?
            guard let least = engines.min(by: { loads[$0, default: 0] < loads[$1, default: 0] }) else { return }
            for engine in engines.sorted(by: { loads[$0, default: 0] > loads[$1, default: 0] }) where best == nil {
                let difference = loads[engine, default: 0] - loads[least, default: 0]
                for need in movable[engine] ?? [] where need.campaigns < difference {
                    let gap = abs(difference - 2 * need.campaigns)
                    if best.map({ gap < $0.gap }) ?? true { best = (need, engine, least, gap) }
                }
            }
            guard let best else { return }
            loads[best.from, default: 0] -= best.need.campaigns
            loads[best.to, default: 0] += best.need.campaigns
            movable[best.from]?.removeAll { $0.key == best.need.key }
            self.moves.append(LeaseMove(key: best.need.key, fence: best.need.fence, engine: best.to))
        }
    }

    /// What an engine has to do.
    private struct Load: Comparable {
        var campaigns = 0
        var leases = 0

        mutating func add(_ need: LeaseNeed) {
            self.campaigns += need.campaigns
            self.leases += 1
        }

        static func < (lhs: Load, rhs: Load) -> Bool {
            (lhs.campaigns, lhs.leases) < (rhs.campaigns, rhs.leases)
        }
    }
}
