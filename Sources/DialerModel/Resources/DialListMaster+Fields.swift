import struct Foundation.UUID

extension DialListMaster: Resource {
    package static let kind = ResourceKind.dlma

    package init(blank uuid: UUID) {
        self.init(uuid: uuid)
    }

    /// jade's `dl_table`: the uuid with underscores. Nothing has that name any more; clients may still show it.
    package var tableName: String {
        String(self.uuid.wire.map { $0 == "-" ? "_" : $0 })
    }

    package static let fieldTable = FieldTable<DialListMaster>(
        [
            .uuid(),
            Field("name", \.name, .optional(.text(maximumLength: 255)), blank: blank, "A name for people."),
            Field("detail", \.detail, .optional(.text(maximumLength: 1023)), blank: blank, "A description for people."),
            Field(
                computed: "dl_table", FieldSchema(.string),
                "The uuid with underscores, kept for compatibility."
            ) { .string($0.tableName) },
            Field(
                "variables", \.variables, .variables(maximumCount: VariableLimits.perResource), blank: blank,
                "Channel variables of every call; override those of the destination."
            ),
            .inUse(),
        ] + Field.times() + Self.numbers
    )

    private static let numbers: [Field<DialListMaster>] = [
        Field(
            "default_region", \.defaultRegion,
            .optional(.text(maximumLength: 2, pattern: "^([A-Z]{2})?$", check: FieldText.region), emptyIsNull: true),
            blank: blank,
            "The country whose national numbers are on the list, ISO 3166-1 alpha-2 like DE. Sets number_format to e164 "
                + "unless that is given."
        ),
        Field(
            "number_format", \.numberFormat,
            .optional(
                .text(maximumLength: 4, pattern: "^(raw|e164)?$", check: FieldText.numberFormat), emptyIsNull: true),
            blank: blank,
            "raw: numbers are dialed as given. e164: they are brought into international form, and what is no valid number "
                + "is refused. Null: e164 where default_region is set, else raw."
        ),
    ]

    private static let blank = DialListMaster(uuid: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}
