import DialerModel

extension DialListEntry: StoredResource {
    static let table = "dial_list_entry"
    /// The contacts of a deleted list are gone with it, before their own rows say so.
    static let isThere =
        "in_use AND EXISTS (SELECT FROM dial_list_master l WHERE l.uuid = dlma_uuid AND l.in_use)"

    static let columns: [StoredColumn<DialListEntry>] =
        [
            .uuid("uuid", \.uuid),
            .uuid("dlma_uuid", \.dlma),
            .boolean("in_use", \.inUse),
            .text("name", \.name),
            .text("detail", \.detail),
            .enumeration("status", \.status),
            .text("resv_target", \.reservedTarget),
            .text("ukey", \.ukey),
            .variables("variables", \.variables),
            .reference("dialing_uuid", \.dialing),
            .reference("dialing_camp_uuid", \.dialingCampaign),
            .reference("dialing_plan_uuid", \.dialingPlan),
            .text("email", \.email),
            .variables("number_originals", \.originalNumbers),
            .integer("priority", \.priority, range: 0...9),
            .integer("res_dial", \.dialResult),
            .text("res_dial_detail", \.dialResultDetail),
            .integer("res_hangup", \.hangupCause),
            .text("res_hangup_detail", \.hangupCauseDetail),
            .time("tm_last_dial", \.lastDialAt),
            .time("tm_last_hangup", \.lastHangupAt),
        ]
        + NumberSlots<Int>.indexes.map { index in .text("number_\(index)", FieldAccessor(slot: index, of: \.numbers)) }
        + NumberSlots<Int>.indexes.map { index in
            .integer("trycnt_\(index)", FieldAccessor(slot: index, of: \.tries), range: 0...Int(Int16.max))
        } + Self.timeColumns
}
