import struct Foundation.UUID

extension Campaign: Resource {
    package static let kind = ResourceKind.campaign

    package init(blank uuid: UUID) {
        self.init(uuid: uuid)
    }

    package static let fieldTable = FieldTable<Campaign>(
        Self.identity + Self.references + Self.scheduling + Field.times() + Self.beyondJade
    )

    /// The schedule's fields must make sense together, `dlma` cannot be beside `lists`, and a campaign cannot follow itself.
    package func validate() throws(ValidationError) {
        if self.nextCampaign == self.uuid {
            throw ValidationError(
                field: "next_campaign", message: "next_campaign: a campaign cannot be followed by itself"
            )
        }
        if let dlma = self.dlma, let lists = self.lists, !lists.contains(where: { $0.dlma == dlma }) {
            throw ValidationError(
                field: "dlma", message: "dlma: must be null or one of lists, as long as lists are given"
            )
        }
        _ = try ScheduleRules(self.schedule)
    }

    private static let blank = Campaign(uuid: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    private static let identity: [Field<Campaign>] = [
        .uuid(),
        Field("detail", \.detail, .optional(.text(maximumLength: 1023)), blank: blank, "A description for people."),
        Field("name", \.name, .optional(.text(maximumLength: 255)), blank: blank, "A name for people."),
        Field("status", \.status, .enumeration(), blank: blank, "What the campaign does, or is asked to do."),
        .inUse(),
        Field(
            "variables", \.variables, .variables(maximumCount: VariableLimits.perResource), blank: blank,
            "Channel variables of every call; those of plan, destination, list and contact override them."
        ),
    ]

    private static let references: [Field<Campaign>] = [
        Field(
            "next_campaign", \.nextCampaign, .optional(.uuid(), emptyIsNull: true), blank: blank,
            "The campaign started when this one has reached its list's end."
        ),
        Field("plan", \.plan, .optional(.uuid(), emptyIsNull: true), blank: blank, "How and when to call."),
        Field(
            "dlma", \.dlma, .optional(.uuid(), emptyIsNull: true), blank: blank, "Whom to call, unless lists are given."
        ),
        Field("dest", \.destination, .optional(.uuid(), emptyIsNull: true), blank: blank, "Who takes answered calls."),
    ]

    private static let scheduling: [Field<Campaign>] = [
        Field(
            "sc_mode", \.schedule.isOn, .flag(), blank: blank,
            "1: the schedule starts and stops the campaign; 0: it does not."
        ),
        Self.date("sc_date_start", \.schedule.dateStart, "The first day, YYYY-MM-DD."),
        Self.date("sc_date_end", \.schedule.dateEnd, "The last day, YYYY-MM-DD."),
        Self.dates(
            "sc_date_list", \.schedule.dateList,
            "When not empty, the only days: YYYY-MM-DD separated by commas. The times apply on them as well."
        ),
        Self.dates("sc_date_list_except", \.schedule.dateListExcept, "Never on these days, whatever else is set."),
        Self.time(
            "sc_time_start", \.schedule.timeStart, "From this time of day, hh:mm:ss; after sc_time_end: over midnight."),
        Self.time("sc_time_end", \.schedule.timeEnd, "Through this second of the day, hh:mm:ss."),
        Field(
            "sc_day_list", \.schedule.dayList,
            .optional(.text(maximumLength: 64, check: { ScheduleRules.expectedDays($0) }), emptyIsNull: true),
            blank: blank,
            "Weekdays, 0 (Sunday) to 6 (Saturday) separated by commas."
        ),
    ]

    private static let beyondJade: [Field<Campaign>] = [
        Field(
            "sc_time_zone", \.schedule.timeZone,
            .optional(.text(maximumLength: 64, check: { ScheduleRules.expectedTimeZone($0) }), emptyIsNull: true),
            blank: blank,
            "The IANA time zone of the schedule, like Europe/Berlin; null means UTC."
        ),
        Field(
            "lists", \.lists, .lists(), blank: blank,
            "Whom to call, on several lists: objects of dlma, a list's uuid, and weight, 1 to 100 (default 1). Null means the one of "
                + "dlma; else dlma has to be null or one of them."
        ),
        Field(
            "list_mode", \.listMode, .word(), blank: blank,
            "sequence: a list is begun when nobody is due on those before it. mixed: all at once, by their weights."
        ),
    ]

    private static func date(
        _ name: String,
        _ keyPath: any WritableKeyPath<Campaign, String?> & Sendable,
        _ description: String
    ) -> Field<Campaign> {
        var rule = ValueRule.text(maximumLength: 10, check: { ScheduleRules.expectedDate($0) })
        rule.schema.format = "date"
        return Field(name, keyPath, .optional(rule, emptyIsNull: true), blank: Self.blank, description)
    }

    private static func dates(
        _ name: String,
        _ keyPath: any WritableKeyPath<Campaign, String?> & Sendable,
        _ description: String
    ) -> Field<Campaign> {
        let rule = ValueRule.text(maximumLength: 12_000, check: { ScheduleRules.expectedDates($0) })
        return Field(name, keyPath, .optional(rule, emptyIsNull: true), blank: Self.blank, description)
    }

    private static func time(
        _ name: String,
        _ keyPath: any WritableKeyPath<Campaign, String?> & Sendable,
        _ description: String
    ) -> Field<Campaign> {
        let rule = ValueRule.text(
            maximumLength: 8,
            pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
            check: { ScheduleRules.expectedTime($0) }
        )
        return Field(name, keyPath, .optional(rule, emptyIsNull: true), blank: Self.blank, description)
    }
}
