import NIOCore

/// One AMI connection: its login, what it wants to hear, and the bytes waiting for it. Confined to the floor's event loop.
final class FloorSession: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How far the login has come.
    enum Login: Equatable {
        /// Nothing but Login, Challenge and Logoff is answered; the challenge that was asked for, if one was.
        case open(challenge: String?)
        /// Refused; the answer is delayed and then the connection closed.
        case refused
        case done
    }

    let hub: FloorHub
    private(set) var login: Login = .open(challenge: nil)
    private var reader = ActionReader()
    private var context: ChannelHandlerContext?
    private var isClosing = false

    /// What is to be written at the next flush.
    var out = ByteBuffer()
    /// Written to the channel and not yet taken by the socket.
    private var unsentBytes = 0

    private var eventMask: AMIClasses = .all
    private var filters = EventFilters()
    /// Kinds that are sent as they are, and kinds whose text the filters must see first.
    private(set) var certainKinds: EventKinds = []
    private(set) var doubtfulKinds: EventKinds = []

    init(hub: FloorHub) {
        self.hub = hub
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        guard self.hub.open(self) else {
            context.close(promise: nil)
            return
        }
        self.out.writeStaticString("Asterisk Call Manager/11.0.0\r\n")
        self.flush()
        let eventLoop = context.eventLoop.assumeIsolated()
        eventLoop.scheduleTask(in: .seconds(self.hub.configuration.loginTimeout)) { [weak self] in
            guard let self, self.login != .done else { return }
            self.close()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isClosing = true
        self.context = nil
        self.hub.close(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.reader.append(self.unwrapInboundIn(data))
        while !self.isClosing, self.login != .refused, let item = self.reader.next() {
            switch item {
            case .broken(let message, let actionID):
                self.respond("Error", id: actionID, message: message)
            case .action(let action):
                self.hub.perform(action, for: self)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.hub.settle()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.close()
    }

    // MARK: Login

    func askedForChallenge(_ challenge: String) {
        self.login = .open(challenge: challenge)
    }

    func accept(eventMask: AMIClasses) {
        self.login = .done
        self.eventMask = eventMask
        self.updateKinds()
    }

    /// Answers after a while and closes: guessing secrets shall take time.
    func refuse(actionID: String?) {
        self.login = .refused
        guard let context = self.context else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(self.hub.configuration.loginDelay)) {
            [weak self] in
            guard let self else { return }
            self.respond("Error", id: actionID, message: "Authentication failed")
            self.closeAfterFlush()
        }
    }

    // MARK: Events

    func setEventMask(_ mask: AMIClasses) {
        self.eventMask = mask
        self.updateKinds()
    }

    /// Changes the filters.
    /// - Returns: what `change` returned.
    func changeFilters(_ change: (inout EventFilters) -> Bool) -> Bool {
        defer { self.updateKinds() }
        return change(&self.filters)
    }

    /// Whether events of the system class reach this session at all; FullyBooted goes past the filters.
    var hearsSystem: Bool { self.hub.configuration.read.contains(.system) && self.eventMask.contains(.system) }

    func passes(_ kind: EventKind, text: String) -> Bool {
        self.filters.passes(kind, text: text)
    }

    private func updateKinds() {
        let readable = EventKinds(classes: self.hub.configuration.read.intersection(self.eventMask))
        self.certainKinds = readable.intersection(self.filters.certainKinds)
        self.doubtfulKinds = readable.intersection(self.filters.possibleKinds).subtracting(self.certainKinds)
        self.hub.interestChanged()
    }

    // MARK: Writing

    /// Begins a response; the caller writes more headers and ends it with `endMessage`.
    func beginResponse(_ status: StaticString, id: String?) {
        self.out.header("Response: ", status)
        if let id { self.out.header("ActionID: ", id) }
    }

    func endMessage() {
        self.out.writeStaticString("\r\n")
    }

    func respond(_ status: StaticString, id: String?, message: StaticString) {
        self.beginResponse(status, id: id)
        self.out.header("Message: ", message)
        self.endMessage()
    }

    /// Gives the socket what has gathered; drops the session when it doesn't read.
    func flush() {
        guard let context = self.context, self.out.readableBytes > 0 else { return }
        let size = self.out.readableBytes
        guard self.unsentBytes <= self.hub.configuration.backlogLimit else {
            // Like Asterisk: at once, in the middle of a message, without a word.
            self.hub.droppedSlowReader(unsentBytes: self.unsentBytes)
            self.close()
            return
        }
        self.unsentBytes += size
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.unsentBytes -= size }
        context.writeAndFlush(self.wrapOutboundOut(self.out), promise: promise)
        self.out = context.channel.allocator.buffer(capacity: 0)
    }

    func closeAfterFlush() {
        guard let context = self.context, !self.isClosing else { return }
        self.flush()
        self.isClosing = true
        // An empty write completes when everything before it has gone out.
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.context?.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    func close() {
        self.isClosing = true
        self.context?.close(promise: nil)
    }
}

extension TimeAmount {
    /// `seconds` of the wall clock.
    static func seconds(_ seconds: Double) -> TimeAmount {
        .nanoseconds(Int64((max(0, seconds) * 1e9).rounded()))
    }
}
