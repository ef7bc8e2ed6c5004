import DialerModel
import DialerStore
import Foundation
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Jobs beside claims and results.
@Suite struct ListJobRaceTests {
    /// Makes the database refuse what must never happen: that a contact in a call leaves its list.
    private func guardCalls(_ site: Site) async throws {
        try await site.client.withConnection { connection in
            try await connection.script(
                """
                CREATE FUNCTION guard_calls() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'a contact in a call is moved or deleted';
                END
                $$;
                CREATE TRIGGER guard_calls BEFORE UPDATE ON dial_list_entry FOR EACH ROW
                    WHEN (OLD.status = 1 AND (NEW.dlma_uuid <> OLD.dlma_uuid OR NEW.in_use <> OLD.in_use))
                    EXECUTE FUNCTION guard_calls()
                """
            )
        }
    }

    private func work(_ job: ListJob, _ site: Site) async throws -> ListJob {
        var job = job
        let isOver = try await eventually {
            if let step = try await site.store.listJobs.step(job.uuid, size: 25) { job = step.job }
            return job.status.isOver
        }
        #expect(isOver)
        return job
    }

    @Test func whileAListIsRecycledAndMovedEverybodyIsDialedOnceForATry() async throws {
        try await Site.with(maximumConnections: 12, plan: { $0.retryDelay = 0 }) { site in
            let count = 400
            try await site.addContacts(count)
            try await self.guardCalls(site)
            let target = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            let isDone = NIOLockedValueBox(false)
            let claimed = NIOLockedValueBox(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<3 {
                    group.addTask {
                        var turn = 0
                        while !isDone.withLockedValue({ $0 }) {
                            turn += 1
                            let dialings = try await site.claim(10, at: turn * 10)
                            #expect(Set(dialings.map(\.entry)).count == dialings.count)
                            claimed.withLockedValue { $0 += dialings.count }
                            try await site.finish(dialings, at: turn * 10 + 1, dialResult: worker == 0 ? 5 : 3)
                        }
                    }
                }
                var filter = ListJobFilter()
                filter.dialResults = [3, 5]
                for _ in 0..<3 {
                    let job = try await self.work(
                        try await site.store.listJobs.create(
                            UUID(), .recycle(isWhole: false), of: site.dlma.uuid, filter), site)
                    #expect(job.status == .done && job.seen == count)
                }
                let moved = try await self.work(
                    try await site.store.listJobs.create(UUID(), .move(to: target.uuid), of: site.dlma.uuid), site)
                #expect(moved.status == .done && moved.changed == count)
                isDone.withLockedValue { $0 = true }
                try await group.waitForAll()
            }
            #expect(try await site.store.dialings.open().isEmpty)
            let results = try await site.integer("SELECT count(*) FROM dialing_result")
            #expect(results == claimed.withLockedValue { $0 })
            #expect(try await site.store.listCounts.counts(of: target.uuid).total == count)
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == 0)
            #expect(try await ListCountTests.differences(site) == 0)
        }
    }

    /// When the deletion has answered, no call of the list is begun any more, though nearly all of its contacts are still there.
    @Test func nobodyOfADeletedListIsDialed() async throws {
        try await Site.with(maximumConnections: 12) { site in
            let count = ListJobRepository.smallList + 1_000
            try await site.addContacts(count)
            try await self.guardCalls(site)
            let isDone = NIOLockedValueBox(false)
            let before = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        while !isDone.withLockedValue({ $0 }) { _ = try await site.claim(5) }
                    }
                }
                let isDialing = try await eventually { try await site.integer("SELECT count(*) FROM dialing") > 50 }
                #expect(isDialing)
                _ = try await site.store.dlmas.delete(site.dlma.uuid, force: true, deleteEntries: true)
                let before = try await site.integer("SELECT count(*) FROM dialing")
                for _ in 0..<20 { #expect(try await site.claim(5).isEmpty) }
                isDone.withLockedValue { $0 = true }
                try await group.waitForAll()
                return before
            }
            #expect(try await site.integer("SELECT count(*) FROM dialing") == before)
            let job = try #require(try await site.store.listJobs.page(PageRequest()).items.first)
            // Nothing but the marking is done within the request.
            #expect(job.kind == .delete && job.status == .waiting && job.total == count && job.seen == 0)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == count)
            // For everybody they are gone all the same, and their deletion cannot be called off.
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest()).items.isEmpty)
            let open = try await site.store.dialings.open()
            let dialed = try #require(open.first?.entry)
            #expect(try await site.store.dls.find(dialed) == nil)
            #expect(try await !site.store.listJobs.cancel(job.uuid))

            while let step = try await site.store.listJobs.step(job.uuid), !step.isHeldUp {}
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == before)
            #expect(try await site.finish(open, at: 5) == before)
            #expect(try await self.work(job, site).changed == count)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == 0)
        }
    }

    @Test func deletingALongListLeavesItsContactsToAJob() async throws {
        try await Site.with { site in
            let count = 100_000
            try await site.addContacts(count)
            _ = try await site.store.dlmas.delete(site.dlma.uuid, force: true, deleteEntries: true)
            #expect(try await site.store.dlmas.find(site.dlma.uuid) == nil)
            let job = try #require(try await site.store.listJobs.page(PageRequest()).items.first)
            #expect(job.total == count && job.seen == 0 && job.startedAt == nil)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE tm_delete IS NOT NULL") == 0)
            for step in 1...3 {
                let done = try #require(try await site.store.listJobs.step(job.uuid))
                #expect(done.job.changed == step * ListJobRepository.stepSize && !done.isHeldUp)
            }
            let left = count - 3 * ListJobRepository.stepSize
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == left)
        }
    }

    @Test func aDeletedListTakesItsJobAlong() async throws {
        try await Site.with { site in
            try await site.addContacts(30)
            let job = try await site.store.listJobs.create(UUID(), .recycle(isWhole: true), of: site.dlma.uuid)
            _ = try await site.store.dlmas.delete(site.dlma.uuid, force: true, deleteEntries: true)
            let ended = try #require(try await site.store.listJobs.find(job.uuid))
            #expect(ended.status == .cancelled && ended.message == "the list was deleted")
            // A small list is deleted to its end at once.
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == 0)
            #expect(try await site.store.listJobs.open().isEmpty)
        }
    }

    /// Two desks on one job take turns, and no contact is counted twice.
    @Test func severalMayWorkOnOneJob() async throws {
        try await Site.with(maximumConnections: 8) { site in
            try await site.addContacts(500)
            let job = try await site.store.listJobs.create(UUID(), .delete, of: site.dlma.uuid)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while try await site.store.listJobs.find(job.uuid)?.status.isOver == false {
                            _ = try await site.store.listJobs.step(job.uuid, size: 20)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let ended = try #require(try await site.store.listJobs.find(job.uuid))
            #expect(ended.status == .done && ended.changed == 500 && ended.seen == 500)
        }
    }

    /// A step looks at as many contacts as it was told to, however long the list is and however much of it is behind.
    @Test(arguments: [true, false]) func aStepDoesNotScanTheList(isAnalyzed: Bool) async throws {
        for size in [4_000, 30_000] {
            try await Site.with { site in
                try await site.addContacts(size)
                try await site.client.execute("UPDATE dial_list_entry SET trycnt_1 = 1")
                if isAnalyzed { try await site.client.execute("VACUUM ANALYZE dial_list_entry") }
                let job = try await site.store.listJobs.create(UUID(), .recycle(isWhole: false), of: site.dlma.uuid)
                try await site.client.execute("UPDATE list_job SET place = \(size / 2) WHERE uuid = \(job.uuid)")
                let cost = try await site.client.withTransaction { transaction in
                    let counts: PostgresQuery =
                        """
                        SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'dial_list_entry'
                        """
                    let before = try await transaction.query(counts)[0].decode((Int, Int).self)
                    let changed = try await transaction.query(
                        "SELECT (o_job).contacts_changed FROM step_list_job(\(job.uuid), 500)")[0].decode(
                            Int.self, at: 0)
                    #expect(changed == 500)
                    let after = try await transaction.query(counts)[0].decode((Int, Int).self)
                    return (scans: after.0 - before.0, fetched: after.1 - before.1)
                }
                #expect(cost.scans == 0)
                // The walk, the lock, the look for those who were passed over, the change.
                #expect(cost.fetched <= 4 * 500 + 10)
            }
        }
    }
}
