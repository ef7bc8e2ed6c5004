import Metrics

/// What the engine counts. Labels are the same in every deployment, so a dashboard can be shared.
enum EngineMetrics {
    /// Requests handed to a PBX.
    static let originates = Counter(label: "outpace_originates_total")
    /// Requests that were refused or could not be sent.
    static let originateFailures = Counter(label: "outpace_originate_failures_total")
    static let answered = Counter(label: "outpace_answered_total")
    static let abandoned = Counter(label: "outpace_abandoned_total")
    static let finished = Counter(label: "outpace_finished_total")
    static let inProgress = Gauge(label: "outpace_calls_in_progress")
    static let unwritten = Gauge(label: "outpace_results_unwritten")
    /// The ceiling of calls in progress and unwritten results together.
    static let unwrittenLimit = Gauge(label: "outpace_open_calls_limit")
    /// Of the unwritten ones, those on the disk.
    static let spooled = Gauge(label: "outpace_results_spooled")
    static let exported = Counter(label: "outpace_results_exported_total")
    static let claims = Counter(label: "outpace_claims_total")
    /// Numbers that were due and are on the do-not-call list.
    static let blocked = Counter(label: "outpace_blocked_total")
    static let claimFailures = Counter(label: "outpace_claim_failures_total")
    /// One claim's round trip.
    static let claimLatency = Timer(label: "outpace_claim_seconds")
    /// From the event that freed an agent or a line to the originate it led to.
    static let reactionLatency = Timer(label: "outpace_freed_to_originate_seconds")
    static let writeLatency = Timer(label: "outpace_result_write_seconds")
}
