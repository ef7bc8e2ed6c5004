import DialerModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// jade's frame around every answer, its keys in jade's order.
struct Envelope: Sendable {
    private static let version = "0.1"
    private static let json = "application/json; charset=utf-8"

    /// The wall clock.
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// 200 with what `write` writes, one JSON value, as `result`.
    func response(reservingCapacity capacity: Int = 1_024, result write: (inout JSONWriter) -> Void) -> Response {
        self.response(.ok, reservingCapacity: capacity) { writer in
            writer.key("result")
            write(&writer)
        }
    }

    /// 200 without `result`: the request was taken, there is nothing to show.
    func accepted() -> Response {
        self.response(.ok) { _ in }
    }

    /// The answer to a request that failed.
    func response(for error: APIError) -> Response {
        Self.response(error.status, headers: error.headers, body: self.body(of: error))
    }

    /// The body of ``response(for:)``.
    func body(of error: APIError) -> ByteBuffer {
        self.frame(error.status, reservingCapacity: 256 + error.message.utf8.count) { writer in
            writer.beginObject("error")
            writer.field("code", error.status.code)
            writer.field("message", error.message)
            writer.endObject()
        }
    }

    /// An answer of any status with further members after `statuscode`.
    func response(
        _ status: HTTPResponse.Status,
        reservingCapacity capacity: Int = 256,
        members: (inout JSONWriter) -> Void
    ) -> Response {
        Self.response(status, body: self.frame(status, reservingCapacity: capacity, members: members))
    }

    private func frame(
        _ status: HTTPResponse.Status,
        reservingCapacity capacity: Int,
        members: (inout JSONWriter) -> Void
    ) -> ByteBuffer {
        var writer = JSONWriter(reservingCapacity: capacity)
        writer.beginObject()
        writer.field("api_ver", Self.version)
        writer.field("timestamp", self.now())
        writer.field("statuscode", status.code)
        members(&writer)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    private static func response(
        _ status: HTTPResponse.Status,
        headers: HTTPFields = [:],
        body: ByteBuffer
    ) -> Response {
        var fields = headers
        fields[.contentType] = Self.json
        fields[.contentLength] = "\(body.readableBytes)"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}
