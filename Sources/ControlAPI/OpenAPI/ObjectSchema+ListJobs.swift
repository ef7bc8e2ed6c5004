import DialerModel

extension ObjectSchema {
    /// The schemas of jobs and of the counts of lists.
    static let listJobs = [
        ObjectSchema(
            answer: "ListStatistics",
            "Where the contacts of a list stand. dialing, reserved, answered, left and exhausted add up to total.",
            [
                SchemaProperty("uuid", .string, format: "uuid", "The list."),
                SchemaProperty(
                    "plan", .string, nullable: true, format: "uuid",
                    "Whose limits decide who is left; null: those of the list's campaigns."),
                SchemaProperty("total", .integer, "Contacts on the list."),
                SchemaProperty("untouched", .integer, "Of these, without any try."),
                SchemaProperty("tried", .integer, "The others."),
                SchemaProperty("penetration", .number, nullable: true, "tried / total; null for an empty list."),
                SchemaProperty("dialing", .integer, "Being dialed."),
                SchemaProperty("reserved", .integer, "Reserved for an agent."),
                SchemaProperty("answered", .integer, "Idle, and answered: not called again."),
                SchemaProperty(
                    "left", .integer, nullable: true,
                    "Idle, and may be called, now or when the retry delay is over; null when no plan says how often."),
                SchemaProperty(
                    "exhausted", .integer, nullable: true, "Idle, and no number is left; null when no plan says."),
                SchemaProperty("blocked", .integer, "A number is held back for the do-not-call list."),
            ]
        ),
        ObjectSchema(
            answer: "ListJob", "Work on many contacts of a list.",
            [
                SchemaProperty("uuid", .string, format: "uuid", "Names it in /jobs."),
                SchemaProperty("kind", .string, "recycle, move or delete."),
                SchemaProperty("dlma_uuid", .string, format: "uuid", "The list."),
                SchemaProperty("target", .string, nullable: true, format: "uuid", "The list contacts are moved to."),
                SchemaProperty("reset", .string, nullable: true, "tries or all, when it recycles."),
                SchemaProperty("filter", .object, "Whom it takes: status, res_dial, tried, since, until; null: all."),
                SchemaProperty("status", .string, "waiting, running, done, failed or cancelled."),
                SchemaProperty("contacts_total", .integer, "Contacts on the list when the job was made."),
                SchemaProperty("contacts_seen", .integer, "Of these, how many it has looked at."),
                SchemaProperty("contacts_changed", .integer, "How many it has recycled, moved or deleted."),
                SchemaProperty(
                    "contacts_waiting", .integer,
                    "How many it has to come back for: they were in a call, shown to an agent, or locked."),
                SchemaProperty("contacts_per_second", .number, nullable: true, "Looked at in a second."),
                SchemaProperty("seconds_left", .number, nullable: true, "An estimate; null when it cannot be told."),
                SchemaProperty("message", .string, nullable: true, "Why it ended before its time."),
                SchemaProperty("tm_create", .string, format: "date-time", "When it was made."),
                SchemaProperty("tm_start", .string, nullable: true, format: "date-time", "When its first step ended."),
                SchemaProperty("tm_end", .string, nullable: true, format: "date-time", "When it ended."),
            ]
        ),
        ObjectSchema(
            request: "RecycleRequest", "Who may be called again.",
            [
                SchemaProperty("reset", .string, nullable: true, "tries (default), or all: as if never called.")
            ] + Self.listJobFilter,
            required: ["res_dial"]
        ),
        ObjectSchema(
            request: "MoveRequest", "Who goes to which list.",
            [SchemaProperty("target", .string, format: "uuid", "The list.")] + Self.listJobFilter,
            required: ["target"]
        ),
        ObjectSchema(request: "PurgeRequest", "Who is deleted.", Self.listJobFilter),
    ]

    private static let listJobFilter = [
        SchemaProperty(
            "res_dial",
            .values(
                "Only with one of these results: numbers, or busy, no_answer, failed, congested, answered, "
                    + "all (all but answered).")
        ),
        SchemaProperty("status", .values("Only with one of these: 0 idle, 2 reserved.")),
        SchemaProperty("tried", .boolean),
        SchemaProperty("since", .string, nullable: true, "Only when the last call ended at this time or later."),
        SchemaProperty("until", .string, nullable: true, "Only when the last call ended before this time."),
    ]
}
