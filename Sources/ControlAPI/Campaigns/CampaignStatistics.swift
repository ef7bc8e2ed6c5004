import DialerEngine
import DialerModel
import DialerStore
import Pacing

/// What a campaign has done since it was created, and what it does at this moment.
struct CampaignStatistics: Sendable {
    var campaign: Campaign
    var counters: CampaignCounters
    /// nil when the campaign has none.
    var plan: Plan?
    /// What the database kept of its live answers; the engine's own figures, where it has them, are newer.
    var kept = AbandonWindow()
    var now: Timestamp
    /// The name of the engine that works for the campaign; nil when none does.
    var engine: String?
    /// nil while no engine runs the campaign, or the one that does cannot be asked.
    var live: CampaignLiveStatistics?
    /// Over the last minute's looks; nil at the first.
    var callsPerMinute: Double?
    /// Of all its lists together; nil when the campaign has none.
    var lists: ListCounts?

    /// Abandoned calls in those a person answered; nil before the first answer.
    var abandonRate: Double? {
        guard self.counters.answered > 0 else { return nil }
        return Double(self.counters.abandoned) / Double(self.counters.answered)
    }

    /// The rule by which the campaign's calls are counted out; nil when its plan does not count agents.
    var pacing: PacingMode? {
        switch self.plan?.dialMode {
        case .predictive, .power: self.plan?.pacingInForce
        case .none?, .preview, .robo, .redirect, nil: nil
        }
    }

    func write(to writer: inout JSONWriter) {
        let live = self.live ?? CampaignLiveStatistics()
        writer.beginObject()
        writer.field("uuid", self.campaign.uuid)
        writer.field("status", self.campaign.status.rawValue)
        writer.field("dialed", self.counters.dialed)
        writer.field("answered", self.counters.answered)
        writer.field("talked", self.counters.connected)
        writer.field("abandoned", self.counters.abandoned)
        writer.field("abandon_rate", self.abandonRate)
        writer.field("busy", self.counters.busy)
        writer.field("no_answer", self.counters.noAnswer)
        writer.field("congested", self.counters.congested)
        writer.field("failed", self.counters.failed)
        writer.field("blocked", self.counters.blocked)
        writer.field("talk_seconds", self.counters.talkSeconds)
        writer.field("wait_seconds", self.counters.waitSeconds)
        writer.field("calls_per_minute", self.callsPerMinute)
        writer.field("running_here", self.live?.isOwn ?? false)
        writer.field("engine", self.engine)
        writer.field("in_progress", live.inProgress)
        writer.field("ringing", live.ringing)
        writer.field("waiting", live.waiting)
        writer.field("connected", live.connected)
        writer.field("agents", live.agents)
        writer.field("agents_idle", live.agentsIdle)
        writer.field("agents_talking", live.agentsTalking)
        writer.field("agents_paused", live.agentsPaused)
        let day = live.day ?? self.kept.counts(last: AbandonWindow.day, at: self.now)
        let thirtyDays = live.thirtyDays ?? self.kept.counts(last: AbandonWindow.thirtyDays, at: self.now)
        writer.field("pacing", self.pacing?.rawValue)
        writer.field("pacing_state", live.pacingState?.rawValue)
        writer.field("abandon_target", self.plan?.abandonTarget)
        writer.field("live_24h", day.live)
        writer.field("abandoned_24h", day.abandoned)
        writer.field("abandon_rate_24h", day.rate)
        writer.field("live_30d", thirtyDays.live)
        writer.field("abandoned_30d", thirtyDays.abandoned)
        writer.field("abandon_rate_30d", thirtyDays.rate)
        writer.field("list_total", self.lists?.total)
        writer.field("list_left", self.plan == nil ? nil : self.lists?.left)
        writer.endObject()
    }
}
