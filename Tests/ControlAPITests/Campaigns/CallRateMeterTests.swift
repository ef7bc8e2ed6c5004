import DialerModel
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("Calls a minute from looks at a counter")
struct CallRateMeterTests {
    private let start = Timestamp(microseconds: 1_000_000_000)

    @Test("The first look knows no rate, the next ones do")
    func rate() {
        let meter = CallRateMeter()
        let campaign = UUID()
        #expect(meter.callsPerMinute(of: campaign, dialed: 100, at: self.start) == nil)
        #expect(meter.callsPerMinute(of: campaign, dialed: 105, at: self.start + .seconds(10)) == 30)
        #expect(meter.callsPerMinute(of: campaign, dialed: 140, at: self.start + .seconds(40)) == 60)
    }

    @Test("Looks older than a minute do not count")
    func window() {
        let meter = CallRateMeter()
        let campaign = UUID()
        _ = meter.callsPerMinute(of: campaign, dialed: 0, at: self.start)
        _ = meter.callsPerMinute(of: campaign, dialed: 1_000, at: self.start + .seconds(50))
        let rate = meter.callsPerMinute(of: campaign, dialed: 1_010, at: self.start + .seconds(80))
        #expect(rate == 20)
    }

    @Test("Campaigns do not mix")
    func campaigns() {
        let meter = CallRateMeter()
        _ = meter.callsPerMinute(of: UUID(), dialed: 0, at: self.start)
        #expect(meter.callsPerMinute(of: UUID(), dialed: 9, at: self.start + .seconds(9)) == nil)
    }
}
