import AsteriskManager
import CFuzzer
import NIOCore

/// Any bytes as what an Asterisk sends: nothing traps, every limit holds, and the pieces they come in change nothing.
@main
struct ManagerMessages {
    static func main() {
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &words) { data, size in
            let bytes = Array(UnsafeBufferPointer(start: data, count: size))
            // The first two bytes say how the rest is cut and whether a greeting is expected.
            guard bytes.count > 2 else { return 0 }
            let stream = Array(bytes[2...])
            let hasGreeting = bytes[1] & 1 == 1
            let whole = ManagerMessages.messages(stream, piece: stream.count, hasGreeting: hasGreeting)
            let pieces = ManagerMessages.messages(stream, piece: Int(bytes[0]) % 32 + 1, hasGreeting: hasGreeting)
            // A limit may be met earlier in pieces than in the whole, never a message more or another one.
            precondition(pieces.isCutShort || pieces.messages.count == whole.messages.count || whole.isCutShort)
            for (one, other) in zip(whole.messages, pieces.messages) { precondition(one == other) }
            return 0
        }
    }

    /// What a decoder with narrow limits makes of the stream.
    private static func messages(
        _ stream: [UInt8], piece: Int, hasGreeting: Bool
    ) -> (messages: [AMIMessage], isCutShort: Bool) {
        let limits = AMIDecodingLimits(maxMessageBytes: 2048, maxLineBytes: 512, maxHeaders: 64)
        var decoder = AMIMessageDecoder(expectsGreeting: hasGreeting, limits: limits)
        var buffer = ByteBuffer()
        var messages: [AMIMessage] = []
        var place = 0
        do {
            while place < stream.count {
                let end = min(place + piece, stream.count)
                buffer.writeBytes(stream[place..<end])
                place = end
                while let message = try decoder.decode(buffer: &buffer) {
                    Self.read(message)
                    messages.append(message)
                }
            }
            while let message = try decoder.decodeLast(buffer: &buffer, seenEOF: true) { messages.append(message) }
        } catch {
            return (messages, true)
        }
        return (messages, false)
    }

    /// All that is ever asked of a message.
    private static func read(_ message: AMIMessage) {
        precondition(message.headerCount <= 64 && message.rawBytes.readableBytes <= 2048)
        precondition(message.headers.count == message.headerCount)
        _ = (message.kind, message.greeting, message.eventName, message.actionID, message.description)
        _ = (message.integer("Cause"), message.values(of: "Variable"), message.has("Uniqueid"))
        _ = (message.eventType, message.isEvent("Hangup"), message.isResponse("Success"))
    }
}
