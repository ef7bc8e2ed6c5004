import NIOCore
import NIOPosix

/// A bare TCP connection: sends bytes as they are and reads what comes.
enum RawConnection {
    /// Connects, runs `body`, closes.
    static func run<Value: Sendable>(
        port: Int,
        _ body:
            @Sendable (NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>)
            async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in try await body(inbound, outbound) }
    }

    /// Everything that comes until the server closes.
    static func rest(of inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> String {
        var answer = ""
        for try await part in inbound { answer += String(buffer: part) }
        return answer
    }

    /// Sends `text` and returns everything that comes back until the server closes.
    static func exchange(port: Int, _ text: String) async throws -> String {
        try await Self.run(port: port) { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            return try await Self.rest(of: inbound)
        }
    }
}
