import DialerModel
import DialerStore

/// One finished dialing as it stands in the spool.
///
/// Four bytes that begin every record, the payload's length, the checksum of length and payload, and the payload, whose first byte is the
/// version of what follows. A later version keeps the frame, so that an older program knows where such a record ends.
enum SpoolRecord {
    /// What begins a record. The first byte occurs in no UTF-8 text.
    static let mark: [UInt8] = [0xF5, 0x4F, 0x50, 0x53]
    /// Mark, length and checksum.
    static let headerBytes = 12
    /// The longest payload; a length beyond it is damage.
    static let maximumPayloadBytes = 16 << 20

    private static let version: UInt8 = 1

    /// The whole record; nil for a payload beyond ``maximumPayloadBytes``.
    static func encode(_ finished: FinishedDialing) -> [UInt8]? {
        let payload = self.payload(of: finished)
        guard payload.count <= self.maximumPayloadBytes else { return nil }
        var writer = SpoolWriter()
        for byte in self.mark { writer.byte(byte) }
        writer.word(UInt32(payload.count))
        writer.word(self.checksum(of: payload[...]))
        return writer.bytes + payload
    }

    /// What the record holds.
    ///
    /// - Parameter payload: of a record whose checksum is right.
    /// - Throws: ``SpoolReader/Malformed`` for another version, and for what no version wrote.
    static func decode(_ payload: ArraySlice<UInt8>) throws(SpoolReader.Malformed) -> FinishedDialing {
        var reader = SpoolReader(payload)
        guard try reader.byte() == self.version else { throw SpoolReader.Malformed() }
        let campaign = try reader.uuid()
        let dlma = try reader.uuid()
        let result = try self.result(&reader)
        let line = Array(try reader.data())
        guard reader.isAtEnd else { throw SpoolReader.Malformed() }
        return FinishedDialing(campaign: campaign, dlma: dlma, result: result, line: line)
    }

    static func checksum(of payload: ArraySlice<UInt8>) -> UInt32 {
        var length = SpoolWriter()
        length.word(UInt32(payload.count))
        var checksum = Checksum()
        checksum.add(length.bytes)
        checksum.add(payload)
        return checksum.value
    }

    private static func payload(of finished: FinishedDialing) -> [UInt8] {
        let result = finished.result
        var writer = SpoolWriter()
        writer.byte(self.version)
        writer.uuid(finished.campaign)
        writer.uuid(finished.dlma)
        writer.uuid(result.dialing)
        writer.integer(Int64(result.status.rawValue))
        writer.optional(result.channel) { $0.text($1) }
        writer.integer(Int64(result.dialResult))
        writer.optional(result.dialResultDetail) { $0.text($1) }
        writer.integer(Int64(result.hangupCause))
        writer.optional(result.hangupCauseDetail) { $0.text($1) }
        writer.optional(result.dialBeginAt) { $0.time($1) }
        writer.optional(result.answeredAt) { $0.time($1) }
        writer.optional(result.queuedAt) { $0.time($1) }
        writer.optional(result.agentConnectedAt) { $0.time($1) }
        writer.time(result.endedAt)
        writer.optional(result.agent) { $0.text($1) }
        writer.optional(result.queue) { $0.text($1) }
        writer.optional(result.waitSeconds) { $0.number($1) }
        writer.optional(result.talkSeconds) { $0.number($1) }
        writer.optional(result.outcome) { $0.byte(Self.code(of: $1)) }
        writer.optional(result.machineStatus) { $0.text($1) }
        writer.optional(result.machineCause) { $0.text($1) }
        writer.optional(result.divertedTo) { $0.uuid($1) }
        writer.data(finished.line)
        return writer.bytes
    }

    private static func result(_ reader: inout SpoolReader) throws(SpoolReader.Malformed) -> DialingResult {
        typealias Malformed = SpoolReader.Malformed
        let dialing = try reader.uuid()
        guard let status = DialingStatus(rawValue: Int(try reader.integer())) else { throw Malformed() }
        var result = DialingResult(dialing: dialing, status: status, endedAt: .distantPast)
        result.channel = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.dialResult = Int(try reader.integer())
        result.dialResultDetail = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.hangupCause = Int(try reader.integer())
        result.hangupCauseDetail = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.dialBeginAt = try reader.optional { (reader) throws(Malformed) in try reader.time() }
        result.answeredAt = try reader.optional { (reader) throws(Malformed) in try reader.time() }
        result.queuedAt = try reader.optional { (reader) throws(Malformed) in try reader.time() }
        result.agentConnectedAt = try reader.optional { (reader) throws(Malformed) in try reader.time() }
        result.endedAt = try reader.time()
        result.agent = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.queue = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.waitSeconds = try reader.optional { (reader) throws(Malformed) in try reader.number() }
        result.talkSeconds = try reader.optional { (reader) throws(Malformed) in try reader.number() }
        result.outcome = try reader.optional { (reader) throws(Malformed) in
            let code = try reader.byte()
            guard let outcome = AnswerOutcome.allCases.first(where: { Self.code(of: $0) == code }) else {
                throw Malformed()
            }
            return outcome
        }
        result.machineStatus = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.machineCause = try reader.optional { (reader) throws(Malformed) in try reader.text() }
        result.divertedTo = try reader.optional { (reader) throws(Malformed) in try reader.uuid() }
        return result
    }

    private static func code(of outcome: AnswerOutcome) -> UInt8 {
        switch outcome {
        case .kept: 1
        case .abandoned: 2
        case .machine: 3
        }
    }
}
