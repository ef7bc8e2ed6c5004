import DialerModel
import Foundation
import HTTPTypes
import OrderedCollections
import Testing

/// What the documents say about the API is what it does.
@Suite("Documents")
struct DocumentTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func read(_ path: String) throws -> String {
        try String(contentsOf: self.repository.appending(path: path), encoding: .utf8)
    }

    @Test("docs/api.md has every field of every resource; UPDATE_DOCS=1 writes them")
    func fieldTables() throws {
        let tables = [
            ("a plan", FieldTableText.markdown(Plan.self)),
            ("a destination", FieldTableText.markdown(Destination.self)),
            ("a list (dlma)", FieldTableText.markdown(DialListMaster.self)),
            ("a contact (dl)", FieldTableText.markdown(DialListEntry.self)),
            ("a campaign", FieldTableText.markdown(Campaign.self)),
        ]
        var page = try Self.read("docs/api.md")
        for (title, table) in tables {
            let heading = try #require(page.range(of: "### Fields of \(title)\n\n"), "\(title)")
            let end = page[heading.upperBound...].range(of: "\n\n")?.lowerBound ?? page.endIndex
            let written = String(page[heading.upperBound..<end]) + "\n"
            if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
                page.replaceSubrange(heading.upperBound..<end, with: table.dropLast())
            } else {
                #expect(written == table, "the fields of \(title) in docs/api.md; UPDATE_DOCS=1 writes them")
            }
        }
        guard ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" else { return }
        try page.write(to: Self.repository.appending(path: "docs/api.md"), atomically: true, encoding: .utf8)
    }

    /// A field that only an object of this kind has, and where such an object comes from.
    private static let kinds: OrderedDictionary = [
        "dial_mode": "/plans", "application": "/destinations", "dl_table": "/dlmas", "number_1": "/dls",
        "sc_mode": "/campaigns",
    ]

    @Test("the answers in README.md have the fields of real ones, in their order")
    func answers() async throws {
        try await APIHarness.run { api in
            var shown: [String: [[String]]] = [:]
            for block in try Self.read("README.md").matches(of: /```json\n([^`]*)```/) {
                guard let json = try? JSONValue.parse(Array(block.output.1.utf8)) else { continue }
                let object = json["result"] ?? json
                let keys = Array(object.objectValue?.keys ?? [])
                if keys.contains("uuid_camp") {
                    shown["results file", default: []].append(keys)
                } else if keys.contains("abandon_rate") {
                    shown["stats", default: []].append(keys)
                } else if let kind = Self.kinds.first(where: { keys.contains($0.key) && keys.contains("tm_create") }) {
                    shown[kind.value, default: []].append(keys)
                }
            }
            let list = try await api.client.create("/dlmas")
            var real: [String: [String]] = [:]
            for (_, path) in Self.kinds {
                let body = path == "/dls" ? #"{"dlma_uuid":"\#(list)","number_1":"300"}"# : "{}"
                let made = try await api.client(.post, path, body)
                #expect(made.status == 200, "\(path): \(made.text)")
                real[path] = made.resultKeys
                guard path == "/campaigns" else { continue }
                real["stats"] = try await api.client(.get, "/campaigns/\(made.uuid)/stats").resultKeys
            }
            real["results file"] = Self.resultLineKeys
            #expect(Set(shown.keys) == Set(real.keys))
            for (path, blocks) in shown {
                for keys in blocks { #expect(keys == real[path], "\(path) in README.md") }
            }
        }
    }

    private static var resultLineKeys: [String] {
        let (uuid, list) = (UUID(), UUID())
        var entry = DialListEntry(uuid: UUID(), dlma: list)
        entry.numbers[1] = "300"
        let snapshot = Dialing.Snapshot(
            campaign: Campaign(uuid: UUID()), plan: Plan(blank: UUID()), dlma: DialListMaster(uuid: list),
            destination: Destination(uuid: UUID()), entry: entry
        )
        let now = APIHarness.instant
        guard let call = Dialing(claiming: 1, of: snapshot, uuid: uuid, actionID: "a", now: now) else { return [] }
        let line = ResultLine(dialing: call, result: DialingResult(dialing: uuid, status: .hangup, endedAt: now))
        return Array((try? JSONValue.parse(line.bytes))?.objectValue?.keys ?? [])
    }
}
