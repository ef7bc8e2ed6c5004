import DialerModel
import DialerStore

import struct Foundation.UUID

/// What the API needs of a resource's storage; every repository of the store has it.
protocol ResourceRepository<Item>: Sendable {
    associatedtype Item: Resource

    func create(_ resource: Item) async throws(StoreError) -> Item
    func find(_ uuid: UUID) async throws(StoreError) -> Item?
    func update(
        _ uuid: UUID,
        _ change: @Sendable (inout Item) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Item
}

extension PlanRepository: ResourceRepository {}
extension DestinationRepository: ResourceRepository {}
extension DialListMasterRepository: ResourceRepository {}
extension DialListEntryRepository: ResourceRepository {}
extension CampaignRepository: ResourceRepository {}
