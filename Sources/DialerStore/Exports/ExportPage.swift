/// Some rows of an export, ready to be sent.
package struct ExportPage: Sendable {
    /// Whole lines, in the pieces they were received in; none when no row of this stretch is wanted.
    package var pieces: [[UInt8]]
    /// Where the next page begins; nil when this was the last.
    package var next: ExportPlace?
}
