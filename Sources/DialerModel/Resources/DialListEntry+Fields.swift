import struct Foundation.UUID

extension DialListEntry: Resource {
    package static let kind = ResourceKind.dl

    /// `dlma_uuid` is required in every body, so the placeholder list never lasts.
    package init(blank uuid: UUID) {
        self.init(uuid: uuid, dlma: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }

    package static let fieldTable = FieldTable<DialListEntry>(
        Self.identity + Self.lock + Self.addresses + Self.results + Field.times() + Self.lastTimes
    )

    private static let blank = DialListEntry(
        blank: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    )

    private static let identity: [Field<DialListEntry>] = [
        .uuid(),
        Field("dlma_uuid", \.dlma, .uuid(), isRequired: true, "The list this contact is on."),
        .inUse(),
        Field("name", \.name, .optional(.text(maximumLength: 255)), blank: blank, "The contact's name."),
        Field("detail", \.detail, .optional(.text(maximumLength: 1023)), blank: blank, "A description for people."),
        // A client that could write 1 would make a contact nobody ever dials or frees.
        Field(
            "status", \.status, .enumeration(accepting: [.idle, .reserved]), blank: blank,
            "0 may be dialed, 2 reserved for an agent's preview; 1 is being dialed, set by the service alone."
        ),
        Field(
            "resv_target", \.reservedTarget, .optional(.text(maximumLength: 255)), blank: blank,
            "Whom a reserved contact is held for."
        ),
        Field(
            "ukey", \.ukey, .optional(.text(maximumLength: 1023, acceptsNumbers: true)), blank: blank,
            "The customer's own key, opaque to the service."
        ),
        Field(
            "variables", \.variables, .variables(maximumCount: VariableLimits.perContact), blank: blank,
            "Channel variables of this contact's calls; override all others."
        ),
    ]

    private static let lock: [Field<DialListEntry>] = [
        Field("dialing_uuid", \.dialing, .optional(.uuid()), access: .readOnly, "The call in progress."),
        Field("dialing_camp_uuid", \.dialingCampaign, .optional(.uuid()), access: .readOnly, "Its campaign."),
        Field("dialing_plan_uuid", \.dialingPlan, .optional(.uuid()), access: .readOnly, "Its plan."),
    ]

    private static let addresses: [Field<DialListEntry>] =
        NumberSlots<Int>.indexes.map { index in
            Field(
                "number_\(index)", slot: index, of: \.numbers,
                .optional(
                    .text(
                        maximumLength: 64,
                        reachesWire: true,
                        pattern: "^[A-Za-z0-9_+*#.:;=~@/-]*$",
                        acceptsNumbers: true,
                        check: FieldText.number
                    ), emptyIsNull: true),
                blank: blank,
                "Number \(index) to call; numbers are tried in order."
            )
        } + [
            Field(
                "email", \.email, .optional(.text(maximumLength: 1023)), blank: blank,
                "An address, opaque to the service."
            )
        ]

    private static let results: [Field<DialListEntry>] =
        NumberSlots<Int>.indexes.map { index in
            Field(
                "trycnt_\(index)", slot: index, of: \.tries, .integer(0...10_000), access: .updateOnly, blank: blank,
                "Attempts made on number_\(index); set it to 0 to begin again."
            )
        } + [
            Field(
                "res_dial", \.dialResult, .integer(0...9999), access: .updateOnly, blank: blank,
                "The last call's result; 4 means answered, and the contact is not called again."
            ),
            Field(
                "res_dial_detail", \.dialResultDetail, .optional(.text(maximumLength: 1023)), access: .updateOnly,
                blank: blank, "The result in words."
            ),
            Field(
                "res_hangup", \.hangupCause, .integer(0...999), access: .updateOnly, blank: blank,
                "The last call's Q.850 hang-up cause."
            ),
            Field(
                "res_hangup_detail", \.hangupCauseDetail, .optional(.text(maximumLength: 1023)), access: .updateOnly,
                blank: blank, "The cause in words."
            ),
        ]

    private static let lastTimes: [Field<DialListEntry>] = [
        Field(
            "tm_last_dial", \.lastDialAt, .optional(.timestamp()), access: .updateOnly, blank: blank,
            "When the last call began, UTC."
        ),
        Field(
            "tm_last_hangup", \.lastHangupAt, .optional(.timestamp()), access: .updateOnly, blank: blank,
            "When the last call ended, UTC; retry_delay counts from it."
        ),
        Field(
            "number_originals", \.originalNumbers, .variables(maximumCount: 8), access: .readOnly,
            "The numbers as they were written, by slot, where they were brought into another form to be dialed."
        ),
        Field(
            "priority", \.priority, .integer(0...9), blank: blank,
            "Higher is sooner, on lists whose dial_order is priority."
        ),
    ]
}
