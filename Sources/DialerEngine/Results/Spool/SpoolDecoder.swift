import DialerStore

/// Finds the records in a spool's bytes, given piece by piece. What is no record is passed over and counted, so that one damaged place
/// costs no other record.
struct SpoolDecoder {
    private var buffer: [UInt8] = []
    /// Where in the buffer the next record is looked for.
    private var place = 0
    /// Bytes passed over since the last record.
    private var skipped = 0

    /// Bytes passed over that have a record behind them: not what a crash in the middle of a write leaves.
    private(set) var damagedBytes = 0
    /// Records whose checksum is right and which this version cannot read.
    private(set) var unreadable = 0

    /// Bytes behind the last record: a torn last one, or damage at the end. Right once ``next(isEnd:)`` has found the end.
    var tornBytes: Int { self.skipped + self.buffer.count - self.place }

    mutating func append(_ bytes: some Collection<UInt8>) {
        self.buffer.removeFirst(self.place)
        self.place = 0
        self.buffer.append(contentsOf: bytes)
    }

    /// The next record; nil when more bytes are needed, or when there are none.
    ///
    /// - Parameter isEnd: nothing follows what was appended.
    mutating func next(isEnd: Bool) -> FinishedDialing? {
        while self.place < self.buffer.count {
            switch self.look() {
            case .record(let payload):
                self.place += SpoolRecord.headerBytes + payload.count
                self.damagedBytes += self.skipped
                self.skipped = 0
                if let finished = try? SpoolRecord.decode(payload) { return finished }
                self.unreadable += 1
            case .incomplete:
                guard isEnd else { return nil }
                self.skip()
            case .none:
                self.skip()
            }
        }
        return nil
    }

    private enum Sight {
        case record(ArraySlice<UInt8>)
        /// It may become one.
        case incomplete
        case none
    }

    private func look() -> Sight {
        let rest = self.buffer[self.place...]
        guard SpoolRecord.mark.starts(with: rest.prefix(SpoolRecord.mark.count)) else { return .none }
        guard rest.count >= SpoolRecord.headerBytes else { return .incomplete }
        var header = SpoolReader(rest.dropFirst(SpoolRecord.mark.count))
        guard let length = try? header.word(), let checksum = try? header.word(),
            length <= SpoolRecord.maximumPayloadBytes
        else { return .none }
        guard rest.count >= SpoolRecord.headerBytes + Int(length) else { return .incomplete }
        let payload = rest.dropFirst(SpoolRecord.headerBytes).prefix(Int(length))
        return SpoolRecord.checksum(of: payload) == checksum ? .record(payload) : .none
    }

    /// To the next byte a record could begin with.
    private mutating func skip() {
        let next = self.buffer[(self.place + 1)...].firstIndex(of: SpoolRecord.mark[0]) ?? self.buffer.count
        self.skipped += next - self.place
        self.place = next
    }
}
