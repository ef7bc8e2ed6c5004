import NIOCore
import NIOPosix

/// Stands between the engine and its PBX and spoils the connection: cuts it, refuses it, holds it up, lets it pass late.
final class ManagerProxy: Sendable {
    /// What happens to bytes, and to new connections.
    struct Manner: Sendable {
        /// New connections end at once, as with nobody listening.
        var refuses = false
        /// Bytes are kept until this is off again; to either side the other one is silent.
        var holds = false
        /// What each piece waits, in milliseconds; drawn anew for each, and none overtakes another.
        var delay: ClosedRange<Int> = 0...0
    }

    /// The port the engine connects to, on 127.0.0.1.
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let hub: NIOLoopBound<ProxyHub>

    /// - Parameter target: the port of the PBX on 127.0.0.1.
    init(to target: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let hub = try await loop.submit { NIOLoopBound(ProxyHub(target: target, loop: loop), eventLoop: loop) }.get()
        self.listener = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let link = ProxyLink(hub: hub.value, client: channel)
                    try channel.pipeline.syncOperations.addHandler(ProxyHandler(link: link, isClient: true))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        self.port = self.listener.localAddress?.port ?? 0
        self.group = group
        self.hub = hub
    }

    /// Changes what happens from here on; what was held is let go when nothing is held any more.
    func behave(_ manner: Manner) async throws {
        try await self.hub.eventLoop.submit { [hub] in hub.value.change(to: manner) }.get()
    }

    /// Ends every connection.
    ///
    /// - Parameter isLate: what the engine sent reaches the PBX all the same, after the engine has seen the end.
    func cut(isLate: Bool = false) async throws {
        try await self.hub.eventLoop.submit { [hub] in hub.value.cut(isLate: isLate) }.get()
    }

    func close() async {
        try? await self.cut()
        try? await self.listener.close()
        try? await self.group.shutdownGracefully()
    }
}

/// The proxy's state; used on its event loop alone.
private final class ProxyHub {
    let target: Int
    let loop: any EventLoop
    var manner = ManagerProxy.Manner()
    var links: [ObjectIdentifier: ProxyLink] = [:]

    init(target: Int, loop: any EventLoop) {
        self.target = target
        self.loop = loop
    }

    func change(to manner: ManagerProxy.Manner) {
        self.manner = manner
        if !manner.holds { for link in self.links.values { link.release() } }
    }

    func cut(isLate: Bool) {
        for link in self.links.values { link.cut(isLate: isLate) }
        self.links = [:]
    }
}

/// One connection of the engine and the one to the PBX that belongs to it; used on the event loop alone.
private final class ProxyLink {
    private let hub: ProxyHub
    private let client: any Channel
    private var server: (any Channel)?
    private var isCut = false
    /// Waits for the connection to the PBX, or for the proxy to hold no longer.
    private var upward: [ByteBuffer] = []
    private var downward: [ByteBuffer] = []
    private var upwardFree = NIODeadline.now()
    private var downwardFree = NIODeadline.now()

    init(hub: ProxyHub, client: any Channel) {
        self.hub = hub
        self.client = client
    }

    func opened() {
        guard !self.hub.manner.refuses else {
            self.client.close(promise: nil)
            return
        }
        self.hub.links[ObjectIdentifier(self)] = self
        let link = NIOLoopBound(self, eventLoop: self.hub.loop)
        ClientBootstrap(group: self.hub.loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyHandler(link: link.value, isClient: false))
                }
            }
            .connect(host: "127.0.0.1", port: self.hub.target)
            .whenComplete { result in
                guard case .success(let channel) = result, !link.value.isCut else {
                    if case .success(let channel) = result { channel.close(promise: nil) }
                    link.value.client.close(promise: nil)
                    return
                }
                link.value.server = channel
                if !link.value.hub.manner.holds { link.value.release() }
            }
    }

    func received(_ bytes: ByteBuffer, fromClient: Bool) {
        guard !self.isCut else { return }
        if fromClient { self.upward.append(bytes) } else { self.downward.append(bytes) }
        if !self.hub.manner.holds { self.release() }
    }

    /// Sends what waits on its way.
    func release() {
        guard let server, !self.isCut else { return }
        for bytes in self.upward { self.upwardFree = self.pass(bytes, to: server, after: self.upwardFree) }
        self.upward = []
        for bytes in self.downward { self.downwardFree = self.pass(bytes, to: self.client, after: self.downwardFree) }
        self.downward = []
    }

    private func pass(_ bytes: ByteBuffer, to channel: any Channel, after free: NIODeadline) -> NIODeadline {
        let delay = Int.random(in: self.hub.manner.delay)
        let now = NIODeadline.now()
        if delay == 0, free <= now {
            channel.writeAndFlush(bytes, promise: nil)
            return free
        }
        let due = max(now + .milliseconds(Int64(delay)), free + .nanoseconds(1))
        self.hub.loop.scheduleTask(deadline: due) { channel.writeAndFlush(bytes, promise: nil) }
        return due
    }

    func cut(isLate: Bool) {
        guard !self.isCut else { return }
        if isLate { self.release() }
        self.isCut = true
        self.client.close(promise: nil)
        guard let server else { return }
        if isLate, self.upwardFree > .now() {
            self.hub.loop.scheduleTask(deadline: self.upwardFree + .milliseconds(1)) { server.close(promise: nil) }
        } else {
            server.close(promise: nil)
        }
    }

    func closed() {
        self.hub.links[ObjectIdentifier(self)] = nil
        self.cut(isLate: false)
    }
}

/// Hands one side's bytes and end to its link.
private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: ProxyLink
    private let isClient: Bool

    init(link: ProxyLink, isClient: Bool) {
        self.link = link
        self.isClient = isClient
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.isClient { self.link.opened() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.link.received(self.unwrapInboundIn(data), fromClient: self.isClient)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.link.closed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
