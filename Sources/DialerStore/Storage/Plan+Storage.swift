import DialerModel

extension Plan: StoredResource {
    static let table = "plan"

    static let columns: [StoredColumn<Plan>] =
        [
            .uuid("uuid", \.uuid),
            .text("name", \.name),
            .text("detail", \.detail),
            .boolean("in_use", \.inUse),
            .variables("variables", \.variables),
            .enumeration("dial_mode", \.dialMode),
            .integer("dial_timeout", \.dialTimeout),
            .text("caller_id", \.callerID),
            .enumeration("dl_end_handle", \.listEndHandling),
            .integer("retry_delay", \.retryDelay),
            .text("trunk_name", \.trunkName),
            .text("tech_name", \.techName),
            .integer("service_level", \.serviceLevel),
            .text("early_media", \.earlyMedia),
            .text("codecs", \.codecs),
            .decimal("pacing_ratio", \.pacingRatio),
            .word("pacing", \.pacing),
            .decimal("abandon_target", \.abandonTarget),
            .decimal("abandon_grace", \.abandonGrace),
            .reference("abandon_dest", \.abandonDestination),
            .word("machine_handle", \.machineHandling),
            .reference("machine_dest", \.machineDestination),
        ]
        + NumberSlots<Int>.indexes.map { index in
            .integer("max_retry_cnt_\(index)", FieldAccessor(slot: index, of: \.maxTries), range: 0...Int(Int16.max))
        } + Self.timeColumns
}
