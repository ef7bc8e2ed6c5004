import DialerModel
import DialerStore
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("Engines that say nothing")
struct SilenceWatchTests {
    private func record(_ uuid: UUID, word: Int64) -> EngineRecord {
        EngineRecord(uuid: uuid, name: "\(uuid)", remaining: .seconds(3600), heldUntil: Timestamp(microseconds: word))
    }

    @Test("whoever says something new lives, whichever way its clock went; whoever does not is silent after the limit")
    func words() {
        var watch = SilenceWatch(limit: .seconds(10))
        let (talks, quiet) = (UUID(), UUID())
        for second in 0...30 {
            let engines = [
                // Its clock goes back.
                self.record(talks, word: Int64(1000 - second / 3)), self.record(quiet, word: 7),
            ]
            let silent = watch.silent(among: engines, at: .seconds(second)).map(\.uuid)
            #expect(silent == (second > 10 ? [quiet] : []), "\(second) s")
        }
    }

    @Test("one that was not there for a while, or is ended and comes back with another word, is watched anew")
    func anew() {
        var watch = SilenceWatch(limit: .seconds(10))
        let engine = UUID()
        #expect(watch.silent(among: [self.record(engine, word: 1)], at: .zero).isEmpty)
        #expect(watch.silent(among: [], at: .seconds(5)).isEmpty)
        #expect(watch.silent(among: [self.record(engine, word: 1)], at: .seconds(11)).isEmpty)
        #expect(watch.silent(among: [self.record(engine, word: 1)], at: .seconds(21)).isEmpty)
        #expect(watch.silent(among: [self.record(engine, word: 1)], at: .seconds(22)).count == 1)
        #expect(watch.silent(among: [self.record(engine, word: 2)], at: .seconds(23)).isEmpty)
    }
}
