import DialerModel

extension Campaign: StoredResource {
    static let table = "campaign"

    static let columns: [StoredColumn<Campaign>] =
        [
            .uuid("uuid", \.uuid),
            .text("detail", \.detail),
            .text("name", \.name),
            .enumeration("status", \.status),
            .boolean("in_use", \.inUse),
            .variables("variables", \.variables),
            .reference("next_campaign", \.nextCampaign),
            .reference("plan", \.plan),
            .reference("dlma", \.dlma),
            .reference("dest", \.destination),
            .flag("sc_mode", \.schedule.isOn),
            .text("sc_date_start", \.schedule.dateStart),
            .text("sc_date_end", \.schedule.dateEnd),
            .text("sc_date_list", \.schedule.dateList),
            .text("sc_date_list_except", \.schedule.dateListExcept),
            .text("sc_time_start", \.schedule.timeStart),
            .text("sc_time_end", \.schedule.timeEnd),
            .text("sc_day_list", \.schedule.dayList),
            .text("sc_time_zone", \.schedule.timeZone),
            .lists("lists", \.lists),
            .word("list_mode", \.listMode),
        ] + Self.timeColumns
}
