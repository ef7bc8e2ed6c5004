import DialerModel

/// What a client asks of a campaign's life by writing `status`.
///
/// Clients name the state they want and the engine walks there, so `1` is stored as `starting`, `0` as `stopping` and `2` as
/// `pausing`. The answer shows the number that was asked for, as jade's did.
struct CampaignStatusRequest: Sendable, Hashable {
    /// The `status` a client wrote.
    let asked: CampaignStatus

    /// What becomes of a campaign that is in `current`. Asking for what is so already changes nothing.
    func status(from current: CampaignStatus) -> CampaignStatus {
        CampaignStateMachine.status(afterRequest: self.asked, in: current)
    }

    /// What a campaign created with this wish begins as: no call is in progress yet, so only a start has to be walked.
    var initialStatus: CampaignStatus {
        switch self.asked {
        case .start, .starting: .starting
        case .pause, .pausing: .pause
        case .stop, .stopping, .stoppingForcedly: .stop
        }
    }

    /// Whether a campaign in `status` is where this request wants it, or on the way there.
    func isServed(by status: CampaignStatus) -> Bool {
        switch self.asked {
        case .start, .starting: status == .start || status == .starting
        case .stop, .stopping: status == .stop || status == .stopping || status == .stoppingForcedly
        case .pause, .pausing: status == .pause || status == .pausing
        case .stoppingForcedly: status == .stoppingForcedly
        }
    }

    /// Whether a person ends the campaign with it, so that its schedule leaves it alone until the next window.
    var isEnd: Bool {
        switch self.asked {
        case .stop, .stopping, .stoppingForcedly: true
        case .start, .starting, .pause, .pausing: false
        }
    }
}
