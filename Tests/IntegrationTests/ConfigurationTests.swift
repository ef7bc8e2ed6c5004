import AsteriskDriver
import DialerEngine
import Foundation
import Telephony
import Testing

@testable import outpace

/// What the service makes of its file and its environment, and how it refuses what it cannot use.
@Suite("The configuration")
struct ConfigurationTests {
    /// Loads `yaml` as a file of its own; nil: no file at all.
    private func load(_ yaml: String? = nil, _ environment: [String: String] = [:]) throws -> ServiceConfiguration {
        guard let yaml else { return try ServiceConfiguration.load(path: nil, environment: environment) }
        let file = FileManager.default.temporaryDirectory.appending(path: "outpace-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        return try ServiceConfiguration.load(path: file.path, environment: environment)
    }

    /// The refusal's words.
    private func refusal(
        _ yaml: String? = nil,
        _ environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self, sourceLocation: sourceLocation) {
            try self.load(yaml, environment)
        }
    }

    // MARK: Order

    @Test("the environment wins over the file, and the file over the default")
    func order() throws {
        let yaml = """
            http: { host: 10.0.0.1, port: 9000 }
            data_dir: /from/file
            """
        let loaded = try self.load(yaml, ["OUTPACE_HTTP_PORT": "9100", "PATH": "/bin", "HTTP_PORT": "1"])
        #expect(loaded.http.port == 9100)
        #expect(loaded.http.host == "10.0.0.1")
        #expect(loaded.http.maximumBodyBytes == 1_048_576)
        #expect(loaded.dataDirectory == "/from/file")
    }

    @Test("the results file lies under data_dir unless it is told otherwise")
    func resultsFile() throws {
        #expect(try self.load("data_dir: /srv/outpace").results.file == "/srv/outpace/outbound_result.json")
        #expect(try self.load(nil, ["OUTPACE_DATA_DIR": "/srv/o"]).results.file == "/srv/o/outbound_result.json")
        let told = try self.load("{ data_dir: /srv/outpace, results: { file: /var/spool/r.json } }")
        #expect(told.results.file == "/var/spool/r.json")
    }

    @Test("what PostgreSQL does not take lies under data_dir, up to a limit that can be told")
    func spool() throws {
        let told = try self.load("{ data_dir: /srv/outpace, dialing: { max_open_calls: 500 } }").engineRoom
        #expect(told.spoolFolder == "/srv/outpace/spool")
        #expect(told.unwrittenLimit == 500)
        #expect(try self.load(nil, [:]).engineRoom.unwrittenLimit == 20_000)
        #expect(throws: ConfigurationError.self) { try self.load("dialing: { max_open_calls: 9 }") }
    }

    @Test("a key with nothing behind it means the default, and so does an empty file")
    func nothingMeansDefault() throws {
        let defaults = String(reflecting: ServiceConfiguration())
        for yaml in ["", "# nothing but a comment\n", "~", "http:\ndatabase: ~\n", "http: { port: null, host: }"] {
            #expect(String(reflecting: try self.load(yaml)) == defaults, "\(yaml)")
        }
        #expect(String(reflecting: try self.load()) == defaults)
    }

    @Test("every key of the file arrives where it belongs, durations in seconds")
    func everyKey() throws {
        let loaded = try self.load(
            """
            http: { host: "::1", port: 0, max_body_bytes: 4096, request_timeout: 2.5 }
            database: { url: "postgresql://db/x", max_connections: 16, statement_timeout: 5, connect_timeout: 1 }
            dialing: { default_tech_name: SIP, preview_reservation: 60 }
            log: { level: trace }
            """
        )
        #expect(loaded.http.host == "::1")
        #expect(loaded.http.port == 0)
        #expect(loaded.http.maximumBodyBytes == 4096)
        #expect(loaded.http.requestTimeout == .milliseconds(2500))
        #expect(loaded.database.url == "postgresql://db/x")
        #expect(loaded.database.maximumConnections == 16)
        #expect(loaded.database.statementTimeout == .seconds(5))
        #expect(loaded.database.connectTimeout == .seconds(1))
        #expect(loaded.dialing.defaultTechnology == "SIP")
        #expect(loaded.dialing.previewReservation == .seconds(60))
        #expect(loaded.log.level == "trace")
    }

    // MARK: Asterisk

    @Test("two Asterisks have their own values, and names by their place when they say none")
    func twoAsterisks() throws {
        let loaded = try self.load(
            """
            asterisk:
              - { host: pbx-a.example, port: 5039, username: a, secret: one, max_calls: 10, max_calls_per_second: 0.5 }
              - { name: berlin, host: pbx-b.example, tls: yes, tls_ca_file: /etc/ca.pem, tls_verify: off }
              - host: pbx-c.example
            """,
            ["OUTPACE_ASTERISK_0_SECRET": "hidden", "OUTPACE_ASTERISK_1_PORT": "5061"]
        )
        #expect(loaded.asterisk.map(\.name) == ["pbx1", "berlin", "pbx3"])
        #expect(loaded.asterisk.map(\.host) == ["pbx-a.example", "pbx-b.example", "pbx-c.example"])
        #expect(loaded.asterisk.map(\.port) == [5039, 5061, 5038])
        #expect(loaded.asterisk.map(\.username) == ["a", "outpace", "outpace"])
        #expect(loaded.asterisk.map(\.secret) == ["hidden", "change-me", "change-me"])
        #expect(loaded.asterisk.map(\.maximumCalls) == [10, 200, 200])
        #expect(loaded.asterisk.map(\.maximumCallsPerSecond) == [0.5, 20, 20])
        #expect(loaded.asterisk.map(\.usesTLS) == [false, true, false])
        #expect(loaded.asterisk.map(\.verifiesTLS) == [true, false, true])
        #expect(loaded.asterisk[1].tlsCertificateAuthorities == "/etc/ca.pem")
    }

    @Test("reads weights, buffers and trunks; a trunk without a name, twice, or of an unknown Asterisk is refused")
    func trunks() throws {
        let loaded = try self.load(
            """
            asterisk: [ { name: a, weight: 3, event_buffer: 100 }, { name: b } ]
            trunks:
              - { name: carrier, asterisk: b, max_calls: 60, max_calls_per_second: 2.5 }
              - { name: other }
            dialing: { max_open_calls: 500, congestion_calls: 3, congestion_pause: 1, congestion_longest_pause: 2 }
            """)
        #expect(loaded.asterisk.map(\.driver.limits.weight) == [3, 1])
        #expect(loaded.asterisk.map(\.driver.eventCapacity) == [100, 16_384])
        let engine = loaded.engineRoom
        #expect(engine.trunks.map(\.name) == ["carrier", "other"])
        #expect(engine.trunks.map(\.pbx) == ["b", nil])
        #expect(engine.trunks.map(\.maxCalls) == [60, nil])
        #expect(engine.trunks.map(\.maxCallsPerSecond) == [2.5, nil])
        #expect(engine.unwrittenLimit == 500)
        #expect(loaded.dialing.congestionRow == 3)
        #expect(loaded.dialing.congestionPause == .seconds(1))
        #expect(loaded.dialing.congestionLongestPause == .seconds(2))
        for (text, key) in [
            ("trunks: [ { max_calls: 3 } ]", "trunks.0.name"),
            ("trunks: [ { name: a }, { name: a } ]", "trunks.1.name"),
            ("asterisk: [ { name: a } ]\ntrunks: [ { name: t, asterisk: b } ]", "trunks.0.asterisk"),
            ("trunks: [ { name: a, max_calls: 0 } ]", "trunks.0.max_calls"),
            ("asterisk: [ { weight: 101 } ]", "asterisk.0.weight"),
            ("dialing: { congestion_pause: 10, congestion_longest_pause: 5 }", "dialing.congestion_longest_pause"),
        ] {
            #expect(try self.refusal(text).key == key)
        }
    }

    @Test("an Asterisk may be given by environment alone")
    func asteriskByEnvironment() throws {
        let loaded = try self.load(nil, ["OUTPACE_ASTERISK_0_HOST": "pbx.example"])
        #expect(loaded.asterisk.map(\.host) == ["pbx.example"])
        #expect(loaded.asterisk.map(\.name) == ["pbx1"])
    }

    @Test("two Asterisks of one name are refused, also when one got it by its place")
    func duplicateNames() throws {
        for yaml in [
            "asterisk: [ { name: a }, { name: b }, { name: a } ]",
            "asterisk: [ { name: c }, { name: pbx3 }, { host: localhost } ]",
        ] {
            let error = try self.refusal(yaml)
            #expect(error.key == "asterisk.2.name")
            #expect(error.message.contains("used twice"))
        }
    }

    @Test("wrap-up seconds are a map of queues, whose names are taken as they are")
    func queueWrapup() throws {
        let yaml = """
            asterisk:
              - queue_wrapup:
                  sales_1: 15
                  Support.EU: 30
              - { name: plain, queue_wrapup: {} }
            """
        let loaded = try self.load(yaml, ["OUTPACE_ASTERISK_0_QUEUE_WRAPUP_SALES_1": "20"])
        #expect(loaded.asterisk.map(\.queueWrapup) == [["sales_1": 20, "Support.EU": 30], [:]])
        let error = try self.refusal("asterisk: [ { queue_wrapup: { sales_1: soon } } ]")
        #expect(error.key == "asterisk.0.queue_wrapup.sales_1")
        #expect(error.message.contains("from 0 to 86400"))
    }

    @Test("an Asterisk that says nothing is one with every default", arguments: ["{}", "~", "{ host: ~ }"])
    func asteriskWithoutKeys(_ entry: String) throws {
        let loaded = try self.load("asterisk: [ \(entry), { host: b }, \(entry) ]")
        #expect(loaded.asterisk.map(\.name) == ["pbx1", "pbx2", "pbx3"])
        #expect(loaded.asterisk.map(\.host) == ["127.0.0.1", "b", "127.0.0.1"])
        #expect(String(reflecting: loaded.asterisk[0]) == String(reflecting: ServiceConfiguration.Asterisk()))
        #expect(try self.load("asterisk: [ \(entry) ]").asterisk.count == 1)
        #expect(try self.load("asterisk: []").asterisk.isEmpty)
    }

    @Test("wrap-up seconds may be given by environment alone, as pairs")
    func queueWrapupByEnvironment() throws {
        let pairs = "OUTPACE_ASTERISK_0_QUEUE_WRAPUP"
        let loaded = try self.load(nil, [pairs: "sales_1=15, Support.EU = 30,"])
        #expect(loaded.asterisk.map(\.queueWrapup) == [["sales_1": 15, "Support.EU": 30]])
        #expect(try self.load(nil, [pairs: ""]).asterisk.map(\.queueWrapup) == [[:]])
        // A variable of one name before a pair, a pair before the file.
        let yaml = "asterisk: [ { queue_wrapup: { a: 1, b: 1, c: 1 } } ]"
        let mixed = try self.load(yaml, [pairs: "b=2,c=2,d=2", "\(pairs)_C": "3", "\(pairs)_D": "3"])
        #expect(mixed.asterisk.map(\.queueWrapup) == [["a": 1, "b": 2, "c": 3, "d": 3]])
    }

    @Test(
        "pairs that are none are refused with the variable's name",
        arguments: ["sales_1", "sales_1=", "=15", "a=1,a=2", "a=-1", "a=86401", "a=1=2", "a=1;b=2"]
    )
    func badPairs(_ text: String) throws {
        let error = try self.refusal(nil, ["OUTPACE_ASTERISK_0_QUEUE_WRAPUP": text])
        #expect(error.key == "asterisk.0.queue_wrapup")
        #expect(error.message.contains("OUTPACE_ASTERISK_0_QUEUE_WRAPUP"))
        #expect(error.message.contains("name=value pairs"))
    }

    // MARK: Refusals

    @Test(
        "an unknown key is refused though nothing is behind it",
        arguments: [
            "prot:", "prot: {}", "prot: []", "prot: [ {} ]", "asterisk: [ { hots: {} } ]", "asterisk: [ { hots: } ]",
        ]
    )
    func unknownEmptyKey(_ yaml: String) throws {
        let error = try self.refusal(yaml)
        #expect(error.key.hasPrefix("prot") || error.key == "asterisk.0.hots")
    }

    @Test("a list where a mapping belongs is refused by its key", arguments: ["http: [ {} ]", "log: [ level ]"])
    func listForMapping(_ yaml: String) throws {
        let error = try self.refusal(yaml)
        #expect(error.key.hasPrefix("http") || error.key.hasPrefix("log"))
    }

    @Test(
        "a section with nothing in it is the default", arguments: ["http:", "http: {}", "asterisk:", "log: { level: }"])
    func emptySection(_ yaml: String) throws {
        #expect(String(reflecting: try self.load(yaml)) == String(reflecting: ServiceConfiguration()))
    }

    @Test("an unknown key is refused with its name, the file and its line")
    func unknownKey() throws {
        let error = try self.refusal("http:\n  port: 8081\n\n  prot: 8082\n")
        #expect(error.key == "http.prot")
        #expect(error.message.contains("line 4"))
        #expect(error.message.contains(".yaml"))
        #expect(try self.refusal("asterisk:\n  - host: a\n  - hots: b\n").key == "asterisk.1.hots")
        #expect(try self.refusal("http: 8081\n").key == "http")
        #expect(try self.refusal("jade:\n  serv_port: 8081\n").key == "jade.serv_port")
    }

    @Test("of several unknown keys the first in the file is named")
    func firstUnknownKey() throws {
        let error = try self.refusal("zebra: 1\nhttp: { port: 8081 }\nant: 2\n")
        #expect(error.key == "zebra")
        #expect(error.message.contains("line 1"))
    }

    @Test("a misspelt OUTPACE_ variable is refused by its name")
    func misspeltVariable() throws {
        for variable in ["OUTPACE_HTTP_PROT", "OUTPACE_", "OUTPACE_ASTERISK_0_HOTS", "OUTPACE_http_port"] {
            let error = try self.refusal(nil, [variable: "1"])
            #expect(error.key == variable)
            #expect(error.message.contains("environment variable"))
        }
    }

    @Test("the address for the client commands may stay in the environment of the service")
    func clientAddress() throws {
        let loaded = try self.load(nil, ["OUTPACE_URL": "http://127.0.0.1:9999"])
        #expect(String(reflecting: loaded) == String(reflecting: ServiceConfiguration()))
    }

    static let badValues: [(key: String, yaml: String, expected: String)] = [
        ("http.port", "http: { port: 65536 }", "an integer from 0 to 65535"),
        ("http.port", "http: { port: -1 }", "an integer from 0 to 65535"),
        ("http.port", "http: { port: 80.5 }", "an integer from 0 to 65535"),
        ("http.port", "http: { port: '' }", "an integer from 0 to 65535"),
        ("http.max_body_bytes", "http: { max_body_bytes: 1023 }", "an integer from 1024 to 1073741824"),
        ("http.request_timeout", "http: { request_timeout: 0 }", "a number from 1.0 to 3600.0"),
        ("http.request_timeout", "http: { request_timeout: nan }", "a number from 1.0 to 3600.0"),
        ("http.request_timeout", "http: { request_timeout: 30s }", "a number from 1.0 to 3600.0"),
        ("database.max_connections", "database: { max_connections: 3 }", "an integer from 4 to 200"),
        ("database.statement_timeout", "database: { statement_timeout: 3601 }", "a number from 1.0 to 3600.0"),
        ("database.connect_timeout", "database: { connect_timeout: inf }", "a number from 1.0 to 300.0"),
        ("dialing.preview_reservation", "dialing: { preview_reservation: 4 }", "a number from 5.0 to 86400.0"),
        ("asterisk.0.port", "asterisk: [ { port: 0 } ]", "an integer from 1 to 65535"),
        ("asterisk.0.max_calls", "asterisk: [ { max_calls: 0 } ]", "an integer from 1 to 100000"),
        (
            "asterisk.0.max_calls_per_second", "asterisk: [ { max_calls_per_second: 0 } ]",
            "a number from 0.01 to 10000.0"
        ),
        ("asterisk.0.tls", "asterisk: [ { tls: maybe } ]", "true or false"),
        ("log.level", "log: { level: loud }", "one of trace, debug, info, notice, warning, error, critical"),
    ]

    @Test("a bad value is refused with its key, its line and what was expected", arguments: Self.badValues)
    func badValue(_ bad: (key: String, yaml: String, expected: String)) throws {
        let error = try self.refusal("# a line before\n" + bad.yaml)
        #expect(error.key == bad.key)
        #expect(error.message.contains("expected \(bad.expected), got"))
        #expect(error.message.contains("line 2"))
        #expect(error.description.hasPrefix("\(bad.key): "))
    }

    @Test("a bad value of the environment is refused with the variable's name, whatever the file says")
    func badVariable() throws {
        let error = try self.refusal("http: { port: 8081 }", ["OUTPACE_HTTP_PORT": "eighty"])
        #expect(error.key == "http.port")
        #expect(error.message.contains("OUTPACE_HTTP_PORT"))
        #expect(error.message.contains("\"eighty\""))
        #expect(error.message.contains("from 0 to 65535"))
        #expect(!error.message.contains("line"))
    }

    @Test("a file that is no mapping is refused", arguments: ["- http\n- log\n", "just words", "42"])
    func noMapping(_ yaml: String) throws {
        let error = try self.refusal(yaml)
        #expect(error.key.hasSuffix(".yaml"))
        #expect(error.message.contains("must be a YAML mapping"))
    }

    @Test(
        "a file that is no YAML is refused with the parser's words",
        arguments: ["http: { port: 8081", "http:\n\tport: 1\n", "http: 'open", "a: 1\na: 2\n"]
    )
    func noYAML(_ yaml: String) throws {
        let error = try self.refusal(yaml)
        #expect(error.key.hasSuffix(".yaml"))
        #expect(error.message.contains("is not valid YAML"))
    }

    @Test("the place in a file that is no YAML is told without its text, which may be a secret")
    func noSecretInYAMLError() throws {
        let error = try self.refusal("asterisk:\n  - secret: hush-hush: hush\n")
        #expect(error.message.contains("line 2"))
        #expect(!error.message.contains("hush"))
    }

    @Test("an alias is refused before it is followed")
    func alias() throws {
        let error = try self.refusal("asterisk:\n  - &first { name: a, host: h }\n  - *first\n")
        #expect(error.message.contains("aliases are not supported"))
        // Nine levels of nine would be 387 million values.
        var bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let items = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            bomb += "l\(level): &l\(level) [\(items)]\n"
        }
        #expect(try self.refusal(bomb).message.contains("aliases are not supported"))
    }

    @Test("an empty data_dir is refused, from the file and from the environment")
    func emptyDataDirectory() throws {
        #expect(try self.refusal("data_dir: ''").key == "data_dir")
        #expect(try self.refusal("data_dir: /srv", ["OUTPACE_DATA_DIR": ""]).key == "data_dir")
    }

    @Test("a file that is not there is refused by its path")
    func missingFile() throws {
        let path = "/nonexistent/outpace.yaml"
        let error = try #require(throws: ConfigurationError.self) {
            try ServiceConfiguration.load(path: path, environment: [:])
        }
        #expect(error.key == path)
        #expect(error.message.contains("cannot be read"))
    }

    // MARK: The README

    @Test("each default in the README's table is the one that counts without it")
    func documentedDefaults() throws {
        let repository = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
        let rows = readme.matches(of: /\n\| `(?<key>[a-z_.\[\]]+)` \| (?:`(?<value>[^`]+)`|empty)(?<rest>[^|]*)\|/)
        #expect(rows.count > 20)
        let base = ["OUTPACE_ASTERISK_0_HOST": "127.0.0.1"]
        let defaults = String(reflecting: try self.load(nil, base))
        for row in rows {
            let key = String(row.key).replacing("[]", with: ".0")
            var value = row.value.map(String.init) ?? ""
            if row.rest.contains("under `data_dir`") { value = "var/\(value)" }
            let variable = ConfigurationSource.variable(for: key)
            let loaded = try self.load(nil, base.merging([variable: value]) { $1 })
            #expect(String(reflecting: loaded) == defaults, "\(key) is not \"\(value)\" when nobody sets it")
        }
    }
}
