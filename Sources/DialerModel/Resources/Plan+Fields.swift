import struct Foundation.UUID

extension Plan: Resource {
    package static let kind = ResourceKind.plan

    /// `tech_name` of a plan that gives none, unless the service is configured otherwise.
    package static let defaultTechName = "PJSIP"

    package init(blank uuid: UUID) {
        self.init(blank: uuid, techName: Self.defaultTechName)
    }

    /// A plan with every default, `tech_name` being `techName`. For ``Resource/decodeNew(from:startingWith:now:)``.
    package init(blank uuid: UUID, techName: String) {
        self.init(uuid: uuid)
        self.techName = techName
    }

    package static let fieldTable = FieldTable<Plan>(
        [.uuid()] + Self.settings + [.inUse()] + Self.dialing + Self.tries + Field.times() + Self.beyondJade
    )

    /// Diverting needs somewhere to divert to.
    package func validate() throws(ValidationError) {
        if self.machineHandling == .divert, self.machineDestination == nil {
            throw ValidationError(
                field: "machine_dest",
                message:
                    "machine_dest: is required for machine_handle divert; name a destination, or use connect or hangup"
            )
        }
    }

    private static let blank = Plan(blank: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    private static let settings: [Field<Plan>] = [
        Field("name", \.name, .optional(.text(maximumLength: 255)), blank: blank, "A name for people."),
        Field("detail", \.detail, .optional(.text(maximumLength: 1023)), blank: blank, "A description for people."),
    ]

    private static let dialing: [Field<Plan>] = [
        Field(
            "variables", \.variables, .variables(maximumCount: VariableLimits.perResource), blank: blank,
            "Channel variables of every call; override those of the campaign."
        ),
        Field("dial_mode", \.dialMode, .enumeration(), blank: blank, "How the campaign decides when to dial."),
        Field(
            "dial_timeout", \.dialTimeout, .integer(1000...600_000), blank: blank,
            "How long a call may ring, in milliseconds."
        ),
        Field(
            "caller_id", \.callerID, .optional(.text(maximumLength: 128, reachesWire: true)), blank: blank,
            "The caller id shown to the customer: a number, or \"Name\" <number>."
        ),
        Field(
            "dl_end_handle", \.listEndHandling, .enumeration(), blank: blank,
            "What the campaign does when its list has nobody left to call."
        ),
        Field(
            "retry_delay", \.retryDelay, .integer(0...31_536_000), blank: blank,
            "The least time between two attempts on one contact, in seconds."
        ),
        Field(
            "trunk_name", \.trunkName,
            .optional(
                .text(
                    maximumLength: 128, reachesWire: true, pattern: "^[A-Za-z0-9_.:+@-]*$", check: FieldText.trunkName)),
            blank: blank,
            "The trunk that carries the calls: the part after @ of the channel."
        ),
        Field(
            "tech_name", \.techName,
            .optional(
                .text(maximumLength: 64, reachesWire: true, pattern: "^[A-Za-z0-9_]+/?$", check: FieldText.techName)),
            blank: blank,
            "The channel technology: PJSIP, SIP, DAHDI, Local… Null means the service's default."
        ),
        Field(
            "service_level", \.serviceLevel, .integer(0...10_000), blank: blank,
            "Calls allowed above the computed availability."
        ),
        Field(
            "early_media", \.earlyMedia,
            .optional(.text(maximumLength: 8, reachesWire: true, check: FieldText.boolean).acceptingBooleans()),
            blank: blank,
            "Whether the destination is connected before the customer answers: a text like true."
        ),
        Field(
            "codecs", \.codecs, .optional(.text(maximumLength: 255, reachesWire: true, check: FieldText.codecs)),
            blank: blank,
            "The codecs offered, separated by commas."
        ),
    ]

    private static let tries: [Field<Plan>] = NumberSlots<Int>.indexes.map { index in
        Field(
            "max_retry_cnt_\(index)", slot: index, of: \.maxTries, .integer(0...1000), blank: blank,
            "The most attempts on number_\(index), the first one included; 0 means it is never dialed."
        )
    }

    private static let beyondJade: [Field<Plan>] = [
        Field(
            "pacing_ratio", \.pacingRatio, .decimal(0.1...100), blank: blank,
            "Calls in the making per free agent, in power mode and with pacing ratio."
        ),
        Field(
            "pacing", \.pacing, .word(), blank: blank,
            "How many calls predictive mode places. predictive: ahead of the agents, within abandon_target. "
                + "progressive: one for each free agent. ratio: pacing_ratio for each. jade: jade's formula."
        ),
        Field(
            "abandon_target", \.abandonTarget, .decimal(0...1), blank: blank,
            "The share of live answers that may be abandoned; 0: none may be risked."
        ),
        Field(
            "abandon_grace", \.abandonGrace, .decimal(Plan.abandonGraceRange), blank: blank,
            "How soon an agent must have an answered call, in seconds; later it is abandoned."
        ),
        Field(
            "abandon_dest", \.abandonDestination, .optional(.uuid(), emptyIsNull: true), blank: blank,
            "The destination abandoned calls are sent to; null leaves them in the queue."
        ),
        Field(
            "machine_handle", \.machineHandling, .word(), blank: blank,
            "What becomes of a call a machine answered. connect: goes on like a person's. hangup: hung up. "
                + "divert: sent to machine_dest."
        ),
        Field(
            "machine_dest", \.machineDestination, .optional(.uuid(), emptyIsNull: true), blank: blank,
            "The destination of calls a machine answered; needed for machine_handle divert."
        ),
    ]
}
