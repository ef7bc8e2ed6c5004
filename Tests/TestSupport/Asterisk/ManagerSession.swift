import Dispatch
import Glibc
import NIOConcurrencyHelpers

/// A plain socket to an Asterisk's manager port, for tests that look on from the side or drive the floor.
///
/// It knows nothing of the client under test. Events that come while nobody waits are kept for the next wait.
package final class ManagerSession: Sendable {
    /// One message: its headers in order.
    package struct Message: Sendable, CustomStringConvertible {
        package let headers: [(name: String, value: String)]

        /// The first header of that name.
        package subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

        package var description: String { headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") }
    }

    private let descriptor: Int32
    private let buffer = NIOLockedValueBox<[UInt8]>([])

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to 127.0.0.1 and logs in; returns when Asterisk has said that it is fully booted.
    package static func login(
        port: Int,
        username: String,
        secret: String,
        within limit: Duration = .seconds(60)
    ) async throws -> ManagerSession {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AsteriskServerError.session("no socket: errno \(errno)") }
        let session = ManagerSession(descriptor: descriptor)
        var address = sockaddr_in(port: port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw AsteriskServerError.session("cannot connect: errno \(errno)") }
        try session.send(["Action": "Login", "Username": username, "Secret": secret])
        let answer = try await session.next(within: limit) { $0["Event"] == "FullyBooted" || $0["Response"] == "Error" }
        guard answer["Event"] != nil else {
            throw AsteriskServerError.session("login refused: \(answer["Message"] ?? "")")
        }
        return session
    }

    /// Sends an action. Values are the test's own: nothing is checked.
    package func send(_ headers: KeyValuePairs<String, String>) throws {
        var text = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        text += "\r\n"
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw AsteriskServerError.session("cannot send: errno \(errno)") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The next message that fits; those before it are dropped.
    package func next(
        within limit: Duration = .seconds(60),
        where fits: @escaping @Sendable (Message) -> Bool
    ) async throws -> Message {
        let messages = try await collect(within: limit, until: fits)
        guard let last = messages.last else { throw AsteriskServerError.session("nothing came") }
        return last
    }

    /// Every message up to and including the first that fits.
    package func collect(
        within limit: Duration = .seconds(60),
        until fits: @escaping @Sendable (Message) -> Bool
    ) async throws -> [Message] {
        // The socket is waited on in a thread of Dispatch: Swift's own pool has few, and tests run side by side.
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try read(until: fits, deadline: .now + limit) })
            }
        }
    }

    private func read(until fits: (Message) -> Bool, deadline: ContinuousClock.Instant) throws -> [Message] {
        var messages: [Message] = []
        while true {
            while let message = takeMessage() {
                messages.append(message)
                if fits(message) { return messages }
            }
            let left = deadline - .now
            guard left > .zero else {
                throw AsteriskServerError.session("did not come in time; came: \(messages.suffix(5))")
            }
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, Int32(left / .milliseconds(1)) + 1) > 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                throw AsteriskServerError.session("closed by Asterisk; came: \(messages.suffix(5))")
            }
            buffer.withLockedValue { $0 += chunk[..<count] }
        }
    }

    /// Takes one whole message off the buffer. The banner, one line of its own, counts as a part of the first.
    private func takeMessage() -> Message? {
        let text: String? = buffer.withLockedValue { bytes in
            let blank: [UInt8] = [13, 10, 13, 10]
            guard let end = bytes.firstRange(of: blank) else { return nil }
            defer { bytes.removeFirst(end.upperBound) }
            return String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        }
        return text.map { text in
            Message(
                headers: text.split(separator: "\r\n").compactMap { line in
                    guard let colon = line.firstIndex(of: ":") else { return nil }
                    return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
                }
            )
        }
    }
}

extension sockaddr_in {
    /// 127.0.0.1 and a port.
    init(port: Int) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
    }
}
