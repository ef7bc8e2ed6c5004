/// What became of a campaign's finished calls. `answered`, `busy`, `noAnswer`, `congested` and `failed` add up to `dialed`.
package struct CampaignCounters: Sendable, Hashable {
    package var dialed = 0
    package var answered = 0
    /// Of the answered ones, those an agent talked to.
    package var connected = 0
    /// Of the answered ones, those no agent took in time.
    package var abandoned = 0
    package var busy = 0
    package var noAnswer = 0
    package var congested = 0
    /// Every other end: no channel, refused, lost.
    package var failed = 0
    /// Not among `dialed`: numbers that were due and are on the do-not-call list.
    package var blocked = 0
    package var talkSeconds = 0.0
    package var waitSeconds = 0.0

    package init() {}
}
