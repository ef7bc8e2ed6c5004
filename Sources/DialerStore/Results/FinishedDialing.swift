import DialerModel

import struct Foundation.UUID

/// A dialing that has ended, with what is to be kept of it.
package struct FinishedDialing: Sendable, Hashable {
    package var campaign: UUID
    package var dlma: UUID
    package var result: DialingResult
    /// The line for the results file, UTF-8, without the newline.
    package var line: [UInt8]

    /// The dialing that has ended.
    package var dialing: UUID { self.result.dialing }

    package init(dialing: Dialing, result: DialingResult, line: [UInt8]) {
        self.init(campaign: dialing.campaign, dlma: dialing.dlma, result: result, line: line)
    }

    package init(campaign: UUID, dlma: UUID, result: DialingResult, line: [UInt8]) {
        self.campaign = campaign
        self.dlma = dlma
        self.result = result
        self.line = line
    }
}
