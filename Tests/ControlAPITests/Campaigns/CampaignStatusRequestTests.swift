import DialerModel
import Testing

@testable import ControlAPI

@Suite("What a written status asks of a campaign")
struct CampaignStatusRequestTests {
    @Test(
        "Finals are asked for and walked to", arguments: [CampaignStatus.start, .pause, .stopping, .starting, .pausing])
    func walks(current: CampaignStatus) {
        func reached(_ status: CampaignStatus) -> Int {
            CampaignStatusRequest(asked: status).status(from: current).rawValue
        }
        #expect(reached(.start) == (current == .start ? 1 : 11))
        #expect(reached(.stop) == 10)
        #expect(reached(.pause) == (current == .pause ? 2 : 12))
        #expect(reached(.stoppingForcedly) == 30)
    }

    @Test("Stopping what is stopped changes nothing")
    func idempotent() {
        #expect(CampaignStatusRequest(asked: .stop).status(from: .stop) == .stop)
        #expect(CampaignStatusRequest(asked: .stop).status(from: .stoppingForcedly) == .stoppingForcedly)
        #expect(CampaignStatusRequest(asked: .start).status(from: .start) == .start)
    }

    @Test("A new campaign begins where it was asked to, only a start has to be walked")
    func initial() {
        let expected: [CampaignStatus: CampaignStatus] = [
            .stop: .stop, .start: .starting, .pause: .pause, .stopping: .stop, .starting: .starting, .pausing: .pause,
            .stoppingForcedly: .stop,
        ]
        for (asked, initial) in expected {
            #expect(CampaignStatusRequest(asked: asked).initialStatus == initial)
        }
    }

    @Test("A wish is served on the way to it, and a forced stop serves a stop")
    func served() {
        #expect(CampaignStatusRequest(asked: .start).isServed(by: .starting))
        #expect(CampaignStatusRequest(asked: .stop).isServed(by: .stoppingForcedly))
        #expect(!CampaignStatusRequest(asked: .pause).isServed(by: .stop))
        #expect(!CampaignStatusRequest(asked: .start).isServed(by: .stopping))
    }
}
