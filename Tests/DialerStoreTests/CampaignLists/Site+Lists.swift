import DialerModel
import DialerStore
import Foundation

extension Site {
    /// A new list with contacts of the numbers given.
    func list(_ numbers: String..., order: ContactOrder = .leastTried) async throws -> UUID {
        var dlma = DialListMaster(uuid: UUID())
        dlma.order = order
        dlma = try await self.store.dlmas.create(dlma)
        for number in numbers { try await self.add(number, to: dlma.uuid) }
        return dlma.uuid
    }

    func add(_ number: String, to dlma: UUID) async throws {
        var entry = DialListEntry(uuid: UUID(), dlma: dlma)
        entry.numbers[1] = number
        _ = try await self.store.dls.create(entry)
    }

    /// Gives the campaign other lists, in the place of `dlma`.
    @discardableResult
    func dial(_ lists: [UUID], weights: [Int] = [], _ mode: ListMode = .sequence) async throws -> Campaign {
        try await self.store.campaigns.update(self.campaign.uuid) {
            $0.dlma = nil
            $0.lists = lists.enumerated().map { place, dlma in
                ListShare(dlma: dlma, weight: place < weights.count ? weights[place] : 1)
            }
            $0.listMode = mode
        }
    }
}
