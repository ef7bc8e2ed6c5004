import DialerModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import OrderedCollections

/// One answer of the API, read.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPFields
    var text: String
    /// `.null` when the body is no JSON.
    var json: JSONValue

    init(_ response: TestResponse) {
        self.init(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
    }

    init(status: Int, headers: HTTPFields, text: String) {
        self.status = status
        self.headers = headers
        self.text = text
        self.json = (try? JSONValue.parse(text.utf8)) ?? .null
    }

    var result: JSONValue { self.json["result"] ?? .null }
    var list: [JSONValue] { self.result["list"]?.arrayValue ?? [] }
    var uuid: String { self.result["uuid"]?.stringValue ?? "" }
    var message: String { self.json["error"]?["message"]?.stringValue ?? "" }
    var keys: [String] { Array(self.json.objectValue?.keys ?? []) }
    var resultKeys: [String] { Array(self.result.objectValue?.keys ?? []) }
    var nextCursor: String? { self.result["next_cursor"]?.stringValue }
}
