import DialerModel
import Pacing
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("What a call says of its line")
struct LineWitnessTests {
    private func result(
        _ status: DialingStatus = .responseFailed, cause: Int = 0, dialResult: Int = 0
    ) -> DialingResult {
        var result = DialingResult(dialing: UUID(), status: status, endedAt: Timestamp(microseconds: 0))
        result.hangupCause = cause
        result.dialResult = dialResult
        return result
    }

    private func outcome(of result: DialingResult, hasChannel: Bool = true) -> LineHealth.Outcome? {
        var witness = LineWitness()
        if hasChannel { _ = witness.outcome(after: .channelCreated(channel: "PJSIP/t-1")) }
        return witness.outcome(at: result)
    }

    @Test("no circuit, network out of order, temporary failure, switch congestion", arguments: [34, 38, 41, 42, 44])
    func congestions(cause: Int) {
        #expect(self.outcome(of: self.result(cause: cause, dialResult: 8)) == .congested)
    }

    @Test("what a number does says that its line works", arguments: [1, 3, 17, 18, 19, 20, 21, 22, 27, 28])
    func numbers(cause: Int) {
        #expect(self.outcome(of: self.result(cause: cause)) == .worked)
    }

    @Test("congestion without a cause counts, and so does a failure without a channel; our own hang-up says nothing")
    func withoutCause() {
        #expect(self.outcome(of: self.result(dialResult: 8)) == .congested)
        #expect(self.outcome(of: self.result(dialResult: 5)) == .worked)
        #expect(self.outcome(of: self.result(), hasChannel: false) == .congested)
        #expect(self.outcome(of: self.result()) == .worked)
        #expect(self.outcome(of: self.result(cause: 16)) == .unknown)
    }

    @Test(
        "a call that was never sent, refused or lost says nothing",
        arguments: [.error, .requestFailed, .queuedFailed] as [DialingStatus])
    func unknown(status: DialingStatus) {
        #expect(self.outcome(of: self.result(status)) == .unknown)
    }

    @Test("one word a call: who rang got through, whatever came after")
    func once() {
        var witness = LineWitness()
        #expect(witness.outcome(after: .dialBegin) == nil)
        #expect(witness.outcome(after: .ringing) == .worked)
        #expect(witness.outcome(after: .dialEnd(.answer)) == nil)
        #expect(witness.outcome(at: self.result(cause: 34, dialResult: 8)) == nil)
    }
}
