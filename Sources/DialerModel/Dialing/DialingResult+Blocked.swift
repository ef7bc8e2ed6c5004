extension DialingResult {
    /// `res_dial_detail` of a number on the do-not-call list.
    package static let blockedDetail = "Not dialed: the number is on the do-not-call list."

    /// The result of a call that was due and is not placed, because its number is on the do-not-call list.
    package static func blocked(_ dialing: Dialing, now: Timestamp) -> DialingResult {
        var result = DialingResult(dialing: dialing.uuid, status: .blocked, endedAt: now)
        result.dialResultDetail = Self.blockedDetail
        return result
    }
}
