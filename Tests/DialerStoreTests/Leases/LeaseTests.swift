import DialerModel
import DialerStore
import PostgresClient
import Testing

import struct Foundation.UUID

/// Who holds what: by the store's own words.
@Suite struct LeaseTests {
    @Test func aLeaseIsGivenOnceAndTakenOnlyFromTheSilent() async throws {
        try await Site.with { site in
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let fence = try #require(try await site.giveSales(to: first))
            #expect(try await site.giveSales(to: second) == nil, "the first lives")
            try await site.silence(first)
            let later = try #require(try await site.giveSales(to: second))
            #expect(later > fence, "every holder has a greater fence")
            #expect(try await site.fence(of: first) == nil)
        }
    }

    @Test func oneThatRetiredFreesItsLeasesAndCannotSayThatItLives() async throws {
        try await Site.with { site in
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let fence = try #require(try await site.giveSales(to: first))
            try await site.store.leases.retire(first)
            do {
                _ = try await site.store.leases.renew(first, lease: .seconds(3600))
                Issue.record("a retired engine lives again")
            } catch StoreError.engineReplaced {}
            #expect(try await site.store.leases.picture().engines.filter(\.isLive).map(\.uuid) == [second])
            #expect(try #require(try await site.giveSales(to: second)) > fence, "nobody waits for it")
            let again = try await site.engine("first")
            #expect(
                try await site.store.leases.renew(again, lease: .seconds(3600)).isEmpty,
                "another start is another holder")
        }
    }

    @Test func oneThatIsOnlySilentByAnothersClockLosesItsLeasesAndMayComeBack() async throws {
        try await Site.with { site in
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let fence = try #require(try await site.giveSales(to: first))
            let word = try #require(try await site.store.leases.picture().engines.first { $0.uuid == first }?.heldUntil)
            #expect(try await site.fence(of: first) == fence, "it says again that it lives")
            #expect(try await !site.store.leases.end(first, heldUntil: word), "that was not its last word")
            #expect(try await site.giveSales(to: second) == nil)

            let last = try #require(try await site.store.leases.picture().engines.first { $0.uuid == first }?.heldUntil)
            #expect(last != word)
            #expect(try await site.store.leases.end(first, heldUntil: last))
            #expect(try #require(try await site.giveSales(to: second)) > fence)
            #expect(
                try await site.store.leases.renew(first, lease: .seconds(60)).isEmpty, "it is there, and has nothing")
        }
    }

    @Test func callsAreCountedByEngineAndByTheWayTheyGo() async throws {
        try await Site.with(plan: { $0.trunkName = "north" }) { site in
            try await site.addContacts(5)
            let first = try await site.engine("first")
            let fence = try #require(try await site.giveSales(to: first))
            let calls = try await site.claim(3, fence: fence, engine: "first")
            #expect(try await site.store.leases.picture().calls.isEmpty, "nobody is there to share with")
            _ = try await site.engine("second")
            let pbx = try #require(calls[0].pbx)
            #expect(
                try await site.store.leases.picture().calls
                    == [LeaseCalls(engine: first, pbx: pbx, trunk: "north", count: 3)])
        }
    }

    @Test func onlyTheHolderClaimsReservesAndDialsReserved() async throws {
        try await Site.with(plan: { $0.dialMode = .preview }) { site in
            try await site.addContacts(10)
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let old = try #require(try await site.giveSales(to: first))
            #expect(try await site.claim(2, fence: old, engine: "first").map(\.fence) == [old, old])
            try await site.silence(first)
            let new = try #require(try await site.giveSales(to: second))

            var request = site.request()
            request.lease = LeaseTicket(fence: old, engine: "first")
            let stale = request
            await Self.expectLost { _ = try await site.store.claims.claim(stale) }
            await Self.expectLost {
                _ = try await site.store.claims.reserve(stale, target: nil, until: Site.start + .seconds(60))
            }
            request.lease = LeaseTicket(fence: new, engine: "second")
            let entry = try #require(
                try await site.store.claims.reserve(request, target: nil, until: Site.start + .seconds(60)).entry)
            await Self.expectLost { _ = try await site.store.claims.dialReserved(stale, entry: entry.uuid) }
            let dialed = try await site.store.claims.dialReserved(request, entry: entry.uuid).dialings
            #expect(dialed.map(\.fence) == [new])
            #expect(try await site.integer("SELECT count(*) FROM dialing") == 3)
        }
    }

    @Test func callsInProgressGoToTheNewHolderAndTheirResultsToo() async throws {
        try await Site.with { site in
            try await site.addContacts(3)
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let old = try #require(try await site.giveSales(to: first))
            let calls = try await site.claim(3, fence: old, engine: "first")
            let before = LeaseHolder(engine: "first", fences: [old])
            #expect(try await site.store.results.finish([Site.finished(calls[0], at: 5)], by: before) == 1)

            try await site.silence(first)
            let new = try #require(try await site.giveSales(to: second))
            let open = try await site.store.dialings.open(fences: [new])
            #expect(open.map(\.uuid) == calls.dropFirst().map(\.uuid))
            #expect(open.map(\.fence) == [new, new])

            let late = calls.dropFirst().map { Site.finished($0, at: 6, line: "{\"by\":\"first\"}") }
            #expect(try await site.store.results.finish(late, by: before) == 0, "the results are the second's to make")
            let after = LeaseHolder(engine: "second", fences: [new])
            let theirs = calls.dropFirst().map { Site.finished($0, at: 7, line: "{\"by\":\"second\"}") }
            #expect(try await site.store.results.finish(theirs, by: after) == 2)
            #expect(try await site.integer("SELECT count(*) FROM dialing") == 0)

            let first1 = ResultReader(engine: "first", isFirst: true)
            let lines1 = try await site.store.results.pending(after: 0, limit: 10, for: first1)
            let lines2 = try await site.store.results.pending(
                after: 0, limit: 10, for: ResultReader(engine: "second", isFirst: false))
            #expect(lines1.map(\.sequence) == [1, 2, 3] && lines2.map(\.sequence) == [1, 2, 3])
            #expect(lines1.map { !$0.line.isEmpty } == [true, false, false])
            #expect(lines2.map { !$0.line.isEmpty } == [false, true, true])
        }
    }

    @Test func aLeaseIsHandedOverWithItsCallsAndStaysWhenTheSuccessorIsGone() async throws {
        try await Site.with { site in
            try await site.addContacts(3)
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let fence = try #require(try await site.giveSales(to: first))
            let call = try await site.claim(1, fence: fence, engine: "first")[0]
            let move = LeaseMove(key: Site.salesKey, fence: fence, engine: second)
            #expect(try await site.store.leases.nameSuccessors([move]) == 1)
            #expect(try await site.store.leases.nameSuccessors([move]) == 0, "it was asked for already")
            let lease = try #require(
                try await site.store.leases.renew(first, lease: .seconds(60)).first { $0.key == Site.salesKey })
            #expect(lease.successor == second)
            try await site.silence(second)
            #expect(try await site.store.leases.handOver([lease]) == [Site.salesKey])
            #expect(try await site.fence(of: first) == fence)

            let third = try await site.engine("third")
            let again = LeaseMove(key: Site.salesKey, fence: fence, engine: third)
            #expect(try await site.store.leases.nameSuccessors([again]) == 1)
            #expect(try await site.store.leases.handOver([lease]).isEmpty)
            #expect(try await site.fence(of: first) == nil)
            let new = try #require(try await site.fence(of: third))
            #expect(try await site.store.dialings.open(fences: [new]).map(\.uuid) == [call.uuid])
        }
    }

    @Test func aRestartedEngineIsAnotherHolderAndTheOldStartLearnsOfIt() async throws {
        try await Site.with { site in
            let old = UUID()
            #expect(try await site.store.leases.register("first", old, lease: .seconds(3600)))
            #expect(try await !site.store.leases.register("other", UUID(), lease: .seconds(3600)))
            let fence = try #require(try await site.giveSales(to: old))
            let new = UUID()
            #expect(try await site.store.leases.register("first", new, lease: .seconds(3600)))
            do throws(StoreError) {
                _ = try await site.store.leases.renew(old, lease: .seconds(10))
                Issue.record("a start that is over renewed its leases")
            } catch {
                guard case .engineReplaced = error else {
                    Issue.record("\(error)")
                    return
                }
            }
            let later = try #require(try await site.giveSales(to: new), "what the old start held is free at once")
            #expect(later > fence)
        }
    }

    @Test func aLeaseUnderWhichThereIsNothingIsForgottenAndOneWithCallsIsNot() async throws {
        try await Site.with { site in
            try await site.addContacts(1)
            let engine = try await site.engine("first")
            let fence = try #require(try await site.giveSales(to: engine))
            let call = try await site.claim(1, fence: fence, engine: "first")[0]
            try await site.client.execute("UPDATE campaign SET status = 0")
            let holder = LeaseHolder(engine: "first", fences: [fence])
            let need = try await site.store.leases.picture().needs.first { $0.key == Site.salesKey }
            #expect(need?.campaigns == 0 && need?.isUsed == true)
            try await site.store.leases.drop([Site.salesKey], of: engine)
            #expect(try await site.fence(of: engine) == fence)
            #expect(try await site.store.results.finish([Site.finished(call, at: 1)], by: holder) == 1)
            try await site.store.leases.drop([Site.salesKey], of: engine)
            #expect(try await site.fence(of: engine) == nil)
        }
    }

    @Test(
        arguments: [
            ("Queue", "sales,tT,,,30", nil, "queue:sales"), ("QUEUE", "sales", nil, "queue:sales"),
            ("queue", "", nil, nil),
            ("park", "sales", nil, nil), (nil, nil, "sales", "queue:sales"), (nil, nil, "", nil), (nil, nil, nil, nil),
        ] as [(String?, String?, String?, String?)])
    func campaignsOfOneQueueAreUnderOneLease(
        application: String?, data: String?, queue: String?, key: String?
    ) async throws {
        try await Site.with { site in
            var destination = Destination(uuid: UUID())
            destination.kind = application == nil ? .extension : .application
            destination.application = application
            destination.data = data
            destination.queue = queue
            let stored = try await site.store.destinations.create(destination)
            var campaign = Campaign(uuid: UUID())
            campaign.destination = stored.uuid
            campaign = try await site.store.campaigns.create(campaign)
            let state = try #require(try await site.store.campaigns.state(campaign.uuid))
            #expect(state.leaseKey == key ?? "campaign:\(campaign.uuid.uuidString.lowercased())")
            let queueName = stored.queueName.flatMap { $0.isEmpty ? nil : $0 }
            #expect(
                state.leaseKey == queueName.map { "queue:\($0)" } ?? "campaign:\(campaign.uuid.uuidString.lowercased())"
            )
        }
    }

    private static func expectLost(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("a lease that is over was good", sourceLocation: sourceLocation)
        } catch StoreError.leaseLost {
        } catch {
            Issue.record("\(error)", sourceLocation: sourceLocation)
        }
    }
}
