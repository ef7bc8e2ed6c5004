import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct ListJobTests {
    /// A list with one contact for each way a call ended, one that was never called, and one being dialed.
    private struct Worn {
        /// The contact whose last call had this result; nil for the one never called, -1 for the one being dialed.
        var contacts: [Int?: UUID] = [:]
        var open: [Dialing] = []
    }

    private static let results = [0, 3, 4, 5, 8, 7]

    private func wear(_ site: Site) async throws -> Worn {
        var worn = Worn()
        for (place, result) in Self.results.enumerated() {
            let contact = try await site.addContact("30\(place)")
            worn.contacts[result] = contact.uuid
            try await site.finish(try await site.claim(1, at: place), at: place, dialResult: result)
        }
        worn.contacts[-1] = try await site.addContact("310").uuid
        worn.open = try await site.claim(1, at: 20)
        worn.contacts[nil] = try await site.addContact("320").uuid
        return worn
    }

    /// Does a job as far as it goes.
    private func finish(_ job: ListJob, _ site: Site, size: Int = 3) async throws -> ListJob {
        var job = job
        while let step = try await site.store.listJobs.step(job.uuid, size: size) {
            job = step.job
            if step.isHeldUp { break }
        }
        return job
    }

    private func make(
        _ kind: ListJobKind, _ site: Site, _ change: (inout ListJobFilter) -> Void = { _ in }
    ) async throws -> ListJob {
        var filter = ListJobFilter()
        change(&filter)
        return try await site.store.listJobs.create(UUID(), kind, of: site.dlma.uuid, filter)
    }

    private func tries(_ uuid: UUID?, _ site: Site) async throws -> Int {
        let uuid = try #require(uuid)
        return try #require(try await site.store.dls.find(uuid)).tries[1]
    }

    // MARK: Recycling

    @Test(arguments: [
        ([5], false, [5]), ([3, 8], false, [3, 8]), ([], true, [0, 7]), ([3, 5, 8], true, [0, 3, 5, 8, 7]),
        ([4], false, [4]),
    ])
    func onlyTheNamedResultsAreRecycled(results: [Int], isFailedNamed: Bool, taken: [Int]) async throws {
        try await Site.with { site in
            let worn = try await self.wear(site)
            let job = try await self.finish(
                try await self.make(.recycle(isWhole: false), site) {
                    $0.dialResults = results
                    $0.takesFailed = isFailedNamed
                }, site)
            #expect(job.changed == taken.count)
            #expect(job.total == 8 && job.seen == 8)
            for result in Self.results {
                let isTaken = taken.contains(result)
                let uuid = try #require(worn.contacts[result])
                let contact = try #require(try await site.store.dls.find(uuid))
                #expect(contact.tries[1] == (isTaken ? 0 : 1), "\(result)")
                // What is known of the last call stays, but for an answer.
                #expect(contact.dialResult == (isTaken && result == 4 ? 0 : result), "\(result)")
                #expect(contact.lastHangupAt != nil)
            }
            #expect(try await self.tries(worn.contacts[-1], site) == 1)
        }
    }

    /// Half an hour after the last calls all of them are due; within the retry delay only those are that were forgotten as a whole.
    @Test(arguments: [false, true]) func aRecycledContactIsDueByWhatWasForgotten(isWhole: Bool) async throws {
        try await Site.with(plan: {
            $0.retryDelay = 600
            $0.maxTries[1] = 1
        }) { site in
            for number in ["300", "301"] { try await site.addContact(number) }
            let first = try await site.claim(2, at: 0)
            try await site.finish(first, at: 10, dialResult: 5)
            #expect(try await site.claim(2, at: 5_000).isEmpty)
            let job = try await self.finish(
                try await self.make(.recycle(isWhole: isWhole), site) { $0.dialResults = [5] }, site)
            #expect(job.status == .done && job.changed == 2)
            let contact = try #require(try await site.store.dls.find(first[0].entry))
            #expect((contact.lastHangupAt == nil) == isWhole)
            #expect((contact.lastDialAt == nil) == isWhole)
            #expect(contact.dialResult == (isWhole ? 0 : 5))
            #expect(try await site.claim(2, at: 100).count == (isWhole ? 2 : 0))
            #expect(try await site.claim(2, at: 700).count == (isWhole ? 0 : 2))
        }
    }

    @Test func triesAndTimeOfTheLastCallChooseToo() async throws {
        try await Site.with { site in
            for place in 0..<6 {
                try await site.addContact("30\(place)")
                try await site.finish(try await site.claim(1, at: place * 10), at: place * 10)
            }
            let untouched = try await site.addContact("310")
            var job = try await self.finish(
                try await self.make(.recycle(isWhole: false), site) {
                    $0.since = Site.start + .seconds(10)
                    $0.until = Site.start + .seconds(40)
                }, site)
            #expect(job.changed == 3)
            job = try await self.finish(try await self.make(.delete, site) { $0.isTried = false }, site)
            // The recycled ones have no try any more.
            #expect(job.changed == 4)
            #expect(try await site.store.dls.find(untouched.uuid) == nil)
            job = try await self.finish(try await self.make(.delete, site) { $0.statuses = [2] }, site)
            #expect(job.changed == 0)
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == 3)
        }
    }

    // MARK: Who is in a call

    @Test func aContactInACallIsMovedWhenItHasEnded() async throws {
        try await Site.with { site in
            let worn = try await self.wear(site)
            let target = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            var job = try await self.finish(try await self.make(.move(to: target.uuid), site), site)
            #expect(job.status == .running && job.waiting == 1 && job.changed == 7 && job.seen == 8)
            let dialed = try #require(worn.contacts[-1])
            #expect(try await site.store.dls.find(dialed)?.dlma == site.dlma.uuid)
            #expect(try await site.store.listJobs.step(job.uuid)?.isHeldUp == true)

            try await site.finish(worn.open, at: 30, dialResult: 5)
            job = try await self.finish(job, site)
            #expect(job.status == .done && job.waiting == 0 && job.changed == 8)
            let moved = try #require(try await site.store.dls.find(dialed))
            #expect(moved.dlma == target.uuid && moved.tries[1] == 1 && moved.dialResult == 5 && moved.inUse)
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest()).items.isEmpty)
            #expect(try await site.store.dls.page(dlma: target.uuid, PageRequest()).items.count == 8)
            // The call was one of the list it began on.
            #expect(
                try await site.integer("SELECT count(*) FROM dialing_result WHERE dlma = \(site.dlma.uuid)") == 7)
        }
    }

    /// When its call was answered meanwhile, a contact that was to be recycled as busy is so no more.
    @Test func whoWaitedIsJudgedByHowTheCallEnded() async throws {
        try await Site.with(plan: { $0.retryDelay = 0 }) { site in
            for number in ["300", "301"] { try await site.addContact(number) }
            try await site.finish(try await site.claim(2, at: 0), at: 1, dialResult: 5)
            let open = try await site.claim(2, at: 10)
            var job = try await self.make(.recycle(isWhole: false), site) { $0.dialResults = [5] }
            job = try await self.finish(job, site)
            #expect(job.waiting == 2 && job.changed == 0)
            try await site.finish([open[0]], at: 20, dialResult: 4)
            try await site.finish([open[1]], at: 20, dialResult: 5)
            job = try await self.finish(job, site)
            #expect(job.status == .done && job.changed == 1)
            #expect(try await site.store.dls.find(open[0].entry)?.tries[1] == 2)
            #expect(try await site.store.dls.find(open[1].entry)?.tries[1] == 0)
        }
    }

    @Test func aContactAnAgentLooksAtWaitsAndIsDeletedAllTheSame() async throws {
        try await Site.with { site in
            try await site.addContact("300")
            let until = Site.start + .seconds(60)
            let shown = try #require(
                try await site.store.claims.reserve(site.request(at: 0), target: "agent", until: until).entry)
            let target = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            var job = try await self.finish(try await self.make(.move(to: target.uuid), site), site)
            #expect(job.status == .running && job.waiting == 1)
            #expect(try await site.store.claims.release(entry: shown.uuid, campaign: site.campaign.uuid))
            job = try await self.finish(job, site)
            #expect(job.status == .done && job.changed == 1)

            _ = try await site.store.dls.update(shown.uuid) { $0.dlma = site.dlma.uuid }
            _ = try await site.store.claims.reserve(site.request(at: 100), target: "agent", until: until)
            job = try await self.finish(try await self.make(.delete, site), site)
            #expect(job.status == .done && job.changed == 1)
        }
    }

    // MARK: Making, ending, going on

    @Test func aListHasOneJobAtATime() async throws {
        try await Site.with { site in
            try await site.addContacts(10)
            let job = try await self.make(.delete, site)
            let error = await storeError { () throws(StoreError) in
                _ = try await site.store.listJobs.create(UUID(), .recycle(isWhole: true), of: site.dlma.uuid)
            }
            guard case .jobInProgress("delete", list: site.dlma.uuid, job: job.uuid) = error else {
                Issue.record("got \(String(describing: error))")
                return
            }
            #expect(try await self.finish(job, site, size: 100).status == .done)
            #expect(try await site.store.listJobs.step(job.uuid) == nil)
            _ = try await self.make(.recycle(isWhole: true), site)
            #expect(try await site.store.listJobs.page(PageRequest()).items.count == 2)
        }
    }

    @Test func aJobNeedsItsLists() async throws {
        try await Site.with { site in
            let nobody = UUID()
            let jobs = site.store.listJobs
            let noList = await storeError { () throws(StoreError) in
                _ = try await jobs.create(UUID(), .delete, of: nobody)
            }
            guard case .notFound(.dlma, nobody) = noList else {
                Issue.record("got \(String(describing: noList))")
                return
            }
            let noTarget = await storeError { () throws(StoreError) in
                _ = try await jobs.create(UUID(), .move(to: nobody), of: site.dlma.uuid)
            }
            guard case .danglingReference(field: "target", .dlma, nobody) = noTarget else {
                Issue.record("got \(String(describing: noTarget))")
                return
            }
            let same = await storeError { () throws(StoreError) in
                _ = try await jobs.create(UUID(), .move(to: site.dlma.uuid), of: site.dlma.uuid)
            }
            #expect(same?.invalidField == "target")
        }
    }

    @Test func aCancelledJobStopsWhereItIs() async throws {
        try await Site.with { site in
            try await site.addContacts(50)
            let job = try await self.make(.delete, site)
            #expect(try await site.store.listJobs.step(job.uuid, size: 20)?.job.changed == 20)
            #expect(try await site.store.listJobs.cancel(job.uuid))
            #expect(try await site.store.listJobs.step(job.uuid, size: 20) == nil)
            #expect(try await !site.store.listJobs.cancel(job.uuid))
            let ended = try #require(try await site.store.listJobs.find(job.uuid))
            #expect(ended.status == .cancelled && ended.changed == 20 && ended.endedAt != nil)
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == 30)
            #expect(try await site.store.listJobs.open().isEmpty)
        }
    }

    /// A step that breaks off changes nothing, and what was committed before it is not done again: by another store, as after a crash.
    @Test func aJobGoesOnWhereItWasInterrupted() async throws {
        let database = try await TestDatabase.create()
        let (list, job) = try await database.withClient { client in
            let site = try await Site(client: client)
            try await site.addContacts(100)
            try await site.client.execute("UPDATE dial_list_entry SET trycnt_1 = 3")
            let job = try await self.make(.recycle(isWhole: false), site)
            _ = try await site.store.listJobs.step(job.uuid, size: 30)
            try await client.execute("CREATE TABLE changed (uuid uuid)")
            try await client.withConnection { connection in
                try await connection.script(
                    """
                    CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF (SELECT count(*) FROM changed) >= 10 THEN
                            PERFORM pg_terminate_backend(pg_backend_pid());
                        END IF;
                        INSERT INTO changed VALUES (NEW.uuid);
                        RETURN NULL;
                    END
                    $$;
                    CREATE TRIGGER break_off AFTER UPDATE ON dial_list_entry FOR EACH ROW EXECUTE FUNCTION break_off()
                    """
                )
            }
            let error = await storeError { () throws(StoreError) in
                _ = try await site.store.listJobs.step(job.uuid, size: 30)
            }
            guard case .unavailable = error else {
                Issue.record("got \(String(describing: error))")
                return (site.dlma.uuid, job)
            }
            return (site.dlma.uuid, job)
        }
        try await database.withClient { client in
            let store = DialerStore(client: client, logger: TestDatabase.logger)
            try await client.execute("DROP TRIGGER break_off ON dial_list_entry")
            #expect(try await client.query("SELECT count(*) FROM changed")[0].decode(Int.self, at: 0) == 0)
            #expect(try await store.listJobs.find(job.uuid)?.changed == 30)
            #expect(try await store.listCounts.counts(of: list).untouched == 30)
            #expect(try await store.listJobs.open() == [job.uuid])
            while try await store.listJobs.step(job.uuid, size: 30) != nil {}
            let ended = try #require(try await store.listJobs.find(job.uuid))
            #expect(ended.status == .done && ended.changed == 100 && ended.seen == 100)
            #expect(try await store.listCounts.counts(of: list).untouched == 100)
        }
    }

    @Test func aJobWhoseTargetIsDeletedFails() async throws {
        try await Site.with { site in
            try await site.addContacts(20)
            let target = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            let job = try await self.make(.move(to: target.uuid), site)
            #expect(try await site.store.listJobs.step(job.uuid, size: 5)?.job.changed == 5)
            _ = try await site.store.dlmas.delete(target.uuid, force: false, deleteEntries: true)
            let step = try #require(try await site.store.listJobs.step(job.uuid, size: 5))
            #expect(step.job.status == .failed && step.job.message?.contains("was deleted") == true)
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == 15)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == 15)
        }
    }

    @Test func jobsAreForgottenAfterAMonth() async throws {
        try await Site.with { site in
            let old = try await self.finish(try await self.make(.delete, site), site)
            let new = try await self.finish(try await self.make(.delete, site), site)
            #expect(old.status == .done && new.status == .done)
            try await site.client.execute(
                "UPDATE list_job SET tm_end = clock_timestamp() - interval '31 days' WHERE uuid = \(old.uuid)")
            try await site.store.listJobs.forget()
            #expect(try await site.store.listJobs.page(PageRequest()).items.map(\.uuid) == [new.uuid])
        }
    }
}
