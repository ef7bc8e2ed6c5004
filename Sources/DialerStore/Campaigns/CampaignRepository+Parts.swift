import DialerModel
import PostgresClient

import struct Foundation.UUID

extension CampaignRepository {
    /// Makes sure that what a campaign newly names exists, and keeps it from being deleted until the transaction ends.
    func requireParts(
        of campaign: Campaign,
        before: Campaign?,
        in transaction: Database.Transaction
    ) async throws(StoreError) {
        if let plan = campaign.plan, plan != before?.plan {
            try await transaction.require(plan, .plan, in: Plan.table, field: "plan")
        }
        if let dlma = campaign.dlma, dlma != before?.dlma {
            try await transaction.require(dlma, .dlma, in: DialListMaster.table, field: "dlma")
        }
        let known = Set(before?.lists?.map(\.dlma) ?? [])
        for (place, share) in (campaign.lists ?? []).enumerated() where !known.contains(share.dlma) {
            let field = "lists[\(place)].dlma"
            try await transaction.require(share.dlma, .dlma, in: DialListMaster.table, field: field)
        }
        if let destination = campaign.destination, destination != before?.destination {
            try await transaction.require(destination, .destination, in: Destination.table, field: "dest")
        }
        if let next = campaign.nextCampaign, next != before?.nextCampaign {
            try await self.requireChain(from: campaign.uuid, to: next, in: transaction)
        }
    }

    /// Refuses a campaign that would follow itself, over however many others.
    private func requireChain(
        from campaign: UUID,
        to next: UUID,
        in transaction: Database.Transaction
    ) async throws(StoreError) {
        guard campaign != next else { throw Self.circle() }
        // Two changes at once could each close one half of a circle and see nothing of the other: one at a time.
        try await transaction.execute("SELECT pg_advisory_xact_lock(\(Self.chainLock))")
        try await transaction.require(next, .campaign, in: Campaign.table, field: "next_campaign")
        let rows = try await transaction.query(
            """
            WITH RECURSIVE chain (uuid) AS (
                SELECT \(next)::uuid
                UNION
                SELECT c.next_campaign FROM campaign c JOIN chain ON c.uuid = chain.uuid WHERE c.next_campaign IS NOT NULL
            )
            SELECT 1 FROM chain WHERE uuid = \(campaign)
            """
        )
        guard rows.isEmpty else { throw Self.circle() }
    }

    /// Any number no other advisory lock of this database uses: "next" in ASCII.
    private static let chainLock: Int64 = 0x6E65_7874

    private static func circle() -> StoreError {
        .invalid(
            ValidationError(
                field: "next_campaign", message: "next_campaign: the campaigns would follow each other in a circle"
            )
        )
    }
}
