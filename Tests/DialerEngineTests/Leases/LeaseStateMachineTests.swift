import DialerStore
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("The leases of one engine")
struct LeaseStateMachineTests {
    private func machine(_ held: [HeldLease] = [], at now: Duration = .zero) -> LeaseStateMachine {
        var machine = LeaseStateMachine(lease: .seconds(10), margin: .seconds(2))
        _ = machine.renewed(held, requestedAt: now)
        for lease in machine.takeovers { machine.tookOver(lease) }
        return machine
    }

    @Test("a lease counts from the moment it was asked for, and ends a margin earlier than the database thinks")
    func validity() {
        var machine = self.machine([HeldLease(key: "a", fence: 5)], at: .seconds(100))
        #expect(machine.beginClaim("a", at: .seconds(107)) == 5)
        #expect(machine.mayPlace(5, at: .milliseconds(107_999)))
        #expect(!machine.mayPlace(5, at: .seconds(108)))
        #expect(machine.beginClaim("a", at: .seconds(108)) == nil)
        // An answer that comes when it is over makes nothing good again.
        _ = machine.renewed([HeldLease(key: "a", fence: 5)], requestedAt: .seconds(101))
        #expect(!machine.mayPlace(5, at: .seconds(110)))
        #expect(machine.fences == [5], "the database says what may be written, not the clock")
    }

    @Test("nothing is claimed before the calls that were open are taken over, nor while it is handed over")
    func stages() {
        var machine = LeaseStateMachine(lease: .seconds(10), margin: .seconds(2))
        #expect(machine.renewed([HeldLease(key: "a", fence: 1)], requestedAt: .zero).isEmpty)
        #expect(machine.takeovers == [HeldLease(key: "a", fence: 1)])
        #expect(machine.beginClaim("a", at: .seconds(1)) == nil)
        #expect(!machine.follows("a", fence: 1))
        machine.tookOver(HeldLease(key: "a", fence: 9))
        #expect(!machine.isActive("a"), "another fence's takeover says nothing of this one")
        machine.tookOver(HeldLease(key: "a", fence: 1))
        #expect(machine.beginClaim("a", at: .seconds(1)) == 1)
        #expect(machine.follows("a", fence: 1) && !machine.follows("a", fence: 2) && !machine.follows("b", fence: 1))

        let other = UUID()
        _ = machine.renewed([HeldLease(key: "a", fence: 1, successor: other)], requestedAt: .seconds(2))
        #expect(machine.beginClaim("a", at: .seconds(3)) == nil)
        #expect(machine.mayPlace(1, at: .seconds(3)), "what was claimed is sent still")
        #expect(machine.departures.map(\.lease.successor) == [other])
        #expect(machine.departures.map(\.claims) == [1])
        machine.endClaim("a", fence: 1)
        #expect(machine.departures.map(\.claims) == [0])
        machine.kept(HeldLease(key: "a", fence: 1))
        #expect(
            machine.takeovers == [HeldLease(key: "a", fence: 1)], "its calls were let go, and have to be found again")
        machine.tookOver(HeldLease(key: "a", fence: 1))
        machine.handedOver(HeldLease(key: "a", fence: 1))
        #expect(machine.fences.isEmpty && !machine.mayPlace(1, at: .seconds(3)))
    }

    @Test("a lease that comes back under another fence is lost and new")
    func anotherFence() {
        var machine = self.machine([HeldLease(key: "", fence: 1), HeldLease(key: "a", fence: 2)])
        #expect(machine.fences == [0, 1, 2])
        let lost = machine.renewed([HeldLease(key: "a", fence: 7)], requestedAt: .seconds(1))
        #expect(lost == [HeldLease(key: "", fence: 1), HeldLease(key: "a", fence: 2)])
        #expect(machine.fences == [7])
        #expect(!machine.mayPlace(2, at: .seconds(1)) && machine.mayPlace(7, at: .seconds(1)))
        #expect(machine.replaced() == [HeldLease(key: "a", fence: 7)])
        #expect(!machine.isGood(at: .seconds(1)))
    }

    /// A database in a few lines: who holds the lease, and until when, by its own clock.
    private struct Table {
        var holder = 0
        var fence: Int64 = 1
        var until: [Duration]

        mutating func renew(_ engine: Int, at now: Duration) -> [HeldLease] {
            self.until[engine] = now + .seconds(10)
            return self.holder == engine ? [HeldLease(key: "a", fence: self.fence)] : []
        }

        mutating func take(_ engine: Int, at now: Duration) {
            guard self.holder != engine, self.until[self.holder] <= now, self.until[engine] > now else { return }
            self.holder = engine
            self.fence += 1
        }
    }

    @Test("whatever is slow, lost or stopped: never are two engines allowed to dial at once", arguments: 1...200)
    func neverTwo(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = 3
        var table = Table(until: Array(repeating: .zero, count: count))
        var machines = Array(repeating: LeaseStateMachine(lease: .seconds(10), margin: .seconds(2)), count: count)
        // Requests and answers on their way: when they arrive, and what they are.
        var requests: [(at: Duration, engine: Int, sent: Duration)] = []
        var answers: [(at: Duration, engine: Int, sent: Duration, held: [HeldLease])] = []
        var isAsking = Array(repeating: false, count: count)
        var stoppedUntil = Array(repeating: Duration.zero, count: count)
        var dialed = Set<Int>()
        for step in 0..<3000 {
            let now = Duration.milliseconds(step * 100)
            for engine in 0..<count {
                if Int.random(in: 0..<400, using: &random) == 0 {
                    stoppedUntil[engine] = now + .seconds(Int.random(in: 1...30, using: &random))
                }
                guard now >= stoppedUntil[engine] else { continue }
                if !isAsking[engine], step % 20 == engine {
                    isAsking[engine] = true
                    let delay = Duration.milliseconds(
                        Int.random(in: 0..<10, using: &random) == 0
                            ? Int.random(in: 0...20_000, using: &random) : Int.random(in: 0...200, using: &random))
                    requests.append((now + delay, engine, now))
                }
                if step % 10 == engine { table.take(engine, at: now) }
            }
            for request in requests where request.at <= now {
                let held = table.renew(request.engine, at: now)
                let delay = Duration.milliseconds(Int.random(in: 0...2000, using: &random))
                answers.append((now + delay, request.engine, request.sent, held))
            }
            requests.removeAll { $0.at <= now }
            for answer in answers where answer.at <= now && now >= stoppedUntil[answer.engine] {
                _ = machines[answer.engine].renewed(answer.held, requestedAt: answer.sent)
                for lease in machines[answer.engine].takeovers { machines[answer.engine].tookOver(lease) }
                isAsking[answer.engine] = false
            }
            answers.removeAll { answer in answer.at <= now && now >= stoppedUntil[answer.engine] }
            let allowed = (0..<count).filter { engine in
                now >= stoppedUntil[engine]
                    && machines[engine].fences.contains { machines[engine].mayPlace($0, at: now) }
            }
            #expect(allowed.count <= 1, "at \(now): engines \(allowed)")
            dialed.formUnion(allowed)
        }
        #expect(!dialed.isEmpty)
    }
}
