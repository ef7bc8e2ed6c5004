import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Appends the floor's records to a file, one JSON object a line, from a thread that may block.
struct FloorLog {
    private let descriptor: CInt
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var pending = ByteBuffer()

    /// Opens the file for appending.
    init(path: String, eventLoop: any EventLoop) throws(CallFloorError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .cannotOpenLog(path: path, reason: String(cString: strerror(errno)))
        }
        self.descriptor = descriptor
        self.eventLoop = eventLoop
        // One thread keeps the lines in their order.
        self.pool = NIOThreadPool(numberOfThreads: 1)
        self.pool.start()
    }

    /// Notes a record; `epoch` and `speed` turn the floor's time into the wall clock's.
    mutating func append(_ record: FloorRecord, epoch: Double, speed: Double) {
        switch record {
        case .originate(let ordinal, let id, let number, let channel, let at):
            self.pending.writeStaticString("{\"event\":\"originate\",\"ordinal\":")
            self.pending.writeDecimal(ordinal)
            self.string("id", id)
            self.string("number", number)
            self.string("channel", channel)
            self.time("time", epoch + at.seconds / speed)
            self.time("floor", at.seconds)
        case .end(let end):
            self.pending.writeStaticString("{\"event\":\"end\",\"ordinal\":")
            self.pending.writeDecimal(end.ordinal)
            self.string("id", end.id)
            self.string("number", end.number)
            self.string("outcome", end.outcome)
            self.pending.writeStaticString(",\"cause\":")
            self.pending.writeDecimal(end.cause)
            self.time("time", epoch + end.ended.seconds / speed)
            self.time("floor", end.ended.seconds)
            self.time("originated", end.originated.seconds)
            if let answered = end.answered { self.time("answered", answered.seconds) }
            if let connected = end.connected { self.time("connected", connected.seconds) }
            if let queue = end.queue { self.string("queue", queue) }
            if let agent = end.agent { self.string("agent", agent) }
            if end.isMachine { self.pending.writeStaticString(",\"machine\":true") }
            if end.abandoned { self.pending.writeStaticString(",\"abandoned\":true") }
        }
        self.pending.writeStaticString("}\n")
    }

    /// Hands what was noted to the writing thread.
    mutating func flush() {
        guard self.pending.readableBytes > 0 else { return }
        let bytes = self.pending
        self.pending = ByteBuffer()
        self.pool.submit { [descriptor] _ in Self.write(bytes, to: descriptor) }
    }

    /// Writes the rest, makes it durable and closes the file. The log can't be used after.
    mutating func close() -> EventLoopFuture<Void> {
        self.flush()
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.pool.submit { [descriptor, pool] _ in
            fsync(descriptor)
            Glibc.close(descriptor)
            pool.shutdownGracefully { _ in promise.succeed() }
        }
        return promise.futureResult
    }

    /// A full disk costs lines of the log, never the floor.
    private static func write(_ bytes: ByteBuffer, to descriptor: CInt) {
        bytes.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    private mutating func time(_ key: StaticString, _ seconds: Double) {
        let microseconds = Int((seconds * 1e6).rounded())
        self.pending.writeStaticString(",\"")
        self.pending.writeStaticString(key)
        self.pending.writeStaticString("\":")
        self.pending.writeDecimal(microseconds / 1_000_000)
        self.pending.writeStaticString(".")
        self.pending.writeDecimal(abs(microseconds % 1_000_000), width: 6)
    }

    private mutating func string(_ key: StaticString, _ value: String) {
        self.pending.writeStaticString(",\"")
        self.pending.writeStaticString(key)
        self.pending.writeStaticString("\":\"")
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                self.pending.writeInteger(UInt8(ascii: "\\"))
                self.pending.writeInteger(byte)
            case ..<0x20:
                self.pending.writeStaticString("\\u00")
                let digits = StaticString("0123456789abcdef")
                self.pending.writeInteger(digits.utf8Start[Int(byte >> 4)])
                self.pending.writeInteger(digits.utf8Start[Int(byte & 0xf)])
            default: self.pending.writeInteger(byte)
            }
        }
        self.pending.writeStaticString("\"")
    }
}
