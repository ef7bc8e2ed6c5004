import DialerModel

/// A dialing that has ended, with what is to be kept of it.
package struct FinishedDialing: Sendable, Hashable {
    package var dialing: Dialing
    package var result: DialingResult
    /// The line for the results file, UTF-8, without the newline.
    package var line: [UInt8]

    package init(dialing: Dialing, result: DialingResult, line: [UInt8]) {
        self.dialing = dialing
        self.result = result
        self.line = line
    }
}
