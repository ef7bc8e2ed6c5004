import DialerEngine
import DialerModel
import DialerStore

/// What a campaign has done since it was created, and what it does at this moment.
struct CampaignStatistics: Sendable {
    var campaign: Campaign
    var counters: CampaignCounters
    /// nil while no engine here runs the campaign.
    var live: CampaignLiveStatistics?
    /// Over the last minute's looks; nil at the first.
    var callsPerMinute: Double?

    /// Abandoned calls in those a person answered; nil before the first answer.
    var abandonRate: Double? {
        guard self.counters.answered > 0 else { return nil }
        return Double(self.counters.abandoned) / Double(self.counters.answered)
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
        writer.field("talk_seconds", self.counters.talkSeconds)
        writer.field("wait_seconds", self.counters.waitSeconds)
        writer.field("calls_per_minute", self.callsPerMinute)
        writer.field("running_here", self.live != nil)
        writer.field("in_progress", live.inProgress)
        writer.field("ringing", live.ringing)
        writer.field("waiting", live.waiting)
        writer.field("connected", live.connected)
        writer.field("agents", live.agents)
        writer.field("agents_idle", live.agentsIdle)
        writer.field("agents_talking", live.agentsTalking)
        writer.field("agents_paused", live.agentsPaused)
        writer.endObject()
    }
}
