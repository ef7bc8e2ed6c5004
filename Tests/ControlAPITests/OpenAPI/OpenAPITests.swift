import DialerModel
import HTTPTypes
import OrderedCollections
import Testing

@testable import ControlAPI

@Suite("The API description")
struct OpenAPITests {
    private func document() async throws -> JSONValue {
        try await APIHarness.run(metrics: MetricsRegistry()) { api in
            let answer = try await api.client(.get, "/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            return answer.json
        }
    }

    @Test("Every path and method of the service is in it")
    func paths() async throws {
        let paths = try #require(try await self.document()["paths"]?.objectValue)
        let methods = paths.mapValues { item in
            (item.objectValue?.keys.filter { ["get", "post", "put", "delete"].contains($0) } ?? []).sorted()
        }
        let collections = ["/plans", "/destinations", "/dlmas", "/dls", "/campaigns"]
        for collection in collections {
            #expect(methods[collection] == ["get", "post"])
            #expect(methods[collection + "/{uuid}"] == ["delete", "get", "put"])
        }
        #expect(methods["/dialings"] == ["get"])
        #expect(methods["/dialings/{uuid}"] == ["delete", "get"])
        #expect(methods["/campaigns/{uuid}/stats"] == ["get"])
        #expect(methods["/campaigns/{uuid}/preview"] == ["post"])
        #expect(methods["/campaigns/{uuid}/preview/{dl_uuid}"] == ["delete"])
        #expect(methods["/campaigns/{uuid}/preview/{dl_uuid}/dial"] == ["post"])
        for path in ["/ping", "/healthz", "/readyz", "/openapi.json", "/metrics"] {
            #expect(methods[path] == ["get"])
        }
        #expect(methods["/dlmas/{uuid}/dls"] == ["get", "post"])
        #expect(methods["/results"] == ["get"])
        #expect(methods["/uploads"] == ["get"])
        #expect(methods["/uploads/{uuid}"] == ["delete", "get"])
        #expect(methods["/uploads/{uuid}/rejects"] == ["get"])
        #expect(methods["/dnc"] == ["get", "post"])
        #expect(methods["/dnc/{number}"] == ["delete", "get"])
        #expect(methods["/dnc/upload"] == ["post"])
        #expect(paths["/dnc/{number}"]?["parameters"]?.arrayValue?.first?["schema"] == ["type": "string"])
        for action in ["recycle", "move", "purge"] { #expect(methods["/dlmas/{uuid}/\(action)"] == ["post"]) }
        #expect(methods["/dlmas/{uuid}/stats"] == ["get"])
        #expect(methods["/jobs"] == ["get"])
        #expect(methods["/jobs/{uuid}"] == ["delete", "get"])
        #expect(paths.count == 35)
    }

    @Test("Every reference leads to something, every operation has a name of its own and says what fails")
    func references() async throws {
        let document = try await self.document()
        #expect(document["openapi"] == .string("3.1.0"))
        var references: [String] = []
        Self.collectReferences(in: document, into: &references)
        #expect(references.count > 50)
        for reference in Set(references) {
            var target: JSONValue? = document
            for part in reference.split(separator: "/").dropFirst() { target = target?[String(part)] }
            #expect(target != nil, "\(reference) leads nowhere")
        }
        let paths = try #require(document["paths"]?.objectValue)
        let operations = paths.values.flatMap { item in
            item.objectValue?.filter { ["get", "post", "put", "delete"].contains($0.key) }.map(\.value) ?? []
        }
        let names = operations.compactMap { $0["operationId"]?.stringValue }
        #expect(names.count == operations.count)
        #expect(Set(names).count == names.count)
        for operation in operations {
            #expect(operation["responses"]?["200"] != nil)
            #expect(operation["responses"]?["default"] != nil)
        }
    }

    @Test("Fields carry their type, bounds and default")
    func fields() async throws {
        let schemas = try #require(try await self.document()["components"]?["schemas"])
        let new = try #require(schemas["NewPlan"]?["properties"])
        #expect(new["dial_timeout"]?["type"] == .string("integer"))
        #expect(new["dial_timeout"]?["default"] == .integer(30_000))
        #expect(new["dial_timeout"]?["minimum"] == .integer(1_000))
        #expect(new["name"]?["type"] == .array([.string("string"), .string("null")]))
        #expect(new["uuid"] == nil)
        #expect(schemas["NewPlan"]?["additionalProperties"] == .bool(false))
        #expect(schemas["NewDialListEntry"]?["required"] == .array([.string("dlma_uuid")]))
        #expect(schemas["ChangedDialListEntry"]?["properties"]?["trycnt_1"] != nil)
        #expect(schemas["NewDialListEntry"]?["properties"]?["trycnt_1"] == nil)
        let lists = try #require(schemas["NewCampaign"]?["properties"]?["lists"])
        #expect(lists["type"] == .array([.string("array"), .string("null")]))
        #expect(lists["maxItems"] == .integer(64))
        #expect(lists["default"] == .null)
        #expect(lists["items"]?["required"] == .array([.string("dlma")]))
        #expect(lists["items"]?["additionalProperties"] == .bool(false))
        #expect(lists["items"]?["properties"]?["dlma"]?["format"] == .string("uuid"))
        #expect(lists["items"]?["properties"]?["weight"]?["maximum"] == .integer(100))
        let plan = schemas["Plan"]?["properties"]?.objectValue?.keys.map(\.self)
        #expect(plan == Plan.fields.map(\.name))
    }

    private static func collectReferences(in value: JSONValue, into references: inout [String]) {
        switch value {
        case .object(let members):
            if let reference = members["$ref"]?.stringValue { references.append(reference) }
            for member in members.values { self.collectReferences(in: member, into: &references) }
        case .array(let elements):
            for element in elements { self.collectReferences(in: element, into: &references) }
        case .null, .bool, .integer, .number, .string:
            break
        }
    }
}
