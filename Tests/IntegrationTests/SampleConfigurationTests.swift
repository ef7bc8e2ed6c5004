import Foundation
import Testing

@testable import outpace

/// What `config/` and the README say about the configuration must be what the service reads.
@Suite("The sample configuration")
struct SampleConfigurationTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let sample = repository.appending(path: "config/outpace.sample.yaml").path

    @Test("is taken, and says nothing but the defaults")
    func saysTheDefaults() throws {
        var defaults = ServiceConfiguration()
        defaults.asterisk = [ServiceConfiguration.Asterisk()]
        let loaded = try ServiceConfiguration.load(path: Self.sample, environment: [:])
        #expect(String(reflecting: loaded) == String(reflecting: defaults))
    }

    @Test("has its keys in the README's table, and the table has no others")
    func isTheReadmesTable() throws {
        let file = try ConfigurationFile(path: Self.sample)
        let keys = Set(file.entries.keys.map { $0.replacing(".0.", with: "[].") })
        let readme = try String(contentsOf: Self.repository.appending(path: "README.md"), encoding: .utf8)
        let rows = readme.split(separator: "\n").filter { $0.wholeMatch(of: /\| `[a-z_.\[\]<>]+` \| .*/) != nil }
        let documented = Set(rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) })
        // The sample names no queue and no trunk.
        #expect(
            documented.subtracting(keys) == [
                "asterisk[].queue_wrapup.<queue>", "trunks[].name", "trunks[].asterisk", "trunks[].max_calls",
                "trunks[].max_calls_per_second",
            ])
        #expect(keys.subtracting(documented).isEmpty)
    }
}
