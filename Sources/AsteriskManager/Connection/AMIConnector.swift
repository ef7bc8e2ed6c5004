import NIOCore
import NIOPosix
import NIOSSL

/// Opens the channel a client talks through.
enum AMIConnector {
    static func connect(
        _ configuration: AMIClientConfiguration
    ) async throws(AMIError) -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let tlsContext: NIOSSLContext?
        do {
            tlsContext = try configuration.tls.map { try self.context(for: $0) }
        } catch {
            throw .invalidTLS(reason: String(describing: error))
        }
        let serverName = configuration.tls?.serverName ?? configuration.host
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(configuration.connectTimeout))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: 16 << 10, maximum: 128 << 10)
                )
                .connect(host: configuration.host, port: configuration.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tlsContext {
                            let handler = try NIOSSLClientHandler(
                                context: tlsContext,
                                // An address may not be sent as a server name.
                                serverHostname: Self.isAddress(serverName) ? nil : serverName
                            )
                            try channel.pipeline.syncOperations.addHandler(handler)
                        }
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw .connectFailed(reason: String(describing: error))
        }
    }

    private static func context(for tls: AMIClientConfiguration.TLS) throws -> NIOSSLContext {
        var settings = TLSConfiguration.makeClientConfiguration()
        if let file = tls.certificateAuthorityFile { settings.trustRoots = .file(file) }
        if !tls.verifiesCertificate { settings.certificateVerification = .none }
        return try NIOSSLContext(configuration: settings)
    }

    private static func isAddress(_ name: String) -> Bool {
        (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }
}
