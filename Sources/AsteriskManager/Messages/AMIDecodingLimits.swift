/// How much of somebody else's data one message may be.
public struct AMIDecodingLimits: Sendable, Hashable {
    /// Bytes of one message, its line ends included.
    public var maxMessageBytes: Int
    /// Bytes of one line, without its line end.
    public var maxLineBytes: Int
    /// Lines of one message.
    public var maxHeaders: Int

    /// The defaults leave room for the longest `Command` output a dialer asks for.
    public init(maxMessageBytes: Int = 256 << 10, maxLineBytes: Int = 64 << 10, maxHeaders: Int = 8192) {
        self.maxMessageBytes = maxMessageBytes
        self.maxLineBytes = maxLineBytes
        self.maxHeaders = maxHeaders
    }
}
