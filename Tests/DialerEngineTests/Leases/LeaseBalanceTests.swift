import DialerStore
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("Sharing leases out")
struct LeaseBalanceTests {
    private static func engine(_ name: String, isLive: Bool = true) -> EngineRecord {
        EngineRecord(uuid: UUID(), name: name, remaining: isLive ? .seconds(9) : nil)
    }

    @Test("what nobody live holds goes to the least loaded, and what others hold stays while anything is free")
    func freeFirst() {
        let (a, b, dead) = (Self.engine("a"), Self.engine("b"), Self.engine("c", isLive: false))
        let balance = LeaseBalance(
            LeasePicture(
                engines: [a, b, dead],
                needs: [
                    LeaseNeed(key: "1", fence: 1, engine: a.uuid, campaigns: 5),
                    LeaseNeed(key: "2", fence: 2, engine: dead.uuid, campaigns: 1),
                    LeaseNeed(key: "3", fence: nil, engine: nil, campaigns: 1),
                    LeaseNeed(key: "4", fence: 4, engine: dead.uuid, campaigns: 0, isUsed: false),
                ]))
        #expect(
            balance.assignments == [
                LeaseMove(key: "2", fence: 2, engine: b.uuid), LeaseMove(key: "3", fence: nil, engine: b.uuid),
            ])
        #expect(balance.moves.isEmpty)
    }

    @Test("an engine that joins is given its half")
    func joining() {
        let (a, b) = (Self.engine("a"), Self.engine("b"))
        let needs = (1...6).map { LeaseNeed(key: "\($0)", fence: Int64($0), engine: a.uuid, campaigns: 1) }
        let balance = LeaseBalance(LeasePicture(engines: [a, b], needs: needs))
        #expect(balance.assignments.isEmpty)
        #expect(balance.moves.count == 3 && balance.moves.allSatisfy { $0.engine == b.uuid })
    }

    @Test("leases that are on their way count for where they go, and nothing moves that makes it no better")
    func settled() {
        let (a, b) = (Self.engine("a"), Self.engine("b"))
        let onTheWay = LeaseNeed(key: "1", fence: 1, engine: a.uuid, successor: b.uuid, campaigns: 2)
        let stays = LeaseNeed(key: "2", fence: 2, engine: a.uuid, campaigns: 3)
        #expect(LeaseBalance(LeasePicture(engines: [a, b], needs: [onTheWay, stays])).moves.isEmpty)
        let one = LeaseNeed(key: "1", fence: 1, engine: a.uuid, campaigns: 9)
        #expect(LeaseBalance(LeasePicture(engines: [a, b], needs: [one])).moves.isEmpty)
        #expect(LeaseBalance(LeasePicture(engines: [], needs: [one])).assignments.isEmpty)
    }

    @Test("whoever comes and goes: all is held by the living, evenly, and then nothing moves", arguments: 1...100)
    func converges(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var engines = (0..<Int.random(in: 1...5, using: &random)).map {
            Self.engine("e\($0)", isLive: $0 == 0 || Int.random(in: 0..<4, using: &random) > 0)
        }
        var needs = (0..<Int.random(in: 0...30, using: &random)).map { index in
            let holder = engines.randomElement(using: &random)?.uuid
            return LeaseNeed(
                key: "\(index)", fence: holder == nil ? nil : Int64(index), engine: holder,
                campaigns: Int.random(in: 0...6, using: &random))
        }
        for round in 0..<4 {
            if round == 2 { engines.append(Self.engine("late")) }
            var moves = 0
            while true {
                let balance = LeaseBalance(LeasePicture(engines: engines, needs: needs))
                let changes = balance.assignments + balance.moves
                #expect(Set(changes.map(\.key)).count == changes.count, "a lease goes to one engine")
                #expect(changes.allSatisfy { move in engines.contains { $0.uuid == move.engine && $0.isLive } })
                if changes.isEmpty { break }
                for move in changes {
                    let index = needs.firstIndex { $0.key == move.key }
                    needs[index!].engine = move.engine
                    needs[index!].fence = Int64(moves)
                }
                moves += 1
                guard moves < 100 else {
                    Issue.record("leases go round and round")
                    return
                }
            }
            let live = engines.filter(\.isLive)
            #expect(needs.allSatisfy { need in live.contains { $0.uuid == need.engine } })
            let loads = live.map { engine in
                needs.filter { $0.engine == engine.uuid }.map(\.campaigns)
            }
            let sums = loads.map { $0.reduce(0, +) }
            let (most, least) = (sums.max() ?? 0, sums.min() ?? 0)
            // No single lease could be moved from any engine to the least loaded with profit.
            for (load, sum) in zip(loads, sums) {
                #expect(load.allSatisfy { $0 == 0 || $0 >= sum - least }, "\(loads), \(most) and \(least)")
            }
        }
    }
}
