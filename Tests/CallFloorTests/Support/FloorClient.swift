import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import CallFloor

/// A plain AMI client for tests: sends text, keeps all messages, and waits for what it is told to.
final class FloorClient: Sendable {
    private struct State {
        var text = ""
        var messages: [WireMessage] = []
        var isClosed = false
        var waiters: [(condition: @Sendable (Inbox) -> Bool, promise: EventLoopPromise<Void>)] = []

        var inbox: Inbox { Inbox(messages: self.messages, isClosed: self.isClosed) }
    }

    /// What has come in so far.
    struct Inbox: Sendable {
        var messages: [WireMessage]
        var isClosed: Bool

        func response(_ id: String) -> WireMessage? {
            self.messages.first { $0["Response"] != nil && $0["Event"] == nil && $0["ActionID"] == id }
        }

        func events(_ name: String) -> [WireMessage] { self.messages.filter { $0.event == name } }
    }

    struct TimedOut: Error, CustomStringConvertible {
        var seen: [WireMessage]
        var description: String { "timed out; the last messages: \(self.seen.suffix(5))" }
    }

    private let channel: any Channel
    private let state: NIOLockedValueBox<State>

    private init(channel: any Channel, state: NIOLockedValueBox<State>) {
        self.channel = channel
        self.state = state
    }

    static func connect(port: Int, reads: Bool = true) async throws -> FloorClient {
        let state = NIOLockedValueBox(State())
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: reads)
            .channelOption(.socketOption(.so_rcvbuf), value: 65_536)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state: state))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return FloorClient(channel: channel, state: state)
    }

    /// Connects and logs in.
    static func login(port: Int, events: String = "on", reads: Bool = true) async throws -> FloorClient {
        let client = try await self.connect(port: port, reads: reads)
        try await client.send("Action: Login\nActionID: login\nUsername: outpace\nSecret: change-me\nEvents: \(events)")
        if reads { try await client.wait { $0.response("login") != nil } }
        return client
    }

    /// Sends one action, its lines separated by line feeds.
    func send(_ action: String) async throws {
        try await self.sendRaw(action.replacing("\n", with: "\r\n") + "\r\n\r\n")
    }

    func sendRaw(_ text: String) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Sends an action and waits for its response.
    @discardableResult
    func ask(_ action: String, id: String) async throws -> WireMessage {
        try await self.send("\(action)\nActionID: \(id)")
        return try #require(try await self.wait { $0.response(id) != nil }.response(id))
    }

    /// Waits until `condition` holds; gives up after 20 seconds.
    @discardableResult
    func wait(until condition: @escaping @Sendable (Inbox) -> Bool) async throws -> Inbox {
        let promise = self.channel.eventLoop.makePromise(of: Void.self)
        let holds = self.state.withLockedValue { state in
            if condition(state.inbox) { return true }
            state.waiters.append((condition, promise))
            return false
        }
        if holds { promise.succeed() }
        let timeout = self.channel.eventLoop.scheduleTask(in: TimeAmount.seconds(Int64(60))) { [state] in
            promise.fail(TimedOut(seen: state.withLockedValue { $0.messages }))
        }
        defer { timeout.cancel() }
        try await promise.futureResult.get()
        return self.inbox
    }

    var inbox: Inbox { self.state.withLockedValue { $0.inbox } }

    /// The bytes that came in, as text.
    var text: String { self.state.withLockedValue { $0.text } }

    func startReading() async throws {
        try await self.channel.setOption(.autoRead, value: true).get()
    }

    func close() async throws {
        try await self.channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let state: NIOLockedValueBox<State>
        private var partial = ""

        init(state: NIOLockedValueBox<State>) {
            self.state = state
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: self.unwrapInboundIn(data))
            self.partial += text
            guard let end = self.partial.range(of: "\r\n\r\n", options: .backwards) else {
                self.state.withLockedValue { $0.text += text }
                return
            }
            let messages = WireMessage.messages(in: String(self.partial[..<end.upperBound]))
            self.partial = String(self.partial[end.upperBound...])
            self.update {
                $0.text += text
                $0.messages += messages
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.update { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func update(_ change: (inout State) -> Void) {
            let ready = self.state.withLockedValue { state in
                change(&state)
                let inbox = state.inbox
                let ready = state.waiters.filter { $0.condition(inbox) }
                state.waiters.removeAll { waiter in
                    ready.contains { $0.promise.futureResult === waiter.promise.futureResult }
                }
                return ready
            }
            for waiter in ready { waiter.promise.succeed() }
        }
    }
}

/// Opens a floor on a free port with a clock moved by hand, and closes it when `body` is done.
func withFloor(
    _ configure: (inout CallFloorServer.Configuration) -> Void = { _ in },
    _ body: (CallFloorServer, Int) async throws -> Void
) async throws {
    var configuration = CallFloorServer.Configuration(world: Floor.quiet, port: 0)
    configuration.isClockManual = true
    configuration.loginDelay = 0.05
    configure(&configuration)
    let server = CallFloorServer(
        configuration: configuration, logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        do {
            try await body(server, try await server.port)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}
