import DialerModel
import HTTPTypes
import OrderedCollections

/// The OpenAPI 3.1 description, made from the endpoints and the tables of fields: it cannot say other than the code does.
struct OpenAPIDocument: Sendable {
    private let endpoints: [Endpoint]

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
    }

    /// The document as JSON.
    func bytes() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 65_536)
        writer.beginObject()
        writer.field("openapi", "3.1.0")
        writer.beginObject("info")
        writer.field("title", "Outpace")
        writer.field("version", "0.1")
        writer.field(
            "description",
            "Control of the outbound dialer. Bodies are JSON whatever the Content-Type. Every path also answers OPTIONS."
        )
        writer.endObject()
        Self.writeServers(Endpoint.resourcePrefixes, to: &writer)
        writer.beginObject("paths")
        for (path, members) in self.paths() { self.write(path, members, to: &writer) }
        writer.endObject()
        self.writeComponents(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The endpoints of each path, in the order they were declared.
    private func paths() -> [(String, [Endpoint])] {
        var order: [String] = []
        for endpoint in self.endpoints where !order.contains(endpoint.path) { order.append(endpoint.path) }
        return order.map { path in (path, self.endpoints.filter { $0.path == path }) }
    }

    private func write(_ path: String, _ members: [Endpoint], to writer: inout JSONWriter) {
        writer.beginObject(path)
        if members.contains(where: { !$0.isAliased }) {
            Self.writeServers([""], to: &writer)
        }
        let captures = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        if !captures.isEmpty {
            writer.beginArray("parameters")
            for name in captures {
                writer.beginObject()
                writer.field("name", name)
                writer.field("in", "path")
                writer.field("required", true)
                writer.beginObject("schema")
                writer.field("type", "string")
                if name.hasSuffix("uuid") { writer.field("format", "uuid") }
                writer.endObject()
                writer.endObject()
            }
            writer.endArray()
        }
        for endpoint in members {
            writer.beginObject(endpoint.method.rawValue.lowercased())
            self.write(endpoint.operation, to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    private func write(_ operation: Operation, to writer: inout JSONWriter) {
        writer.field("operationId", operation.id)
        writer.field("tags", .array([.string(operation.tag)]))
        writer.field("summary", operation.summary)
        if !operation.query.isEmpty {
            writer.beginArray("parameters")
            for parameter in operation.query { Self.write(parameter, to: &writer) }
            writer.endArray()
        }
        if let body = operation.body {
            writer.beginObject("requestBody")
            writer.field("required", operation.isBodyRequired)
            writer.beginObject("content")
            writer.beginObject("application/json")
            writer.beginObject("schema")
            writer.field("$ref", "#/components/schemas/\(body)")
            writer.endObject()
            writer.endObject()
            writer.endObject()
            writer.endObject()
        }
        if !operation.contentTypes.isEmpty { Self.writeBody(operation.contentTypes, to: &writer) }
        writer.beginObject("responses")
        Self.writeSuccess("200", "Done.", operation.result, to: &writer)
        if operation.isLater { Self.writeSuccess("202", "Taken; it is done later.", operation.result, to: &writer) }
        for status in operation.errors.sorted() { Self.writeErrorReference("\(status)", to: &writer) }
        Self.writeErrorReference("default", to: &writer)
        writer.endObject()
    }

    private static func write(_ parameter: Operation.Parameter, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", parameter.name)
        writer.field("in", "query")
        writer.field("required", parameter.isRequired)
        writer.field("description", parameter.explanation)
        writer.beginObject("schema")
        switch parameter.kind {
        case .flag:
            writer.field("type", "integer")
            writer.field("enum", .array([.integer(0), .integer(1)]))
            writer.field("default", 0)
        case .integer(let range, let initial):
            writer.field("type", "integer")
            writer.field("minimum", range.lowerBound)
            writer.field("maximum", range.upperBound)
            if let initial { writer.field("default", initial) }
        case .uuid:
            writer.field("type", "string")
            writer.field("format", "uuid")
        case .text:
            writer.field("type", "string")
        }
        writer.endObject()
        writer.endObject()
    }

    private static func writeBody(_ types: [String], to writer: inout JSONWriter) {
        writer.beginObject("requestBody")
        writer.field("required", true)
        writer.beginObject("content")
        for type in types {
            writer.beginObject(type)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }

    private static func writeSuccess(
        _ status: String, _ description: String, _ shape: Operation.Shape, to writer: inout JSONWriter
    ) {
        writer.beginObject(status)
        writer.field("description", description)
        writer.beginObject("content")
        switch shape {
        case .raw(let contentType):
            writer.beginObject(contentType)
            writer.endObject()
        case .none:
            writer.beginObject("application/json")
            writer.beginObject("schema")
            Self.writeEnvelope(to: &writer) { _ in }
            writer.endObject()
            writer.endObject()
        case .schema(let name):
            writer.beginObject("application/json")
            writer.beginObject("schema")
            Self.writeEnvelope(member: "result", to: &writer) { writer in
                writer.field("$ref", "#/components/schemas/\(name)")
            }
            writer.endObject()
            writer.endObject()
        case .optionalSchema(let name):
            writer.beginObject("application/json")
            writer.beginObject("schema")
            Self.writeEnvelope(member: "result", to: &writer) { writer in
                let reference = JSONValue.object(["$ref": .string("#/components/schemas/\(name)")])
                writer.field("oneOf", .array([reference, .object(["type": .string("null")])]))
            }
            writer.endObject()
            writer.endObject()
        case .list(let name):
            writer.beginObject("application/json")
            writer.beginObject("schema")
            Self.writeEnvelope(member: "result", to: &writer) { Self.writeList(of: name, to: &$0) }
            writer.endObject()
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }

    private static func writeList(of name: String, to writer: inout JSONWriter) {
        writer.field("type", "object")
        writer.field("required", .array([.string("list")]))
        writer.beginObject("properties")
        SchemaProperty("list", .array(of: name)).write(to: &writer)
        SchemaProperty("next_cursor", .string, "Present when there is more: the cursor of the next call.")
            .write(to: &writer)
        writer.endObject()
    }

    private static func writeEnvelope(
        member: String? = nil,
        to writer: inout JSONWriter,
        content: (inout JSONWriter) -> Void
    ) {
        let names = ["api_ver", "timestamp", "statuscode"] + (member.map { [$0] } ?? [])
        writer.field("type", "object")
        writer.field("required", .array(names.map { .string($0) }))
        writer.beginObject("properties")
        SchemaProperty("api_ver", .constant("0.1")).write(to: &writer)
        SchemaProperty("timestamp", .string, format: "date-time", "When the answer was made, UTC.").write(to: &writer)
        SchemaProperty("statuscode", .integer, "The HTTP status.").write(to: &writer)
        if let member {
            writer.beginObject(member)
            content(&writer)
            writer.endObject()
        }
        writer.endObject()
    }

    private static func writeErrorReference(_ status: String, to writer: inout JSONWriter) {
        writer.beginObject(status)
        writer.field("$ref", "#/components/responses/Error")
        writer.endObject()
    }

    private static func writeServers(_ prefixes: [String], to writer: inout JSONWriter) {
        writer.beginArray("servers")
        for prefix in prefixes {
            writer.beginObject()
            writer.field("url", prefix.isEmpty ? "/" : prefix)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeComponents(to writer: inout JSONWriter) {
        writer.beginObject("components")
        writer.beginObject("schemas")
        for schema in ObjectSchema.all { schema.write(to: &writer) }
        writer.endObject()
        writer.beginObject("responses")
        writer.beginObject("Error")
        writer.field("description", "The request failed; error.message names what is at fault and the way out.")
        writer.beginObject("content")
        writer.beginObject("application/json")
        writer.beginObject("schema")
        Self.writeEnvelope(member: "error", to: &writer) { writer in
            writer.field("$ref", "#/components/schemas/Error")
        }
        writer.endObject()
        writer.endObject()
        writer.endObject()
        writer.endObject()
        writer.endObject()
        writer.endObject()
    }
}
