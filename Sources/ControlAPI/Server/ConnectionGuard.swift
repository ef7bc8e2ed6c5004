import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Stands between the HTTP codec and the server on each connection.
///
/// It ends requests that arrive too slowly, answers what is no HTTP with the envelope, and answers
/// `Expect: 100-continue` so that clients such as curl send larger bodies without a pause.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client has to read the answer that ends its connection.
    private static let lingering = TimeAmount.seconds(1)

    /// How long a client may take to read one answer.
    private static let longestAnswer = TimeAmount.seconds(60)

    private let requestTimeout: TimeAmount
    private let maximumBodyBytes: Int
    private let envelope: Envelope
    private let isStream: (HTTPRequest) -> Bool
    /// The request being read, or its answer, may take any time as long as every part of it comes in time.
    private var isStreaming = false
    private var machine = RequestReadStateMachine()
    private var deadline: Scheduled<Void>?
    private var answerDeadline: Scheduled<Void>?

    /// - Parameter isStream: Tells requests that are held to the time of each part instead of the time of the whole.
    init(
        configuration: ControlAPIConfiguration, envelope: Envelope,
        isStream: @escaping (HTTPRequest) -> Bool = { _ in false }
    ) {
        self.requestTimeout = TimeAmount(configuration.requestTimeout)
        self.maximumBodyBytes = configuration.maximumBodyBytes
        self.envelope = envelope
        self.isStream = isStream
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.machine.isClosed else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let request):
            self.isStreaming = self.isStream(request)
            self.perform(self.machine.readHead(), context: context)
            self.continueIfExpected(request, context: context)
        case .body:
            if self.isStreaming { self.perform(self.machine.readPart(), context: context) }
        case .end:
            self.perform(self.machine.readEnd(), context: context)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        // While nobody asks for more it is not the client that is slow.
        if self.isStreaming { self.perform(self.machine.wantPart(), context: context) }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let response) where response.status.kind == .informational:
            break
        case .head:
            self.machine.writeHead()
            // From the head on: the end is only written once the client has taken most of the body.
            self.startAnswerDeadline(context: context)
        case .body:
            if self.isStreaming { self.startAnswerDeadline(context: context) }
        case .end:
            self.machine.writeEnd()
            let answerDeadline = self.answerDeadline
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenComplete { _ in answerDeadline?.cancel() }
            context.write(data, promise: written)
            return
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.machine.parseFailed() {
        case .answerAndClose:
            self.answerAndClose(Self.answer(to: error), context: context)
        case .close:
            context.close(promise: nil)
        case .passOn:
            context.fireErrorCaught(error)
        case .none:
            break
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.cancelDeadlines()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.cancelDeadlines()
        // Whoever reads the body would take the end of the connection for the end of the body.
        if self.machine.breakOff() { context.fireErrorCaught(ChannelError.inputClosed) }
        context.fireChannelInactive()
    }

    private func startAnswerDeadline(context: ChannelHandlerContext) {
        self.answerDeadline?.cancel()
        self.answerDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.longestAnswer) {
            context.close(promise: nil)
        }
    }

    private func cancelDeadlines() {
        self.deadline?.cancel()
        self.deadline = nil
        self.answerDeadline?.cancel()
        self.answerDeadline = nil
    }

    private func perform(_ action: RequestReadStateMachine.ReadAction, context: ChannelHandlerContext) {
        switch action {
        case .startDeadline:
            self.deadline?.cancel()
            self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.requestTimeout) {
                self.deadlineReached(context: context)
            }
        case .cancelDeadline:
            self.deadline?.cancel()
            self.deadline = nil
        case .none:
            break
        }
    }

    private func deadlineReached(context: ChannelHandlerContext) {
        self.deadline = nil
        switch self.machine.deadlineReached() {
        case .answerAndClose:
            let seconds = self.requestTimeout.nanoseconds / 1_000_000_000
            let late = APIError(.requestTimeout, Self.lateness(isStreaming: self.isStreaming, seconds: seconds))
            self.answerAndClose(late, context: context)
        case .close:
            context.close(promise: nil)
        case .passOn, .none:
            break
        }
    }

    private func answerAndClose(_ error: APIError, context: ChannelHandlerContext) {
        var response = self.envelope.response(for: error)
        response.headers[.connection] = "close"
        context.write(self.wrapOutboundOut(.head(response.head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(self.envelope.body(of: error))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        // Closing at once with bytes unread would reset the connection, and the client would never see the answer.
        context.close(mode: .output, promise: nil)
        self.deadline?.cancel()
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) {
            context.close(promise: nil)
        }
    }

    private static func lateness(isStreaming: Bool, seconds: Int64) -> String {
        isStreaming
            ? "no more of the request came for \(seconds) seconds"
            : "the request was not complete within \(seconds) seconds"
    }

    private func continueIfExpected(_ request: HTTPRequest, context: ChannelHandlerContext) {
        guard request.headerFields[.expect]?.lowercased() == "100-continue" else { return }
        // A body that would be refused anyway is answered at once instead of being invited.
        if !self.isStreaming, let length = request.headerFields[.contentLength].flatMap({ Int($0) }),
            length > self.maximumBodyBytes
        {
            return
        }
        context.writeAndFlush(self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    private static func answer(to error: any Error) -> APIError {
        switch error {
        case HTTPParserError.headerOverflow:
            APIError(
                .requestHeaderFieldsTooLarge,
                "the request line and headers are larger than this server takes; shorten them"
            )
        default:
            APIError(.badRequest, "the request is not valid HTTP/1.1")
        }
    }
}
