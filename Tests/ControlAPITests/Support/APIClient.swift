import DialerModel
import HTTPTypes
import HummingbirdTesting
import NIOCore

/// Calls the API under test.
struct APIClient: Sendable {
    let client: any TestClientProtocol

    func callAsFunction(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await self(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func callAsFunction(
        _ method: HTTPRequest.Method,
        _ path: String,
        bytes: [UInt8]?,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        let body = bytes.map { ByteBuffer(bytes: $0) }
        return Answer(try await self.client.executeRequest(uri: path, method: method, headers: headers, body: body))
    }

    /// Creates and returns the uuid.
    func create(_ collection: String, _ body: String = "{}") async throws -> String {
        let answer = try await self(.post, collection, body)
        guard answer.status == 200 else { throw UnexpectedAnswer(answer: answer) }
        return answer.uuid
    }
}

/// A preparation of a test did not work.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    var answer: Answer

    var description: String { "\(self.answer.status) \(self.answer.text)" }
}
