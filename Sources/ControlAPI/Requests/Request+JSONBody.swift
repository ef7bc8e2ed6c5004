import DialerModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import OrderedCollections

extension Request {
    /// The JSON object a client sent, whatever `Content-Type` says: curl's `-d` calls it a form.
    ///
    /// - Throws: 400 for an empty or malformed body and for JSON that is no object, 413 beyond `maximumBytes`.
    func jsonObject(upTo maximumBytes: Int) async throws -> JSONValue {
        let body = try await self.boundedBody(upTo: maximumBytes)
        guard body.readableBytes > 0 else {
            throw APIError.badRequest("the body is empty; send a JSON object")
        }
        let value: JSONValue
        do throws(JSONParseError) {
            value = try JSONValue.parse(body.readableBytesView)
        } catch {
            throw APIError.badRequest(error.message)
        }
        guard case .object = value else {
            throw APIError.badRequest("the body must be a JSON object, not \(value.excerpt)")
        }
        return value
    }

    /// Like ``jsonObject(upTo:)``, but nothing at all counts as an object without members.
    func optionalJSONObject(upTo maximumBytes: Int) async throws -> JSONValue {
        var request = self
        let body = try await request.boundedBody(upTo: maximumBytes)
        guard body.readableBytes > 0 else { return .object([:]) }
        request.body = RequestBody(buffer: body)
        return try await request.jsonObject(upTo: maximumBytes)
    }

    private func boundedBody(upTo maximumBytes: Int) async throws -> ByteBuffer {
        let declared = self.headers[.contentLength].flatMap { Int($0) }
        let tooLarge = APIError(.contentTooLarge, "the body is larger than \(maximumBytes) bytes; send less at a time")
        if let declared, declared > maximumBytes { throw tooLarge }
        let body: ByteBuffer
        do {
            body = try await self.body.collect(upTo: maximumBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            // Framing that is no HTTP/1.1, or a client that went away: nobody but the client can mend it.
            throw APIError.badRequest("the body could not be read to its end")
        }
        // A connection that broke in the middle looks like an end.
        if let declared, declared != body.readableBytes {
            throw APIError.badRequest("the body ended after \(body.readableBytes) of \(declared) bytes")
        }
        return body
    }
}
