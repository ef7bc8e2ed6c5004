import DialerModel

/// How far an export has come: the last row that was looked at.
package struct ExportPlace: Sendable, Hashable {
    /// The row's time, where rows are ordered by time first.
    var time: Timestamp?
    var sequence: Int64

    init(time: Timestamp? = nil, sequence: Int64) {
        self.time = time
        self.sequence = sequence
    }
}
