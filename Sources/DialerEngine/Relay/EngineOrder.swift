import struct Foundation.UUID

/// What one engine may ask of another, in whose hands it is.
enum EngineOrder: Sendable, Hashable, Codable {
    case hangUp(dialing: UUID)
    case stateOfDialing(UUID)
    case statisticsOfCampaign(UUID)
    case reserve(campaign: UUID, target: String?)
    case dialReserved(campaign: UUID, entry: UUID)
    /// An engine has joined: take a smaller part of the PBXs' limits, and reply when no call can be placed above it any more.
    case makeRoom
}
