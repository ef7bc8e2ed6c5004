import struct Foundation.UUID

/// What one engine may ask of another, in whose hands it is.
enum EngineOrder: Sendable, Hashable, Codable {
    case hangUp(dialing: UUID)
    case stateOfDialing(UUID)
    case statisticsOfCampaign(UUID)
    case reserve(campaign: UUID, target: String?)
    case dialReserved(campaign: UUID, entry: UUID)
}
