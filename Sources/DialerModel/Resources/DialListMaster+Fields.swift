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
        ] + Field.times() + Self.numbers + Self.orders
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

    private static let orders: [Field<DialListMaster>] = [
        Field(
            "dial_order", \.order, .word(), blank: blank,
            "Whom the list brings first. least_tried: fewest tries, then the longest wait, then the order of creation. upload: from "
                + "the top, retries that are due before those nobody called. newest: the last created first. priority: the "
                + "contacts' priority. random: by order_seed."
        ),
        Field(
            "order_seed", \.orderSeed, .integer(0...Int(Int32.max)), blank: blank,
            "Which random order it is: the same seed gives the same one, another seed shuffles the list anew."
        ),
    ]

    private static let blank = DialListMaster(uuid: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}
