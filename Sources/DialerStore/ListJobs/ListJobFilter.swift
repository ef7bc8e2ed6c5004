import DialerModel

/// Which contacts of a list a job takes; what is nil lets all pass.
package struct ListJobFilter: Sendable, Hashable {
    /// `status` is one of these: 0 idle, 2 reserved by hand. Nobody in a call is taken.
    package var statuses: [Int]?
    /// `res_dial` is one of these.
    package var dialResults: [Int]?
    /// Besides ``dialResults``, every contact that was called and whose `res_dial` is none of ``namedResults``.
    package var takesFailed = false
    /// Whether there was a try on any number.
    package var isTried: Bool?
    /// The last call ended at or after this.
    package var since: Timestamp?
    /// The last call ended before this.
    package var until: Timestamp?

    /// The results that have a name of their own: no answer, answered, busy, congested. Calls with any other failed.
    package static let namedResults = [3, 4, 5, 8]

    package init() {}
}
