import DialerModel

extension ObjectSchema {
    /// Every named schema of the document.
    static var all: [ObjectSchema] {
        Self.schemas(of: Plan.self) + Self.schemas(of: Destination.self) + Self.schemas(of: DialListMaster.self)
            + Self.schemas(of: DialListEntry.self) + Self.schemas(of: Campaign.self)
            + [Self.dialing, Self.statistics, Self.previewRequest, Self.pong, Self.health, Self.component]
            + [Self.readiness, Self.error] + Self.uploads + Self.doNotCall + Self.listJobs
    }

    private static let dialing = ObjectSchema(
        answer: "Dialing", "A call in progress.",
        [
            SchemaProperty("uuid", .string, format: "uuid", "Also the channel's unique id at the PBX."),
            SchemaProperty(
                "status", .integer,
                "1 originate requested, 2 queued, 3 dial begin, 4 channel created, 5 dial end, 6 responded, 7 hang-up, "
                    + "10 error, 11 request failed, 12 refused by the PBX, 13 not answered."
            ),
            SchemaProperty("action_id", .string, "The ActionID of the Originate."),
            SchemaProperty("channel", .string, nullable: true, "The channel's name, once there is one."),
            SchemaProperty("res_dial", .integer, "4 is answered."),
            SchemaProperty("res_dial_detail", .string, nullable: true, "The same in words."),
            SchemaProperty("res_hangup", .integer, "The Q.850 cause, 0 while there is none."),
            SchemaProperty("res_hangup_detail", .string, nullable: true, "The same in words."),
            SchemaProperty("uuid_camp", .string, format: "uuid", "The campaign."),
            SchemaProperty("uuid_plan", .string, format: "uuid", "The plan."),
            SchemaProperty("uuid_dlma", .string, format: "uuid", "The list."),
            SchemaProperty("uuid_dest", .string, format: "uuid", "The destination."),
            SchemaProperty("uuid_dl_list", .string, format: "uuid", "The contact."),
            SchemaProperty("info_camp", .object, "The campaign as it was when the call was placed."),
            SchemaProperty("info_plan", .object, "The plan as it was."),
            SchemaProperty("info_dlma", .object, "The list as it was."),
            SchemaProperty("info_dest", .object, "The destination as it was."),
            SchemaProperty("info_dl_list", .object, "The contact as it was."),
            SchemaProperty("info_dial", .object, "How the call was placed."),
            SchemaProperty("dial_channel", .string, "What was dialed, like PJSIP/300@trunk."),
            SchemaProperty("dial_addr", .string, "The number."),
            SchemaProperty("dial_index", .integer, "Which of the contact's numbers, 1 to 8."),
            SchemaProperty("dial_trycnt", .integer, "Which attempt on that number, from 1."),
            SchemaProperty("dial_timeout", .integer, "How long it may ring, in milliseconds."),
            SchemaProperty("dial_type", .integer, "0 extension, 1 application."),
            SchemaProperty("dial_context", .string, nullable: true, "Null for an application."),
            SchemaProperty("dial_exten", .string, nullable: true, "Null for an application."),
            SchemaProperty("dial_priority", .string, nullable: true, "Null for an application."),
            SchemaProperty("dial_application", .string, nullable: true, "Null for an extension."),
            SchemaProperty("dial_data", .string, nullable: true, "Null for an extension."),
            SchemaProperty("dial_variables", .object, nullable: true, "The merged channel variables."),
            SchemaProperty("tm_create", .string, nullable: true, format: "date-time", "When it was placed."),
            SchemaProperty("tm_delete", .string, nullable: true, format: "date-time", "Null."),
            SchemaProperty("tm_update", .string, nullable: true, format: "date-time", "When it last changed."),
            SchemaProperty("name", .string, nullable: true, "Null."),
            SchemaProperty("pbx", .string, nullable: true, "The name of the PBX that carries the call."),
        ]
    )

    private static let statistics = ObjectSchema(
        answer: "CampaignStatistics", "What a campaign has done and does.",
        [
            SchemaProperty("uuid", .string, format: "uuid", "The campaign."),
            SchemaProperty("status", .integer, "The campaign's stored status."),
            SchemaProperty("dialed", .integer, "Calls ended so far."),
            SchemaProperty("answered", .integer, "Of these, answered."),
            SchemaProperty("talked", .integer, "Of the answered, those an agent talked to."),
            SchemaProperty("abandoned", .integer, "Of the answered, those without an agent within the grace time."),
            SchemaProperty(
                "abandon_rate", .number, nullable: true, "abandoned / answered; null before the first answer."),
            SchemaProperty("busy", .integer, "Calls that met a busy line."),
            SchemaProperty("no_answer", .integer, "Calls nobody answered."),
            SchemaProperty("congested", .integer, "Calls the network had no way for."),
            SchemaProperty("failed", .integer, "Calls that failed in another way."),
            SchemaProperty("blocked", .integer, "Numbers not dialed for the do-not-call list; not among dialed."),
            SchemaProperty("talk_seconds", .number, "Conversation with agents, all calls together."),
            SchemaProperty("wait_seconds", .number, "Waiting for agents, all calls together."),
            SchemaProperty(
                "calls_per_minute", .number, nullable: true, "Over the last minute's requests; null at the first."),
            SchemaProperty("running_here", .boolean),
            SchemaProperty(
                "engine", .string, nullable: true,
                "The engine that works for the campaign; null when none does. What it does now, that one's service says."
            ),
            SchemaProperty("in_progress", .integer, "Calls in progress."),
            SchemaProperty("ringing", .integer, "Of these, not answered yet."),
            SchemaProperty("waiting", .integer, "Of these, waiting for an agent."),
            SchemaProperty("connected", .integer, "Of these, with an agent or in an application."),
            SchemaProperty("agents", .integer, nullable: true, "Members of the queue; null without a queue."),
            SchemaProperty("agents_idle", .integer, nullable: true, "Of these, free."),
            SchemaProperty("agents_talking", .integer, nullable: true, "Of these, in a call."),
            SchemaProperty("agents_paused", .integer, nullable: true, "Of these, paused."),
            SchemaProperty(
                "pacing", .string, nullable: true,
                "The rule in force: predictive, progressive, ratio or jade; null when the plan counts no agents."),
            SchemaProperty(
                "pacing_state", .string, nullable: true,
                "How predictive pacing stands: learning or spent (one call for each free agent: too little is known, or the "
                    + "abandonment budget is spent) or predicting; null when another rule is in force or nothing was dialed yet."
            ),
            SchemaProperty("abandon_target", .number, nullable: true, "The plan's; null without a plan."),
            SchemaProperty("live_24h", .integer, "Calls people answered within the last 24 hours."),
            SchemaProperty("abandoned_24h", .integer, "Of these, abandoned."),
            SchemaProperty(
                "abandon_rate_24h", .number, nullable: true,
                "abandoned_24h / live_24h; null before the first live answer."),
            SchemaProperty("live_30d", .integer, "Calls people answered within the last 30 days."),
            SchemaProperty("abandoned_30d", .integer, "Of these, abandoned."),
            SchemaProperty(
                "abandon_rate_30d", .number, nullable: true,
                "abandoned_30d / live_30d; null before the first live answer."),
            SchemaProperty("list_total", .integer, nullable: true, "Contacts on the list; null without one."),
            SchemaProperty(
                "list_left", .integer, nullable: true,
                "Of these, idle ones that may be called by the plan, now or later; null without list or plan."),
        ]
    )

    private static let previewRequest = ObjectSchema(
        request: "PreviewRequest", "For whom to reserve a contact.",
        [SchemaProperty("target", .string, nullable: true, "The agent, stored as resv_target.")]
    )

    private static let pong = ObjectSchema(
        answer: "Pong", "A sign of life.", [SchemaProperty("message", .constant("pong"))])

    private static let health = ObjectSchema(
        answer: "Health", "A sign of life.", [SchemaProperty("status", .constant("up"))])

    private static let component = ObjectSchema(
        answer: "Component", "One part the dialer needs.",
        [
            SchemaProperty("component", .string, "Its name: postgresql, asterisk:<name>, results."),
            SchemaProperty("healthy", .boolean),
            SchemaProperty("detail", .string, nullable: true, "What is wrong."),
        ]
    )

    private static let readiness = ObjectSchema(
        answer: "Readiness", "Whether the dialer can work.",
        [
            SchemaProperty("status", .string, "ready, degraded or not ready."),
            SchemaProperty("components", .array(of: "Component")),
        ]
    )

    private static let error = ObjectSchema(
        answer: "Error", "Why a request failed.",
        [
            SchemaProperty("code", .integer, "The HTTP status."),
            SchemaProperty("message", .string, "Names the field or thing at fault and the way out."),
        ]
    )
}
