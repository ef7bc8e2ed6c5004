import DialerModel
import Foundation
import HTTPTypes
import Testing

/// A folder of files as CRMs and people make them, each with the report it deserves.
@Suite("Dirty files")
struct DirtyFileTests {
    private static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "outpace-dirty-\(UUID().uuidString.prefix(8))")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }()

    @Test("each is loaded as far as it is good, and says what is not", arguments: DirtyFile.all)
    func load(_ file: DirtyFile) async throws {
        let path = Self.folder.appending(path: file.name)
        try Data(file.bytes()).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let content = try [UInt8](Data(contentsOf: path))
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?async=0", bytes: content)
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.map { $0["number_1"]?.stringValue ?? "" } == file.numbers)
            if let problem = file.problem {
                #expect(answer.status == 400, "\(answer.text)")
                #expect(answer.message.contains(problem), "\(answer.message)")
                return
            }
            #expect(answer.status == 200, "\(answer.text.prefix(2000))")
            #expect(answer.result["rows_loaded"] == .integer(Int64(file.numbers.count)))
            #expect(answer.result["rows_rejected"] == .integer(Int64(file.rejects.count)))
            #expect(answer.result["rows_read"] == .integer(Int64(file.numbers.count + file.rejects.count)))
            let rejects = (answer.result["rejects"]?.arrayValue ?? []).map { reject in
                let field = reject["field"]?.stringValue.map { "\($0): " } ?? ""
                return "\(reject["line"]?.text ?? ""): \(field)\(reject["reason"]?.stringValue ?? "")"
            }
            for (reject, expected) in zip(rejects, file.rejects) { #expect(reject.hasPrefix(expected), "\(reject)") }
            for reject in answer.result["rejects"]?.arrayValue ?? [] {
                #expect((reject["row"]?.stringValue?.utf8.count ?? 0) <= 4_000)
            }
            #expect(try await api.stagingTables() == 0)
        }
    }
}
