import AsyncHTTPClient
import DialerModel
import NIOCore
import NIOHTTP1
import OrderedCollections

/// A client of the REST API for the command line.
struct APIClient {
    /// The service's address without a path.
    var baseURL: String

    /// Says at once that nobody listens, where the shared client would keep trying until the time-out.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// An answer of the service that is no success, or none at all; the text is fit for a terminal.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Sends one request and returns the envelope's `result`.
    ///
    /// - Throws: ``Failure`` with the service's own message.
    func send(_ method: String, _ path: String, body: JSONValue? = nil) async throws -> JSONValue {
        var request = HTTPClientRequest(url: self.baseURL + path)
        request.method = .RAW(value: method)
        if let body {
            var writer = JSONWriter()
            writer.value(body)
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: writer.bytes))
        }
        return try await self.result(of: try await self.answer(to: request, timeout: .seconds(30)), path)
    }

    /// The answer to one request.
    ///
    /// - Throws: ``Failure`` when nobody answers.
    func answer(to request: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
        do {
            return try await Self.http.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch let error as HTTPClientError where error == .cancelled {
            throw CancellationError()
        } catch {
            throw Failure(
                description:
                    "no answer from \(self.baseURL): is `outpace serve` running there? (--url or OUTPACE_URL names another address)"
            )
        }
    }

    /// The `result` of an answer's envelope.
    ///
    /// - Throws: ``Failure`` with the service's own message when it is no success.
    func result(of response: HTTPClientResponse, _ path: String) async throws -> JSONValue {
        let bytes = try await response.body.collect(upTo: 256 << 20)
        guard case .object(let envelope) = try? JSONValue.parse(Array(bytes.readableBytesView)) else {
            throw Failure(
                description:
                    "\(self.baseURL)\(path) answered \(response.status.code) with something that is no Outpace envelope"
            )
        }
        guard response.status == .ok || response.status == .accepted else {
            if case .object(let error) = envelope["error"], case .string(let message) = error["message"] {
                throw Failure(description: "\(message) (\(response.status.code))")
            }
            throw Failure(description: "\(self.baseURL)\(path) answered \(response.status.code)")
        }
        return envelope["result"] ?? .null
    }
}
