import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// Random lists, weights, orders, histories and do-not-call lists, and campaigns that change: every claim and every reservation brings
/// whom the rule brings.
@Suite struct CampaignListRuleTests {
    @Test(arguments: UInt64(1)...24) func theDatabaseBringsWhomTheRuleBrings(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let delay = [0, 1, 30, 120].randomElement(using: &random) ?? 0
        let plan: (inout Plan) -> Void = {
            $0.maxTries = NumberSlots(repeating: 3)
            $0.retryDelay = delay
        }
        try await Site.with(plan: plan) { site in
            var lists: [ListRule.List] = []
            for place in 0..<4 { lists.append(try await Self.makeList(place, on: site, using: &random)) }
            let listed = (1...8).flatMap { index in (0..<9).map { "\(index)0\($0)" } }.filter { _ in
                Int.random(in: 0..<4, using: &random) == 0
            }
            for number in listed {
                _ = try await site.store.doNotCall.add(number, reason: nil, expiresAt: nil, now: Site.start)
            }
            var rule = ListRule(
                plan: site.plan, lists: lists, shares: [], mode: .sequence, doNotCall: Set(listed))
            var campaign = site.campaign
            var claimed = 0
            var met: Set<UUID> = []
            for turn in 0..<14 {
                if turn == 0 || Int.random(in: 0..<3, using: &random) == 0 {
                    rule.shares = Self.randomShares(of: lists.map(\.uuid), using: &random)
                    rule.mode = Int.random(in: 0..<3, using: &random) == 0 ? .sequence : .mixed
                    campaign = try await Self.change(campaign, to: rule, on: site)
                }
                let seconds = turn * 40
                let isPreview = Int.random(in: 0..<5, using: &random) == 0
                let count = isPreview ? 1 : Int.random(in: 1...12, using: &random)
                let expected = rule.claim(count, at: Site.start + .seconds(seconds))
                let claim =
                    isPreview
                    ? try await Self.preview(campaign, at: seconds, on: site)
                    : try await site.store.claims.claim(
                        site.request(count: count, at: seconds, campaign: campaign))
                let contacts = expected.dialed.map { rule.lists[$0.list].contacts[$0.contact].entry }
                #expect(
                    claim.dialings.map(\.entry) == contacts.map(\.uuid), "seed \(seed), turn \(turn): wrong contacts")
                #expect(claim.dialings.map(\.dlma) == contacts.map(\.dlma))
                #expect(claim.dialings.map(\.snapshot.dlma.uuid) == contacts.map(\.dlma))
                #expect(claim.dialings.map(\.dialIndex) == expected.dialed.map(\.number))
                #expect(claim.blocked == expected.blocked, "seed \(seed), turn \(turn): wrong numbers blocked")
                guard claim.dialings.map(\.entry) == contacts.map(\.uuid) else { return }
                claimed += claim.dialings.count
                met.formUnion(contacts.map(\.dlma))
                for contact in expected.dialed {
                    rule.lists[contact.list].contacts[contact.contact].entry.status = .dialing
                    rule.lists[contact.list].contacts[contact.contact].entry.tries[contact.number] += 1
                }
                try await Self.expectOutlook(rule, campaign, on: site)
                for (contact, dialing) in zip(expected.dialed, claim.dialings) {
                    let result = [3, 4, 5, 8].randomElement(using: &random) ?? 3
                    let end = seconds + Int.random(in: 1...35, using: &random)
                    try await site.finish([dialing], at: end, dialResult: result)
                    rule.lists[contact.list].contacts[contact.contact].entry.status = .idle
                    rule.lists[contact.list].contacts[contact.contact].entry.dialResult = result
                    rule.lists[contact.list].contacts[contact.contact].entry.lastHangupAt = Site.start + .seconds(end)
                }
                try await Self.expectOutlook(rule, campaign, on: site)
            }
            #expect(claimed > 10, "seed \(seed) dials hardly anybody")
            #expect(met.count > 1, "seed \(seed) dials one list alone")
        }
    }

    private static func makeList(
        _ place: Int, on site: Site, using random: inout SeededGenerator
    ) async throws -> ListRule.List {
        var dlma = DialListMaster(uuid: UUID())
        dlma.order = ContactOrder.allCases.randomElement(using: &random) ?? .leastTried
        dlma.orderSeed = place
        dlma = try await site.store.dlmas.create(dlma)
        var contacts: [ClaimRule.Contact] = []
        // A list may be short, or empty.
        for index in 0..<Int.random(in: 0...14, using: &random) {
            var entry = ClaimRuleTests.randomEntry(of: dlma.uuid, triesFrom: 0, using: &random)
            for slot in NumberSlots<Int>.indexes where entry.numbers[slot] != nil {
                entry.numbers[slot] = "\(slot)0\(Int.random(in: 0..<9, using: &random))"
            }
            try await ClaimRuleTests.insert(entry, into: site)
            let rank = try await ClaimRuleTests.rank(of: entry.uuid, seed: place, site)
            contacts.append(ClaimRule.Contact(entry: entry, place: index, rank: rank))
        }
        // The rows were written past the store, which would have placed them.
        try await site.client.query("SELECT request_rearrangement(\(dlma.uuid))")
        while try await site.store.dlmas.rearrange() {}
        return ListRule.List(uuid: dlma.uuid, order: dlma.order, contacts: contacts)
    }

    private static func randomShares(of lists: [UUID], using random: inout SeededGenerator) -> [ListShare] {
        let chosen = lists.shuffled(using: &random).prefix(Int.random(in: 1...lists.count, using: &random))
        return chosen.map { ListShare(dlma: $0, weight: [1, 1, 2, 3, 7, 100].randomElement(using: &random) ?? 1) }
    }

    private static func change(_ campaign: Campaign, to rule: ListRule, on site: Site) async throws -> Campaign {
        try await site.store.campaigns.update(campaign.uuid) {
            $0.dlma = nil
            $0.lists = rule.shares
            $0.listMode = rule.mode
        }
    }

    /// Reserves the next contact for an agent, and dials it.
    private static func preview(_ campaign: Campaign, at seconds: Int, on site: Site) async throws -> Claim {
        let request = site.request(at: seconds, campaign: campaign)
        let reservation = try await site.store.claims.reserve(
            request, target: "agent", until: request.now + .seconds(60))
        var claim = Claim(blocked: reservation.blocked)
        guard let entry = reservation.entry else { return claim }
        claim.dialings = try await site.store.claims.dialReserved(request, entry: entry.uuid).dialings
        return claim
    }

    private static func expectOutlook(_ rule: ListRule, _ campaign: Campaign, on site: Site) async throws {
        let expected = rule.outlook()
        let outlook = try await site.store.claims.outlook(
            campaign: campaign.uuid, plan: site.plan.uuid, lists: campaign.dialedLists)
        #expect(outlook == ListOutlook(hasOpenContacts: expected.isOpen, nextDue: expected.nextDue))
    }

    /// However many are claimed at once, each list has its share, to the contact, as long as all have somebody.
    @Test(arguments: UInt64(1)...6) func sharesAreAsTheWeightsAre(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let weights =
            seed == 1
            ? [3, 1] : (0..<Int.random(in: 2...5, using: &random)).map { _ in Int.random(in: 1...9, using: &random) }
        try await Site.with { site in
            var shares: [ListShare] = []
            for weight in weights {
                let dlma = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
                try await site.addContacts(400, to: dlma.uuid)
                shares.append(ListShare(dlma: dlma.uuid, weight: weight))
            }
            let campaign = try await site.store.campaigns.update(site.campaign.uuid) { [shares] in
                $0.dlma = nil
                $0.lists = shares
                $0.listMode = .mixed
            }
            var counts: [UUID: Int] = [:]
            var total = 0
            while total < 300 {
                let count = Int.random(in: 1...17, using: &random)
                let dialings = try await site.claim(count, campaign: campaign)
                #expect(dialings.count == count)
                for dialing in dialings {
                    counts[dialing.dlma, default: 0] += 1
                    total += 1
                    // At every moment, also in the middle of a claim: half a turn, and what the others' half turns make of it.
                    for share in shares {
                        let part = Double(share.weight) / Double(weights.reduce(0, +))
                        let difference = Double(counts[share.dlma] ?? 0) - Double(total) * part
                        #expect(abs(difference) <= 0.51 + part * Double(weights.count) / 2)
                    }
                }
            }
        }
    }
}
