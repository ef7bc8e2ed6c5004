import DialerModel

/// Which rows an export is to have; what is nil or empty lets all pass.
package struct ExportFilter: Sendable, Hashable {
    /// `status` is one of these.
    package var statuses: [Int] = []
    /// `res_dial` is one of these.
    package var dialResults: [Int] = []
    /// `res_hangup` is one of these.
    package var hangupCauses: [Int] = []
    /// The last call's end (contacts) or the call's end (results) is at or after this.
    package var since: Timestamp?
    /// The same is before this.
    package var until: Timestamp?

    package init() {}
}
