import DialerModel
import DialerStore
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("The spool's records")
struct SpoolDecoderTests {
    /// What a decoder finds in bytes that come in pieces of this size.
    private func decode(_ bytes: [UInt8], piece: Int = .max) -> (found: [FinishedDialing], decoder: SpoolDecoder) {
        var decoder = SpoolDecoder()
        var found: [FinishedDialing] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.append(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while let next = decoder.next(isEnd: rest.isEmpty) { found.append(next) }
        }
        return (found, decoder)
    }

    private func records(_ count: Int, seed: UInt64) throws -> (results: [FinishedDialing], records: [[UInt8]]) {
        var generator = SeededGenerator(seed: seed)
        let results = (0..<count).map { _ in FinishedDialing.random(using: &generator) }
        return (results, try results.map { try #require(SpoolRecord.encode($0)) })
    }

    @Test("the checksum is the one of RFC 3720")
    func checksum() {
        var checksum = Checksum()
        checksum.add(Array("123456789".utf8))
        #expect(checksum.value == 0xE306_9283)
        var zeros = Checksum()
        zeros.add([UInt8](repeating: 0, count: 32))
        #expect(zeros.value == 0x8A91_36AA)
    }

    @Test("what was written is read, in pieces of any size", arguments: [1, 2, 3, 11, 12, 13, 100, 4096])
    func roundTrip(piece: Int) throws {
        let (results, records) = try self.records(100, seed: UInt64(piece))
        let (found, decoder) = self.decode(Array(records.joined()), piece: piece)
        #expect(found == results)
        #expect(decoder.tornBytes == 0)
        #expect(decoder.damagedBytes == 0)
        #expect(decoder.unreadable == 0)
    }

    @Test("a record written by this version once is read by it for ever")
    func stable() throws {
        var result = DialingResult(
            dialing: try #require(UUID(wire: "01a1fdbd-595e-79e5-acd3-8e3009973876")), status: .hangup,
            endedAt: Timestamp(microseconds: 1_800_000_000_123_456))
        result.dialResult = 4
        result.agent = "PJSIP/1"
        result.talkSeconds = 1.5
        result.outcome = .abandoned
        let finished = FinishedDialing(
            campaign: try #require(UUID(wire: "11111111-1111-1111-1111-111111111111")),
            dlma: try #require(UUID(wire: "22222222-2222-2222-2222-222222222222")), result: result,
            line: Array("{}".utf8))
        let hex =
            "f54f50530000007abdd242ab01" + String(repeating: "11", count: 16) + String(repeating: "22", count: 16)
            + "01a1fdbd595e79e5acd38e3009973876" + "0000000000000007" + "00" + "0000000000000004" + "00"
            + "0000000000000000" + "00" + "00000000" + "00066517289a6240" + "0100000007504a5349502f31" + "00"
            + "00" + "013ff8000000000000" + "0102" + "000000" + "000000027b7d"
        let written = try #require(SpoolRecord.encode(finished))
        let digits = written.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digits == hex)
        #expect(self.decode(written).found == [finished])
    }

    @Test("cut off at any byte, every whole record is read and nothing else")
    func truncated() throws {
        let (results, records) = try self.records(5, seed: 7)
        let bytes = Array(records.joined())
        for length in 0..<bytes.count {
            var whole = 0
            var end = 0
            while whole < records.count, end + records[whole].count <= length {
                end += records[whole].count
                whole += 1
            }
            let (found, decoder) = self.decode(Array(bytes.prefix(length)))
            #expect(found == Array(results.prefix(whole)), "cut at \(length)")
            #expect(decoder.tornBytes == length - end, "cut at \(length)")
            #expect(decoder.damagedBytes == 0, "cut at \(length)")
        }
    }

    @Test("a flipped bit costs the one record it is in, and is told")
    func flipped() throws {
        let (results, records) = try self.records(4, seed: 11)
        let bytes = Array(records.joined())
        var starts = [0]
        for record in records { starts.append(starts[starts.count - 1] + record.count) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                let (found, decoder) = self.decode(damaged)
                let hit = try #require(records.indices.last { starts[$0] <= place })
                var expected = results
                expected.remove(at: hit)
                try #require(found == expected, "bit \(bit) of byte \(place)")
                let told = hit == records.count - 1 ? decoder.tornBytes : decoder.damagedBytes
                try #require(told == records[hit].count, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test("bytes that are no spool hold no result", arguments: 1...20 as ClosedRange<UInt64>)
    func garbage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<200 {
            if Int.random(in: 0..<4, using: &generator) == 0 { bytes += SpoolRecord.mark }
            if Int.random(in: 0..<4, using: &generator) == 0 { bytes += [0, 0, 0, 5] }
            bytes += (0..<Int.random(in: 0..<20, using: &generator)).map { _ in .random(in: 0...255, using: &generator)
            }
        }
        let (found, decoder) = self.decode(bytes, piece: 64)
        #expect(found.isEmpty)
        #expect(decoder.tornBytes == bytes.count)
        let (results, records) = try self.records(1, seed: seed)
        #expect(self.decode(bytes + records[0] + bytes, piece: 64).found == results)
    }

    @Test("a later version's record is passed over, and told; those around it are read")
    func laterVersion() throws {
        let (results, records) = try self.records(2, seed: 3)
        let payload: [UInt8] = [2, 1, 2, 3]
        var later = SpoolWriter()
        for byte in SpoolRecord.mark { later.byte(byte) }
        later.word(4)
        later.word(SpoolRecord.checksum(of: payload[...]))
        let (found, decoder) = self.decode(records[0] + later.bytes + payload + records[1])
        #expect(found == results)
        #expect(decoder.unreadable == 1)
        #expect(decoder.damagedBytes == 0)
    }
}
