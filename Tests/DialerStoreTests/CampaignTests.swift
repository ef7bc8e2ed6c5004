import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct CampaignTests {
    @Test func whatACampaignNamesMustExist() async throws {
        try await Site.with { site in
            let missing = UUID()
            let parts: [(String, ResourceKind, WritableKeyPath<Campaign, UUID?>)] = [
                ("plan", .plan, \.plan), ("dlma", .dlma, \.dlma), ("dest", .destination, \.destination),
                ("next_campaign", .campaign, \.nextCampaign),
            ]
            for (field, kind, path) in parts {
                var campaign = Campaign(uuid: UUID())
                campaign[keyPath: path] = missing
                let dangling = campaign
                let created = await storeError { () throws(StoreError) in
                    _ = try await site.store.campaigns.create(dangling)
                }
                guard case .danglingReference(field, kind, missing) = created else {
                    Issue.record("\(field): got \(String(describing: created))")
                    continue
                }
                let changed = dangling[keyPath: path]
                let updated = await storeError { () throws(StoreError) in
                    _ = try await site.store.campaigns.update(site.campaign.uuid) {
                        switch field {
                        case "plan": $0.plan = changed
                        case "dlma": $0.dlma = changed
                        case "dest": $0.destination = changed
                        default: $0.nextCampaign = changed
                        }
                    }
                }
                guard case .danglingReference(field, kind, missing) = updated else {
                    Issue.record("\(field): got \(String(describing: updated))")
                    continue
                }
            }
            let unchanged = try await site.store.campaigns.find(site.campaign.uuid)
            #expect(unchanged == site.campaign)
        }
    }

    @Test func whatACampaignNamesIsProtected() async throws {
        try await Site.with { site in
            let store = site.store
            let named = Reference(kind: .campaign, uuid: site.campaign.uuid, name: nil)
            let errors: [StoreError?] = [
                await storeError { () throws(StoreError) in
                    _ = try await store.plans.delete(site.plan.uuid, force: false)
                },
                await storeError { () throws(StoreError) in
                    _ = try await store.destinations.delete(site.destination.uuid, force: false)
                },
                await storeError { () throws(StoreError) in
                    _ = try await store.dlmas.delete(site.dlma.uuid, force: false, deleteEntries: true)
                },
            ]
            for error in errors {
                guard case .referenced(_, _, [named]) = error else {
                    Issue.record("got \(String(describing: error))")
                    continue
                }
            }
            #expect(!(try await store.plans.delete(site.plan.uuid, force: true)).inUse)
            #expect(!(try await store.destinations.delete(site.destination.uuid, force: true)).inUse)
            #expect(!(try await store.dlmas.delete(site.dlma.uuid, force: true, deleteEntries: false)).inUse)
            let campaign = try #require(try await store.campaigns.find(site.campaign.uuid))
            #expect(campaign.plan == nil && campaign.destination == nil && campaign.dlma == nil)
            // A deleted part cannot be named again.
            let again = await storeError { () throws(StoreError) in
                _ = try await store.campaigns.update(site.campaign.uuid) { $0.plan = site.plan.uuid }
            }
            guard case .danglingReference("plan", .plan, _) = again else {
                Issue.record("got \(String(describing: again))")
                return
            }
        }
    }

    @Test func aListWithContactsNeedsTheirDeletionToo() async throws {
        try await Site.with { site in
            let list = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            try await site.addContacts(15, to: list.uuid)
            for force in [false, true] {
                let error = await storeError { () throws(StoreError) in
                    _ = try await site.store.dlmas.delete(list.uuid, force: force, deleteEntries: false)
                }
                guard case .referenced(.dlma, list.uuid, let references) = error else {
                    Issue.record("got \(String(describing: error))")
                    continue
                }
                #expect(references.count == 10)
                #expect(references.allSatisfy { $0.kind == .dl })
            }
            _ = try await site.store.dlmas.delete(list.uuid, force: false, deleteEntries: true)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == 0)
            #expect(try await site.store.dls.page(dlma: list.uuid, PageRequest()).items.isEmpty)
        }
    }

    @Test func aLongListIsDeletedInPieces() async throws {
        try await Site.with { site in
            try await site.addContacts(ListJobRepository.stepSize * 2 + 1)
            _ = try await site.store.dlmas.delete(site.dlma.uuid, force: true, deleteEntries: true)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE in_use") == 0)
        }
    }

    @Test func aReferenceOfADeletedCampaignDoesNotCount() async throws {
        try await Site.with { site in
            _ = try await site.store.campaigns.delete(site.campaign.uuid, force: false)
            #expect(!(try await site.store.plans.delete(site.plan.uuid, force: false)).inUse)
        }
    }

    @Test func aDeletedCampaignIsStoppedAndFollowedByNobody() async throws {
        try await Site.with { site in
            var leader = Campaign(uuid: UUID())
            leader.nextCampaign = site.campaign.uuid
            leader.name = "leader"
            leader = try await site.store.campaigns.create(leader)
            let error = await storeError { () throws(StoreError) in
                _ = try await site.store.campaigns.delete(site.campaign.uuid, force: false)
            }
            let uuid = leader.uuid
            guard case .referenced(.campaign, _, [Reference(kind: .campaign, uuid: uuid, name: "leader")]) = error
            else {
                Issue.record("got \(String(describing: error))")
                return
            }
            let deleted = try await site.store.campaigns.delete(site.campaign.uuid, force: true)
            #expect(deleted.status == .stop)
            #expect(try await site.store.campaigns.find(leader.uuid)?.nextCampaign == nil)
        }
    }

    @Test func campaignsDoNotFollowEachOtherInACircle() async throws {
        try await Site.with { site in
            var chain = [site.campaign]
            for _ in 0..<3 {
                var campaign = Campaign(uuid: UUID())
                campaign.nextCampaign = chain.last?.uuid
                chain.append(try await site.store.campaigns.create(campaign))
            }
            for target in chain.map(\.uuid) {
                let error = await storeError { () throws(StoreError) in
                    _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.nextCampaign = target }
                }
                #expect(error?.invalidField == "next_campaign")
            }
        }
    }

    /// Two changes that together would close a circle: one of them loses, whichever comes first.
    @Test func halvesOfACircleAreNotClosedAtOnce() async throws {
        try await Site.with { site in
            for _ in 0..<10 {
                let first = try await site.store.campaigns.create(Campaign(uuid: UUID()))
                let second = try await site.store.campaigns.create(Campaign(uuid: UUID()))
                let outcomes = await withTaskGroup(of: Bool.self) { group in
                    for (from, to) in [(first.uuid, second.uuid), (second.uuid, first.uuid)] {
                        group.addTask {
                            (try? await site.store.campaigns.update(from) { $0.nextCampaign = to }) != nil
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.filter { $0 }.count == 1)
            }
        }
    }

    @Test func aStatusIsSetOnlyFromWhereItShould() async throws {
        try await Site.with { site in
            let campaigns = site.store.campaigns
            #expect(try await campaigns.setStatus(site.campaign.uuid, from: [.stop, .pause], to: .starting) == nil)
            #expect(try await campaigns.setStatus(site.campaign.uuid, from: [], to: .starting) == nil)
            #expect(try await campaigns.setStatus(UUID(), from: [.start], to: .stop) == nil)
            let stopping = try await campaigns.setStatus(site.campaign.uuid, from: [.start, .starting], to: .stopping)
            #expect(stopping?.status == .stopping)
            // Of many who want the same change one makes it.
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await campaigns.setStatus(site.campaign.uuid, from: [.stopping], to: .stop) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(winners == 1)
        }
    }

    @Test func theEndNoteStaysUntilTheNextStart() async throws {
        try await Site.with { site in
            let campaigns = site.store.campaigns
            let uuid = site.campaign.uuid
            func note() async throws -> CampaignEndNote? { try await campaigns.state(uuid)?.endNote }
            let ended = CampaignEndNote(reason: .listEnd, window: "2026-11-21")
            _ = try await campaigns.setStatus(uuid, from: [.start], to: .stopping, note: ended)
            #expect(try await note() == ended)
            _ = try await campaigns.setStatus(uuid, from: [.stopping], to: .stop)
            #expect(try await note() == ended)
            _ = try await campaigns.update(uuid) { $0.name = "renamed" }
            #expect(try await note() == ended)
            _ = try await campaigns.setStatus(uuid, from: [.stop], to: .starting)
            #expect(try await note() == nil)
            let stopped = CampaignEndNote(reason: .stoppedByPerson, window: nil)
            _ = try await campaigns.setStatus(uuid, from: [.starting], to: .stopping, note: stopped)
            #expect(try await note() == stopped)
            _ = try await campaigns.update(uuid) { $0.status = .starting }
            #expect(try await note() == nil)
        }
    }

    @Test func anEngineIsToldOfEveryCampaignThatNeedsIt() async throws {
        try await Site.with { site in
            var needed: Set<UUID> = [site.campaign.uuid]
            for status in CampaignStatus.allCases {
                for isScheduled in [false, true] {
                    var campaign = Campaign(uuid: UUID())
                    campaign.status = status
                    campaign.schedule.isOn = isScheduled
                    _ = try await site.store.campaigns.create(campaign)
                    if isScheduled || ![.stop, .pause].contains(status) { needed.insert(campaign.uuid) }
                }
            }
            let deleted = try await site.store.campaigns.create(Campaign(uuid: UUID()))
            _ = try await site.store.campaigns.delete(deleted.uuid, force: false)
            let states = try await site.store.campaigns.needingEngine()
            #expect(Set(states.map(\.campaign.uuid)) == needed)
            #expect(states.first?.campaign == site.campaign)
        }
    }
}
