/// Takes the data of a COPY FROM STDIN. Valid inside `copyIn`'s closure only.
public final class PostgresCopyWriter {
    private let channel: ConnectionChannel
    private let id: UInt64
    private var buffer: [UInt8] = []

    private static let chunkSize = 65_536

    init(channel: ConnectionChannel, id: UInt64) {
        self.channel = channel
        self.id = id
    }

    /// Writes bytes in the format the COPY statement named. Suspends while the server is behind.
    ///
    /// - Throws: ``PostgresError/Code/cancelled`` when the task is cancelled, or the connection's error.
    public func write(_ bytes: some Collection<UInt8>) async throws(PostgresError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.chunkSize { try await flush() }
    }

    /// Writes one row in PostgreSQL's text format, the default of COPY.
    ///
    /// - Throws: ``PostgresError/Code/invalidParameter`` when a value holds a NUL; otherwise as ``write(_:)``.
    public func writeRow<each Value: PostgresEncodable>(_ values: repeat each Value) async throws(PostgresError) {
        var isFirst = true
        for value in repeat each values {
            if !isFirst { buffer.append(UInt8(ascii: "\t")) }
            isFirst = false
            try append(value)
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.chunkSize { try await flush() }
    }

    private func append(_ value: some PostgresEncodable) throws(PostgresError) {
        guard !value.isPostgresNull else {
            buffer.append(contentsOf: "\\N".utf8)
            return
        }
        let start = buffer.count
        value.encodePostgres(into: &buffer)
        guard buffer[start...].contains(where: { Self.escape(of: $0) != nil || $0 == 0 }) else { return }
        let raw = Array(buffer[start...])
        buffer.removeSubrange(start...)
        for byte in raw {
            guard byte != 0 else {
                throw PostgresError(.invalidParameter, "a value holds a NUL character, which PostgreSQL can't store")
            }
            if let escape = Self.escape(of: byte) {
                buffer.append(UInt8(ascii: "\\"))
                buffer.append(escape)
            } else {
                buffer.append(byte)
            }
        }
    }

    private static func escape(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        case UInt8(ascii: "\n"): UInt8(ascii: "n")
        case UInt8(ascii: "\r"): UInt8(ascii: "r")
        case UInt8(ascii: "\t"): UInt8(ascii: "t")
        default: nil
        }
    }

    func flush() async throws(PostgresError) {
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled") }
        guard !buffer.isEmpty else { return }
        try await channel.writeCopy(id, buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
