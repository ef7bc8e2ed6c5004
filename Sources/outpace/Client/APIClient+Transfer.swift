import AsyncHTTPClient
import DialerModel
import NIOCore
import NIOHTTP1

extension APIClient {
    /// Sends a body of any length, for as long as it takes, and returns the envelope's `result`.
    ///
    /// - Parameter length: Its bytes, if known.
    /// - Throws: ``Failure`` with the service's own message.
    func upload<Body: AsyncSequence & Sendable>(
        _ path: String, _ body: Body, length: Int?, headers: HTTPHeaders
    ) async throws -> JSONValue where Body.Element == ByteBuffer {
        var request = HTTPClientRequest(url: self.baseURL + path)
        request.method = .POST
        request.headers = headers
        request.body = .stream(body, length: length.map { .known(Int64($0)) } ?? .unknown)
        return try await self.result(of: try await self.answer(to: request, timeout: .hours(24)), path)
    }

    /// Begins to read an answer of any length.
    ///
    /// - Throws: ``Failure`` with the service's own message.
    func download(_ path: String) async throws -> HTTPClientResponse.Body {
        let response = try await self.answer(to: HTTPClientRequest(url: self.baseURL + path), timeout: .hours(24))
        guard response.status == .ok else {
            _ = try await self.result(of: response, path)
            throw Failure(description: "\(self.baseURL)\(path) answered \(response.status.code)")
        }
        return response.body
    }
}
