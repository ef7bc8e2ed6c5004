import Testing

@testable import PostgresClient

@Suite struct PoolStateMachineTests {
    private typealias Machine = PoolStateMachine<String>
    private let now = ContinuousClock.now

    private func machine(maximum: Int = 2, minimum: Int = 0, waiters: Int = 100) -> Machine {
        Machine(maximum: maximum, minimum: minimum, maximumWaiters: waiters)
    }

    @Test func theFirstCallerOpensAConnection() {
        var machine = machine()
        let asked = machine.acquire(.statement, waiter: 1)
        #expect(asked.open == [1])
        #expect(asked.grants.isEmpty)
        let opened = machine.opened(1, "a", now: now)
        #expect(opened.grants.map(\.waiter) == [1])
    }

    @Test func statementsShareWhatLeasesDoNot() {
        var machine = machine(maximum: 1)
        _ = machine.acquire(.statement, waiter: 1)
        _ = machine.opened(1, "a", now: now)
        #expect(machine.acquire(.statement, waiter: 2).grants.map(\.id) == [1])
        #expect(machine.acquire(.lease, waiter: 3).grants.isEmpty)
        // Reserved for the lease: no more statements.
        #expect(machine.acquire(.statement, waiter: 4).grants.isEmpty)
        #expect(machine.release(1, .statement, now: now).grants.isEmpty)
        #expect(machine.release(1, .statement, now: now).grants.map(\.waiter) == [3])
        #expect(machine.acquire(.statement, waiter: 5).grants.isEmpty)
        #expect(machine.release(1, .lease, now: now).grants.map(\.waiter) == [4, 5])
    }

    @Test func nothingIsPutBehindASlowStatementWhileAnotherConnectionMovesOn() {
        var machine = machine(maximum: 2)
        _ = machine.acquire(.statement, waiter: 1)
        _ = machine.opened(1, "slow", now: now)
        _ = machine.acquire(.statement, waiter: 2)
        _ = machine.opened(2, "quick", now: now)
        _ = machine.release(1, .statement, now: now)
        for waiter in UInt64(10)..<26 {
            #expect(machine.acquire(.statement, waiter: waiter).grants.map(\.id) == [2])
            _ = machine.release(2, .statement, now: now)
        }
        // One by one they went where nobody was; many at once must still not fill up the other.
        let many = (UInt64(30)..<60).flatMap { machine.acquire(.statement, waiter: $0).grants.map(\.id) }
        #expect(many == Array(repeating: 2, count: 30))
        // The slow one has ended: its connection is as good as any.
        _ = machine.release(1, .statement, now: now)
        #expect(machine.acquire(.statement, waiter: 70).grants.map(\.id) == [1])
    }

    @Test func aHeldUpConnectionIsTakenWhenThereIsNoOther() {
        var machine = machine(maximum: 2)
        _ = machine.acquire(.statement, waiter: 1)
        _ = machine.opened(1, "slow", now: now)
        _ = machine.acquire(.lease, waiter: 2)
        _ = machine.opened(2, "leased", now: now)
        #expect(machine.acquire(.statement, waiter: 3).grants.map(\.id) == [1])
    }

    @Test func leasesAreServedInTheirOrder() {
        var machine = machine(maximum: 1)
        _ = machine.acquire(.lease, waiter: 1)
        _ = machine.opened(1, "a", now: now)
        _ = machine.acquire(.lease, waiter: 2)
        _ = machine.acquire(.lease, waiter: 3)
        #expect(machine.giveUp(2) != nil)
        #expect(machine.release(1, .lease, now: now).grants.map(\.waiter) == [3])
        #expect(machine.giveUp(3) == nil)
    }

    @Test func thePoolNeverGrowsBeyondItsMaximum() {
        var machine = machine(maximum: 3)
        var opened: [UInt64] = []
        for waiter in 1...10 { opened += machine.acquire(.lease, waiter: UInt64(waiter)).open }
        #expect(opened.count == 3)
        #expect(machine.connectionCount == 3)
    }

    @Test func aPermanentFailureTellsEverybody() {
        var machine = machine()
        _ = machine.acquire(.statement, waiter: 1)
        _ = machine.acquire(.lease, waiter: 2)
        let (next, actions) = machine.openFailed(1, PostgresError(.connectionFailed, "no"), isPermanent: true)
        #expect(next == .stop)
        #expect(Set(actions.refusals.map(\.waiter)) == [1, 2])
    }

    @Test func aPassingFailureIsTriedAgainWhileSomebodyWaits() {
        var machine = machine(maximum: 1)
        _ = machine.acquire(.statement, waiter: 1)
        let error = PostgresError(.connectionFailed, "refused")
        #expect(machine.openFailed(1, error, isPermanent: false).0 == .retry(failures: 1))
        #expect(machine.openFailed(1, error, isPermanent: false).0 == .retry(failures: 2))
        #expect(machine.giveUp(1)?.error == error)
        #expect(machine.openFailed(1, error, isPermanent: false).0 == .stop)
        #expect(machine.connectionCount == 0)
    }

    @Test func tooManyWaitersAreRefused() {
        var machine = machine(maximum: 1, waiters: 1)
        _ = machine.acquire(.lease, waiter: 1)
        #expect(machine.acquire(.lease, waiter: 2).refusals.first?.error.code == .poolExhausted)
    }

    @Test func closingWaitsForWhatIsInUse() {
        var machine = machine(maximum: 2)
        _ = machine.acquire(.lease, waiter: 1)
        _ = machine.opened(1, "a", now: now)
        _ = machine.acquire(.lease, waiter: 2)
        let closing = machine.close()
        #expect(closing.refusals.map(\.waiter) == [2])
        #expect(closing.close.isEmpty)
        #expect(!closing.isDrained)
        #expect(machine.opened(2, "b", now: now).close == ["b"])
        #expect(machine.release(1, .lease, now: now).close == ["a"])
        #expect(machine.lost(1).isDrained)
        #expect(machine.acquire(.statement, waiter: 3).refusals.first?.error.code == .closed)
    }

    @Test func idleConnectionsAreCheckedAndThoseTooManyClosed() {
        var machine = machine(maximum: 2, minimum: 1)
        _ = machine.acquire(.lease, waiter: 1)
        _ = machine.acquire(.lease, waiter: 2)
        _ = machine.opened(1, "a", now: now)
        _ = machine.opened(2, "b", now: now)
        _ = machine.release(1, .lease, now: now)
        _ = machine.release(2, .lease, now: now)
        let (checks, actions) = machine.maintain(
            now: now + .seconds(100), checkAfter: .seconds(5), closeAfter: .seconds(60))
        #expect(actions.close == ["a"])
        #expect(checks.map(\.connection) == ["b"])
        // Leased for the check.
        #expect(machine.acquire(.lease, waiter: 3).grants.isEmpty)
        #expect(machine.release(2, .lease, now: now).grants.map(\.waiter) == [3])
    }

    @Test func backoffGrowsToItsLimitAndVaries() {
        let backoff = Backoff(range: .milliseconds(100) ... .seconds(5))
        for failures in 1...60 {
            let full = failures < 7 ? Duration.milliseconds(100) * (1 << (failures - 1)) : .seconds(5)
            #expect(backoff.delay(afterFailures: failures, chance: 0) == full / 2)
            #expect(backoff.delay(afterFailures: failures, chance: 1) == full)
            #expect((full / 2...full).contains(backoff.delay(afterFailures: failures)))
        }
    }
}
