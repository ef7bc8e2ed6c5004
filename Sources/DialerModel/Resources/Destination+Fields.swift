import struct Foundation.UUID

extension Destination: Resource {
    package static let kind = ResourceKind.destination

    package init(blank uuid: UUID) {
        self.init(uuid: uuid)
    }

    package static let fieldTable = FieldTable<Destination>(
        [
            .uuid(),
            Field("name", \.name, .optional(.text(maximumLength: 255)), blank: blank, "A name for people."),
            Field("detail", \.detail, .optional(.text(maximumLength: 1023)), blank: blank, "A description for people."),
            .inUse(),
            Field(
                "type", \.kind, .enumeration(), blank: blank,
                "Whether answered calls go to an extension of the dialplan or run an application."
            ),
            Field(
                "context", \.context,
                .optional(.text(maximumLength: 79, reachesWire: true, check: FieldText.dialplanName)),
                blank: blank,
                "The dialplan context, for an extension."
            ),
            Field(
                "exten", \.exten,
                .optional(
                    .text(maximumLength: 79, reachesWire: true, acceptsNumbers: true, check: FieldText.dialplanName)),
                blank: blank,
                "The extension."
            ),
            Field(
                "priority", \.priority,
                .optional(.text(maximumLength: 79, reachesWire: true, acceptsNumbers: true, check: FieldText.priority)),
                blank: blank,
                "The dialplan priority, a number or a label; null means 1."
            ),
            Field(
                "application", \.application,
                .optional(.text(maximumLength: 79, reachesWire: true, check: FieldText.application)),
                blank: blank,
                "The application answered calls run: queue, park…"
            ),
            Field(
                "data", \.data, .optional(.text(maximumLength: 240, reachesWire: true)), blank: blank,
                "The application's arguments; for a queue its name first."
            ),
            Field(
                "variables", \.variables, .variables(maximumCount: VariableLimits.perResource), blank: blank,
                "Channel variables of every call; override those of the plan."
            ),
        ] + Field.times() + [
            Field(
                "queue", \.queue,
                .optional(.text(maximumLength: 79, reachesWire: true, check: FieldText.queueName), emptyIsNull: true),
                blank: blank,
                "The queue an extension ends in: its agents take the calls, so pacing counts them. Not for applications."
            )
        ]
    )

    private static let blank = Destination(uuid: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}
