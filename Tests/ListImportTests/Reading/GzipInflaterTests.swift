import CZlib
import ListImport
import Testing

@Suite struct GzipInflaterTests {
    /// gzip as zlib itself writes it.
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let version = String(cString: zlibVersion())
        deflateInit2_(
            &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, version, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }

    private func inflate(_ bytes: [UInt8], pieceSize: Int, maximum: Int = .max) throws -> (bytes: [UInt8], largest: Int)
    {
        let inflater = try GzipInflater(maximumBytes: maximum)
        var output: [UInt8] = []
        var largest = 0
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            try bytes[start..<min(start + pieceSize, bytes.count)].withContiguousStorage {
                (piece) throws(FileProblem) in
                try inflater.push(piece) { plain throws(FileProblem) in
                    largest = max(largest, plain.count)
                    output += plain
                }
            }
        }
        try inflater.finish()
        return (output, largest)
    }

    @Test func filesComeOutAsTheyWentIn() throws {
        let text = Array((0..<20_000).map { "\($0),name \($0 * 7919 % 104_729)\n" }.joined().utf8)
        let packed = Self.compressed(text)
        for size in [1, 100, 65_536] { #expect(try self.inflate(packed, pieceSize: size).bytes == text) }
    }

    @Test func membersBehindEachOtherAreOneFile() throws {
        let packed = Self.compressed(Array("a,b\n".utf8)) + Self.compressed(Array("1,2\n".utf8))
        for size in [1, 7, 1_000] {
            #expect(try self.inflate(packed, pieceSize: size).bytes == Array("a,b\n1,2\n".utf8))
        }
    }

    @Test func aBombEndsAtTheLimitAndComesInSmallPieces() throws {
        let bomb = Self.compressed([UInt8](repeating: 0x20, count: 20_000_000))
        #expect(bomb.count < 25_000)
        #expect(throws: FileProblem.self) { try self.inflate(bomb, pieceSize: 2_048, maximum: 1_000_000) }
        #expect(try self.inflate(bomb, pieceSize: 2_048).largest <= 65_536)
    }

    @Test func aFileThatEndsInTheMiddleIsNoFile() throws {
        let packed = Self.compressed(Array("number_1\n300\n".utf8))
        #expect(throws: FileProblem("the gzip file ends in the middle")) {
            try self.inflate(Array(packed.dropLast(4)), pieceSize: 10)
        }
        #expect(throws: FileProblem.self) { try self.inflate(Array("number_1\n300\n".utf8), pieceSize: 10) }
        var damaged = packed
        damaged[packed.count - 6] ^= 0xFF
        #expect(throws: FileProblem.self) { try self.inflate(damaged, pieceSize: 10) }
    }
}
