import AsteriskManager
import NIOCore
import NIOPosix

/// Lets one client log in and then writes the corpus again and again.
struct AMIDecodingServer: Sendable {
    let port: Int
    private let listener: any Channel

    static func start(corpus: AMIDecodingCorpus, rounds: Int) async throws -> AMIDecodingServer {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(AMIMessageDecoder()),
                        Talker(corpus: corpus, rounds: rounds)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        return AMIDecodingServer(port: listener.localAddress?.port ?? 0, listener: listener)
    }

    func stop() async throws { try await self.listener.close().get() }

    private final class Talker: ChannelInboundHandler {
        typealias InboundIn = AMIMessage
        typealias OutboundOut = ByteBuffer

        private let corpus: AMIDecodingCorpus
        private var rounds: Int

        init(corpus: AMIDecodingCorpus, rounds: Int) {
            self.corpus = corpus
            self.rounds = rounds
        }

        func channelActive(context: ChannelHandlerContext) {
            self.write(ByteBuffer(string: "Asterisk Call Manager/11.0.0\r\n"), context: context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let action = Self.unwrapInboundIn(data)
            guard action.isAction("Login") else { return }
            let welcome = "Response: Success\r\nActionID: \(action.actionID ?? "")\r\n\r\nEvent: FullyBooted\r\n\r\n"
            self.write(ByteBuffer(string: welcome), context: context)
            self.writeRound(context: context)
        }

        private func writeRound(context: ChannelHandlerContext) {
            guard self.rounds > 0 else { return }
            self.rounds -= 1
            let promise = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            promise.futureResult.whenSuccess { bound.value.0.writeRound(context: bound.value.1) }
            context.writeAndFlush(Self.wrapOutboundOut(self.corpus.bytes), promise: promise)
        }

        private func write(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
            context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
        }
    }
}
