import DialerModel

extension DialListMaster: StoredResource {
    static let table = "dial_list_master"

    static let columns: [StoredColumn<DialListMaster>] =
        [
            .uuid("uuid", \.uuid),
            .text("name", \.name),
            .text("detail", \.detail),
            .variables("variables", \.variables),
            .text("default_region", \.defaultRegion),
            .text("number_format", \.numberFormat),
            .word("dial_order", \.order),
            .integer("order_seed", \.orderSeed, range: 0...Int(Int32.max)),
            .boolean("in_use", \.inUse),
        ] + Self.timeColumns
}
