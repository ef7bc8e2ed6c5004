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
        ] + Field.times()
    )

    private static let blank = DialListMaster(uuid: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}
