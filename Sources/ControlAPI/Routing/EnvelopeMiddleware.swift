import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// The outermost layer: every failure becomes an envelope, every answer gets jade's CORS headers.
struct EnvelopeMiddleware: RouterMiddleware {
    typealias Context = ControlRequestContext

    private let envelope: Envelope
    private let routes: RouteTable
    private let maximumTargetBytes: Int

    init(envelope: Envelope, routes: RouteTable, configuration: ControlAPIConfiguration) {
        self.envelope = envelope
        self.routes = routes
        self.maximumTargetBytes = configuration.maximumTargetBytes
    }

    func handle(
        _ request: Request,
        context: ControlRequestContext,
        next: @concurrent (Request, ControlRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try self.checkTarget(of: request)
            if request.method == .options {
                response = try self.preflight(request)
            } else {
                response = try await next(request, context)
            }
            self.addCrossOriginHeaders(to: &response, methods: "GET, POST, PUT, DELETE")
        } catch {
            response = self.envelope.response(for: self.explain(error, request: request, context: context))
            self.addCrossOriginHeaders(to: &response, methods: "GET, POST, PUT, PATCH, DELETE, OPTIONS")
            if request.method == .head {
                response = response.createHeadResponse()
            }
        }
        return response
    }

    private func checkTarget(of request: Request) throws(APIError) {
        guard request.uri.string.utf8.count <= self.maximumTargetBytes else {
            throw APIError(.uriTooLong, "the path and query are longer than \(self.maximumTargetBytes) bytes")
        }
    }

    private func preflight(_ request: Request) throws(APIError) -> Response {
        guard request.uri.path == "*" || self.routes.methods(at: request.uri.path) != nil else {
            throw self.miss(request)
        }
        return Response(status: .ok, headers: [.contentLength: "0"])
    }

    private func explain(_ error: any Error, request: Request, context: ControlRequestContext) -> APIError {
        switch error {
        case let error as APIError:
            return error
        case let error as StoreError:
            self.logIfServerFault(error, context: context)
            return APIError(error)
        case let error as ValidationError:
            return APIError(error)
        case let error as HTTPError where error.status == .notFound:
            return self.miss(request)
        case let error as HTTPError:
            return APIError(error.status, error.body ?? error.status.reasonPhrase)
        case is CancellationError:
            return .unavailable("the server is shutting down; try again", retryAfter: 5)
        default:
            context.logger.error("A request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return APIError(.internalServerError, "the request failed inside the server; its log says why")
        }
    }

    /// No endpoint took the request: the method is wrong, or there is no such path.
    private func miss(_ request: Request) -> APIError {
        let path = request.uri.path
        guard let methods = self.routes.methods(at: path) else {
            return .notFound("there is nothing at \(quoted(path)); /openapi.json lists every path")
        }
        let allowed = methods.map(\.rawValue).joined(separator: ", ")
        return APIError(
            .methodNotAllowed,
            "\(request.method.rawValue) is not possible at \(quoted(path)); use one of \(allowed)",
            headers: [.allow: allowed]
        )
    }

    private func logIfServerFault(_ error: StoreError, context: ControlRequestContext) {
        switch error {
        case .database, .newerSchema, .incompatibleSchema:
            context.logger.error("The store failed", metadata: ["error": "\(error)"])
        case .unavailable:
            context.logger.warning("The database is away", metadata: ["error": "\(error)"])
        case .notFound, .referenced, .danglingReference, .jobInProgress, .invalid, .cancelled, .leaseLost,
            .engineReplaced:
            break
        }
    }

    private func addCrossOriginHeaders(to response: inout Response, methods: String) {
        response.headers[.accessControlAllowHeaders] =
            "x-requested-with, content-type, accept, origin, authorization"
        response.headers[.accessControlAllowMethods] = methods
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlMaxAge] = "86400"
    }
}
