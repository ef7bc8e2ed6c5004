import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What each order means, told by small lists, and that contacts get their places whichever way they come.
@Suite struct ContactOrderTests {
    /// Whom a claim of everybody due at `seconds` brings, by their numbers.
    private func numbers(_ site: Site, at seconds: Int = 0) async throws -> [String] {
        try await site.claim(100, at: seconds).compactMap(\.dialAddress)
    }

    private func order(_ order: ContactOrder, seed: Int = 0, _ site: Site) async throws {
        _ = try await site.store.dlmas.update(site.dlma.uuid) {
            $0.order = order
            $0.orderSeed = seed
        }
        while try await site.store.dlmas.rearrange() {}
    }

    /// Calls the first contact, in vain, and adds two more.
    private func callOne(_ site: Site) async throws {
        try await site.addContact("1")
        let first = try await site.claim()
        try await site.finish(first, at: 1)
        try await site.addContact("2")
        try await site.addContact("3")
    }

    @Test(arguments: [
        (ContactOrder.leastTried, ["2", "3", "1"]), (.upload, ["1", "2", "3"]), (.newest, ["3", "2", "1"]),
        (.priority, ["2", "3", "1"]),
    ])
    func aRetryHasItsTurn(_ order: ContactOrder, _ expected: [String]) async throws {
        try await Site.with { site in
            try await self.callOne(site)
            try await self.order(order, site)
            #expect(try await self.numbers(site, at: 100) == expected)
        }
    }

    /// Whatever the order, the plan's delay comes first.
    @Test(arguments: ContactOrder.allCases) func nobodyIsCalledBeforeTheDelayIsOver(_ order: ContactOrder) async throws
    {
        try await Site.with { site in
            try await self.callOne(site)
            try await self.order(order, site)
            #expect(Set(try await self.numbers(site, at: 60)) == ["2", "3"])
            #expect(try await self.numbers(site, at: 62) == ["1"])
        }
    }

    @Test func aHigherPriorityComesSoonerWhateverWasTried() async throws {
        try await Site.with { site in
            var contacts: [DialListEntry] = []
            for (number, priority) in [("1", 0), ("2", 9), ("3", 5), ("4", 9)] {
                var contact = DialListEntry(uuid: UUID(), dlma: site.dlma.uuid)
                contact.numbers[1] = number
                contact.priority = priority
                contacts.append(try await site.store.dls.create(contact))
            }
            // In a list of another order priorities mean nothing.
            #expect(try await site.claim(1).compactMap(\.dialAddress) == ["1"])
            try await self.order(.priority, site)
            let urgent = try await site.claim(1)
            #expect(urgent.compactMap(\.dialAddress) == ["2"])
            try await site.finish(urgent, at: 1)
            // A second call of priority 9 comes after the first of another one, and before everybody else.
            #expect(try await self.numbers(site, at: 100) == ["4", "2", "3"])
            let raised = try await site.store.dls.update(contacts[0].uuid) { $0.priority = 7 }
            #expect(raised.priority == 7)
        }
    }

    @Test func aSeedGivesItsOrderAgainAndAnotherOneAnother() async throws {
        try await Site.with(plan: { $0.retryDelay = 0 }) { site in
            for number in 100..<140 { try await site.addContact("\(number)") }
            var drawn: [[String]] = []
            for seed in [1, 2, 1] {
                try await self.order(.random, seed: seed, site)
                drawn.append(try await self.numbers(site))
                try await site.client.execute("DELETE FROM dialing")
                try await site.client.execute(
                    "UPDATE dial_list_entry SET status = 0, dialing_uuid = NULL, trycnt_1 = 0")
            }
            #expect(drawn[0] == drawn[2])
            #expect(drawn[0] != drawn[1])
            #expect(drawn[0] != drawn[0].sorted() && drawn[1] != drawn[1].sorted())
            #expect(Set(drawn[0]).count == 40)
            // Without chance the order of creation counts again.
            try await self.order(.upload, site)
            #expect(try await self.numbers(site) == (100..<140).map(String.init))
        }
    }

    /// Contacts whose place is not the one their list's order gives them.
    private func misplaced(_ site: Site) async throws -> Int {
        try await site.integer(
            """
            SELECT count(*) FROM dial_list_entry e JOIN dial_list_master l ON l.uuid = e.dlma_uuid
            WHERE e.in_use AND (e.uses_priority <> (l.dial_order = 'priority')
                OR e.rank IS DISTINCT FROM contact_rank(l.dial_order, l.order_seed, e.uuid))
            """
        )
    }

    @Test(arguments: [ContactOrder.random, .priority])
    func whoComesOneByOneOrFromAnotherListGetsAPlace(_ order: ContactOrder) async throws {
        try await Site.with { site in
            try await self.order(order, seed: 3, site)
            let created = try await site.addContact("1")
            #expect(try await self.misplaced(site) == 0)
            let other = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            _ = try await site.store.dls.update(created.uuid) { $0.dlma = other.uuid }
            #expect(try await self.misplaced(site) == 0)
            _ = try await site.store.dls.update(created.uuid) { $0.dlma = site.dlma.uuid }
            #expect(try await self.misplaced(site) == 0)
            let placed = try await site.integer(
                "SELECT count(*) FROM dial_list_entry WHERE rank IS NOT NULL OR uses_priority")
            #expect(placed == 1)
        }
    }

    /// A list of five thousand is brought into its order piece by piece, by whoever is there; one whose order changes again begins anew.
    @Test func rearrangingGoesOnWhereItWas() async throws {
        try await Site.with { site in
            try await site.addContacts(5_000)
            #expect(try await site.store.dlmas.rearrange() == false)
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.order = .random }
            // Nothing is done for it in the change itself.
            #expect(try await self.misplaced(site) == 5_000)
            #expect(try await site.store.dlmas.rearrange())
            let left = try await self.misplaced(site)
            #expect(left > 0 && left < 5_000)
            let successor = DialerStore(client: site.client, logger: TestDatabase.logger)
            #expect(try await successor.dlmas.rearrange())
            #expect(try await self.misplaced(site) < left)
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.orderSeed = 9 }
            #expect(try await self.misplaced(site) == 5_000)
            while try await successor.dlmas.rearrange() {}
            #expect(try await self.misplaced(site) == 0)
            // The seed of a list that is not random moves nobody.
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.order = .newest }
            while try await successor.dlmas.rearrange() {}
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.orderSeed = 10 }
            #expect(try await successor.dlmas.rearrange() == false)
            #expect(try await self.misplaced(site) == 0)
        }
    }

    @Test func aContactOthersHoldIsNotWaitedForAndNotForgotten() async throws {
        try await Site.with { site in
            for number in 1...20 { try await site.addContact("\(number)") }
            let held = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 20)).items[7].uuid
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.order = .random }
            try await site.client.withTransaction { transaction in
                try await transaction.query("SELECT 1 FROM dial_list_entry WHERE uuid = \(held) FOR UPDATE")
                while try await site.store.dlmas.rearrange() {}
                #expect(try await self.misplaced(site) == 1)
            }
            while try await site.store.dlmas.rearrange() {}
            #expect(try await self.misplaced(site) == 0)
        }
    }
}
