/// When a campaign runs by itself: the wire's `sc_…` fields as posted. ``ScheduleRules`` is their parsed, decidable form.
package struct Schedule: Sendable, Hashable {
    /// `sc_mode`: whether the schedule starts and stops the campaign.
    package var isOn = false
    /// `YYYY-MM-DD`, inclusive.
    package var dateStart: String?
    package var dateEnd: String?
    /// Dates separated by commas: when given, the set of allowed days.
    package var dateList: String?
    /// Dates separated by commas: never on these days.
    package var dateListExcept: String?
    /// `hh:mm:ss`, inclusive; a start after the end means a window over midnight.
    package var timeStart: String?
    package var timeEnd: String?
    /// Digits 0 (Sunday) … 6 (Saturday) separated by commas.
    package var dayList: String?
    /// IANA time zone name; ours, UTC when null.
    package var timeZone: String?

    package init() {}
}
