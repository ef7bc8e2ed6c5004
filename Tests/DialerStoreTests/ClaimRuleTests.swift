import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// Random lists, limits and histories: every claim brings whom the rule picks, with the number and the try it names, in its order.
@Suite struct ClaimRuleTests {
    @Test(arguments: UInt64(1)...20) func theDatabasePicksWhomTheRulePicks(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        // Tries of 62 and more share one stage of the index, so half the lists live around that number.
        let base = Bool.random(using: &random) ? 0 : 60
        var limits = NumberSlots(repeating: 0)
        for index in NumberSlots<Int>.indexes where Int.random(in: 0..<4, using: &random) > 0 {
            limits[index] = base + Int.random(in: 1...5, using: &random)
        }
        let delay = [0, 1, 30, 120].randomElement(using: &random) ?? 0
        let plan: (inout Plan) -> Void = { [limits] in
            $0.maxTries = limits
            $0.retryDelay = delay
        }
        // Each order several times.
        let order = ContactOrder.allCases[Int(seed) % ContactOrder.allCases.count]
        let orderSeed = Int.random(in: 0...Int(Int32.max), using: &random)
        try await Site.with(plan: plan) { site in
            let rule = ClaimRule(plan: site.plan, order: order)
            var contacts: [ClaimRule.Contact] = []
            for place in 0..<40 {
                let entry = Self.randomEntry(of: site.dlma.uuid, triesFrom: base, using: &random)
                try await Self.insert(entry, into: site)
                contacts.append(ClaimRule.Contact(entry: entry, place: place))
            }
            _ = try await site.store.dlmas.update(site.dlma.uuid) {
                $0.order = order
                $0.orderSeed = orderSeed
            }
            while try await site.store.dlmas.rearrange() {}
            for index in contacts.indices {
                contacts[index].rank = try await Self.rank(of: contacts[index].entry.uuid, seed: orderSeed, site)
            }
            var claimed = 0
            for turn in 0..<12 {
                let seconds = turn * 40
                let now = Site.start + .seconds(seconds)
                let count = Int.random(in: 1...25, using: &random)
                let expected = rule.pick(count, of: contacts, at: now)
                let dialings = try await site.claim(count, at: seconds)
                #expect(
                    dialings.map(\.entry) == expected.map(\.entry.uuid), "seed \(seed), turn \(turn): wrong contacts")
                #expect(dialings.map(\.dialIndex) == expected.compactMap { rule.number(of: $0.entry) })
                #expect(dialings.map(\.dialTry) == expected.compactMap(Self.nextTry(by: rule)))
                claimed += dialings.count
                try await self.expectOutlook(rule, &contacts, while: dialings, on: site)
                for dialing in dialings {
                    let result = [3, 4, 5, 8].randomElement(using: &random) ?? 3
                    let end = seconds + Int.random(in: 1...35, using: &random)
                    try await site.finish([dialing], at: end, dialResult: result)
                    let place = try #require(contacts.firstIndex { $0.entry.uuid == dialing.entry })
                    contacts[place].entry.status = .idle
                    contacts[place].entry.dialResult = result
                    contacts[place].entry.lastHangupAt = Site.start + .seconds(end)
                }
                try await self.expectOutlook(rule, &contacts, while: [], on: site)
            }
            #expect(claimed > 0, "seed \(seed) makes a list nobody of which is ever dialed")
        }
    }

    /// As the documentation gives it, worked out from the sum's text.
    static func rank(of contact: UUID, seed: Int, _ site: Site) async throws -> Int64 {
        let sum = try await site.client.query("SELECT md5(\("\(seed):\(contact.wire)")::text)")[0].decode(
            String.self, at: 0)
        return Int64(bitPattern: try #require(UInt64(sum.prefix(16), radix: 16)))
    }

    private static func nextTry(by rule: ClaimRule) -> (ClaimRule.Contact) -> Int? {
        { contact in rule.number(of: contact.entry).map { contact.entry.tries[$0] + 1 } }
    }

    /// Marks the claimed ones in the model, and compares what both say of the list.
    private func expectOutlook(
        _ rule: ClaimRule, _ contacts: inout [ClaimRule.Contact], while dialings: [Dialing], on site: Site
    ) async throws {
        for dialing in dialings {
            let place = try #require(contacts.firstIndex { $0.entry.uuid == dialing.entry })
            contacts[place].entry.status = .dialing
            contacts[place].entry.tries[dialing.dialIndex] += 1
        }
        let expected = rule.outlook(of: contacts)
        let outlook = try await site.store.claims.outlook(
            campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
        #expect(outlook == ListOutlook(hasOpenContacts: expected.isOpen, nextDue: expected.nextDue))
    }

    static func randomEntry(
        of dlma: UUID, triesFrom base: Int, using random: inout SeededGenerator
    ) -> DialListEntry {
        var entry = DialListEntry(uuid: UUID(), dlma: dlma)
        for index in NumberSlots<Int>.indexes {
            if Int.random(in: 0..<3, using: &random) == 0 { entry.numbers[index] = "\(index)00" }
            entry.tries[index] = Bool.random(using: &random) ? 0 : base + Int.random(in: 0...4, using: &random)
        }
        entry.inUse = Int.random(in: 0..<10, using: &random) > 0
        entry.status =
            [.idle, .idle, .idle, .idle, .idle, .idle, .dialing, .reserved].randomElement(using: &random) ?? .idle
        entry.priority = Int.random(in: 0...9, using: &random) / 3
        entry.dialResult = [0, 3, 4, 5].randomElement(using: &random) ?? 0
        if Bool.random(using: &random) {
            // Many at the same instant, so that the order of creation has to decide.
            entry.lastHangupAt = Site.start + .seconds(-20 * Int.random(in: 0...6, using: &random))
        }
        return entry
    }

    static func insert(_ entry: DialListEntry, into site: Site) async throws {
        let numbers = NumberSlots<Int>.indexes.map { entry.numbers[$0] ?? "" }
        let tries = NumberSlots<Int>.indexes.map { entry.tries[$0] }
        try await site.client.execute(
            """
            INSERT INTO dial_list_entry (
                uuid, dlma_uuid, in_use, status, res_dial, priority, tm_last_hangup,
                number_1, number_2, number_3, number_4, number_5, number_6, number_7, number_8,
                trycnt_1, trycnt_2, trycnt_3, trycnt_4, trycnt_5, trycnt_6, trycnt_7, trycnt_8
            )
            SELECT \(entry.uuid), \(entry.dlma), \(entry.inUse), \(entry.status.rawValue), \(entry.dialResult),
                \(entry.priority), \(entry.lastHangupAt.map { PostgresTimestamp(microseconds: $0.microseconds) })::timestamptz,
                nullif(n[1], ''), nullif(n[2], ''), nullif(n[3], ''), nullif(n[4], ''),
                nullif(n[5], ''), nullif(n[6], ''), nullif(n[7], ''), nullif(n[8], ''),
                t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]
            FROM (SELECT \(numbers)::text[], \(tries)::integer[]) AS given (n, t)
            """
        )
    }
}
