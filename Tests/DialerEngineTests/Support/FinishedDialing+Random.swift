import DialerModel
import DialerStore

import struct Foundation.UUID

extension FinishedDialing {
    /// Anything a call can come to, from the generator alone.
    static func random(using generator: inout SeededGenerator) -> FinishedDialing {
        func uuid() -> UUID {
            var bytes = UUID().uuid
            withUnsafeMutableBytes(of: &bytes) { buffer in
                for index in buffer.indices { buffer[index] = UInt8.random(in: 0...255, using: &generator) }
            }
            return UUID(uuid: bytes)
        }
        func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &generator) ? value : nil }
        func text() -> String {
            let pieces = ["", "SIP/100", "\0", "ä", "\n", "\"", "🙂", "OPS", "\u{FFFD}", "busy"]
            return (0..<Int.random(in: 0...4, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }
                .joined()
        }
        func time() -> Timestamp { Timestamp(microseconds: .random(in: .min ... .max, using: &generator)) }
        func seconds() -> Double { Double.random(in: 0..<1e6, using: &generator) }

        var result = DialingResult(
            dialing: uuid(), status: DialingStatus.allCases.randomElement(using: &generator)!, endedAt: time())
        result.channel = maybe(text())
        result.dialResult = Int.random(in: -1...99, using: &generator)
        result.dialResultDetail = maybe(text())
        result.hangupCause = Int.random(in: 0...127, using: &generator)
        result.hangupCauseDetail = maybe(text())
        result.dialBeginAt = maybe(time())
        result.answeredAt = maybe(time())
        result.queuedAt = maybe(time())
        result.agentConnectedAt = maybe(time())
        result.agent = maybe(text())
        result.queue = maybe(text())
        result.waitSeconds = maybe(seconds())
        result.talkSeconds = maybe(seconds())
        result.outcome = maybe(AnswerOutcome.allCases.randomElement(using: &generator)!)
        result.machineStatus = maybe(text())
        result.machineCause = maybe(text())
        result.divertedTo = maybe(uuid())
        let line = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        return FinishedDialing(campaign: uuid(), dlma: uuid(), result: result, line: line)
    }
}
