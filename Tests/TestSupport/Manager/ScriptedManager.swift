import AsteriskManager
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A manager port on loopback whose every word the test decides.
package final class ScriptedManager: Sendable {
    /// One client's connection, as the script sees it.
    package final class Connection: Sendable {
        /// From 1, in the order of the connections.
        package let number: Int
        package let channel: any Channel
        /// The actions the client sent, in order, as they come; ends with the connection.
        package let received: AsyncStream<AMIMessage>

        fileprivate init(number: Int, channel: any Channel, received: AsyncStream<AMIMessage>) {
            self.number = number
            self.channel = channel
            self.received = received
        }

        /// Sends bytes as they are.
        package func send(_ text: String) async throws {
            try await self.channel.writeAndFlush(ByteBuffer(string: text)).get()
        }

        /// Sends one message.
        package func send(_ headers: [(name: String, value: String)]) async throws {
            var bytes = ByteBuffer()
            try AMIMessageEncoder(limits: .events).encode(headers, into: &bytes)
            try await self.channel.writeAndFlush(bytes).get()
        }

        /// Answers an action.
        package func answer(
            _ action: AMIMessage,
            _ response: String = "Success",
            _ headers: [(name: String, value: String)] = []
        ) async throws {
            let id = action.actionID.map { [(name: "ActionID", value: $0)] } ?? []
            try await self.send([(name: "Response", value: response)] + id + headers)
        }

        /// Answers an action with a list.
        package func list(
            _ action: AMIMessage,
            _ items: [[(name: String, value: String)]],
            complete: String
        ) async throws {
            let id = (name: "ActionID", value: action.actionID ?? "")
            try await self.answer(action, "Success", [("EventList", "start"), ("Message", "List will follow")])
            for item in items { try await self.send(item + [id]) }
            try await self.send([
                ("Event", complete), id, ("EventList", "Complete"), ("ListItems", String(items.count)),
            ])
        }
    }

    /// What the clients sent over all connections.
    package let actions: NIOLockedValueBox<[AMIMessage]>
    package let port: Int

    private let listener: any Channel
    private let connections: NIOLockedValueBox<Int>
    private let scripts: NIOLockedValueBox<[Task<Void, Never>]>

    /// - Parameters:
    ///   - prepare: Runs on each new channel before anything else, for instance to add TLS.
    ///   - script: Runs for each connection; the connection closes when it returns.
    package init(
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        script: @escaping @Sendable (Connection) async throws -> Void
    ) async throws {
        let actions = NIOLockedValueBox<[AMIMessage]>([])
        let connections = NIOLockedValueBox(0)
        let scripts = NIOLockedValueBox<[Task<Void, Never>]>([])
        self.actions = actions
        self.connections = connections
        self.scripts = scripts
        self.listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    let (stream, continuation) = AsyncStream<AMIMessage>.makeStream()
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(AMIMessageDecoder()),
                        ActionCollector(actions: actions, continuation: continuation)
                    )
                    let number = connections.withLockedValue { count in
                        count += 1
                        return count
                    }
                    let connection = Connection(number: number, channel: channel, received: stream)
                    let task = Task {
                        try? await script(connection)
                        try? await channel.close().get()
                    }
                    scripts.withLockedValue { $0.append(task) }
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        self.port = self.listener.localAddress?.port ?? 0
    }

    /// How many connections were made so far.
    package var connectionCount: Int { self.connections.withLockedValue { $0 } }

    /// Actions of that name, so far.
    package func actions(named name: StaticString) -> [AMIMessage] {
        self.actions.withLockedValue { $0.filter { $0.isAction(name) } }
    }

    /// Ends every script and closes the port.
    package func stop() async {
        try? await self.listener.close().get()
        for task in self.scripts.withLockedValue({ $0 }) { task.cancel() }
    }
}

private final class ActionCollector: ChannelInboundHandler {
    typealias InboundIn = AMIMessage

    private let actions: NIOLockedValueBox<[AMIMessage]>
    private let continuation: AsyncStream<AMIMessage>.Continuation

    init(actions: NIOLockedValueBox<[AMIMessage]>, continuation: AsyncStream<AMIMessage>.Continuation) {
        self.actions = actions
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let action = Self.unwrapInboundIn(data)
        self.actions.withLockedValue { $0.append(action) }
        self.continuation.yield(action)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.continuation.finish()
        context.close(promise: nil)
    }
}

extension ScriptedManager.Connection {
    /// Plays an Asterisk that is up: greeting, login (any secret but `wrong`), settings, pings, empty lists. Every other action goes to
    /// `handle`, which says whether it has answered.
    package func behave(
        fullyBooted: Bool = true,
        channels: @escaping @Sendable () -> [[(name: String, value: String)]] = { [] },
        queues: @escaping @Sendable () -> [[(name: String, value: String)]] = { [] },
        ready: @escaping @Sendable () async throws -> Void = {},
        handle: @escaping @Sendable (AMIMessage) async throws -> Bool = { _ in false }
    ) async throws {
        try await self.send("Asterisk Call Manager/11.0.0\r\n")
        for await action in self.received {
            if try await handle(action) { continue }
            switch action.actionName?.lowercased() {
            case "challenge":
                try await self.answer(action, "Success", [("Challenge", "122416814")])
            case "login":
                try await self.answer(action, "Success", [("Message", "Authentication accepted")])
                if fullyBooted {
                    try await self.send([
                        ("Event", "FullyBooted"), ("Privilege", "system,all"), ("Status", "Fully Booted"),
                    ])
                }
                try await ready()
            case "ping":
                try await self.answer(action, "Success", [("Ping", "Pong"), ("Timestamp", "1795236327.784056")])
            case "events":
                try await self.answer(action, "Success", [("Events", "On")])
            case "filter":
                try await self.answer(action, "Error", [("Message", "Permission denied")])
            case "coreshowchannels":
                try await self.list(action, channels(), complete: "CoreShowChannelsComplete")
            case "queuestatus":
                try await self.list(action, queues(), complete: "QueueStatusComplete")
            case "originate":
                try await self.answer(action, "Success", [("Message", "Originate successfully queued")])
            case "logoff":
                try await self.answer(action, "Goodbye", [("Message", "Thanks for all the fish.")])
                return
            default:
                try await self.answer(action, "Error", [("Message", "Invalid/unknown command")])
            }
        }
    }

    /// As ``behave(fullyBooted:channels:queues:ready:handle:)`` with empty lists.
    package func behave(
        fullyBooted: Bool = true,
        _ handle: @escaping @Sendable (AMIMessage) async throws -> Bool
    ) async throws {
        try await self.behave(fullyBooted: fullyBooted, channels: { [] }, handle: handle)
    }
}
