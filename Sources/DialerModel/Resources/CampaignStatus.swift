/// The life of a campaign; raw values are the wire's `status`.
package enum CampaignStatus: Int, Sendable, Hashable, CaseIterable {
    case stop = 0
    case start = 1
    case pause = 2
    /// No new calls; becomes `stop` when the last call has ended.
    case stopping = 10
    /// Becomes `start` as soon as an engine takes it.
    case starting = 11
    /// No new calls; becomes `pause` when the last call has ended.
    case pausing = 12
    /// Every call is hung up, then the campaign becomes `stop`.
    case stoppingForcedly = 30
}
