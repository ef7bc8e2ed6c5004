import AsyncHTTPClient
import DialerModel
import Foundation
import NIOCore
import NIOHTTP1
import OrderedCollections
import TestSupport
import Testing

/// The real `outpace serve` binary in a folder of its own, driven over HTTP as a client would.
final class ServiceUnderTest: Sendable {
    /// One answer: the status code and the parsed envelope.
    struct Answer {
        var status: Int
        var body: JSONValue

        /// `result` of the envelope.
        var result: JSONValue { self.body["result"] ?? .null }
    }

    let folder: URL
    let baseURL: String
    private let process: ChildProcess
    private let port: Int

    var resultsFile: URL { self.folder.appending(path: "results.json") }
    var log: URL { self.folder.appending(path: "serve.log") }

    /// The `outpace` binary that was built beside this test bundle.
    static var binary: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "outpace")
    }

    /// Starts the service against an Asterisk and waits until it is ready to dial.
    ///
    /// - Parameters:
    ///   - folder: Where its data lies; a second start in the same folder is a restart.
    ///   - asteriskPort: The manager port on the loopback interface.
    ///   - asteriskFields: More fields of that Asterisk, each after a comma.
    ///   - asterisks: More entries of the configuration's `asterisk`, as lines of its list.
    static func start(
        in folder: URL,
        asteriskPort: Int,
        username: String,
        secret: String,
        databaseURL: String = "",
        asteriskFields: String = "",
        asterisks: String = "",
        extra: String = ""
    ) async throws -> ServiceUnderTest {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let port = try FreePort.next()
        let configuration = """
            http: { host: 127.0.0.1, port: \(port) }
            database: { url: "\(databaseURL)" }
            data_dir: \(folder.path)/data
            asterisk:
              - { name: pbx1, host: 127.0.0.1, port: \(asteriskPort), username: \(username), secret: \(secret),
                  max_calls: 100, max_calls_per_second: 100\(asteriskFields) }
            \(asterisks)
            results: { file: \(folder.path)/results.json }
            \(extra)
            """
        let configurationFile = folder.appending(path: "outpace.yaml")
        try configuration.write(to: configurationFile, atomically: true, encoding: .utf8)

        let log = folder.appending(path: "serve.log")
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let process = try ChildProcess(
            self.binary.path,
            ["serve", "--config", configurationFile.path],
            output: output.fileDescriptor,
            errors: output.fileDescriptor
        )
        try output.close()
        let service = ServiceUnderTest(folder: folder, port: port, process: process)
        do {
            try await service.waitUntilReady()
        } catch {
            service.tearDown()
            throw error
        }
        return service
    }

    private init(folder: URL, port: Int, process: ChildProcess) {
        self.folder = folder
        self.port = port
        self.baseURL = "http://127.0.0.1:\(port)"
        self.process = process
    }

    /// A folder that no other test uses.
    static func makeFolder() -> URL {
        URL(fileURLWithPath: NSTemporaryDirectory()).appending(path: "outpace-test-\(UUID().uuidString.prefix(8))")
    }

    /// SIGTERM, then waits for the end.
    ///
    /// - Returns: The exit status.
    @discardableResult
    func stop() async -> Int32 {
        await self.process.terminate()
    }

    /// `kill -9`, then waits for the end.
    func kill() async {
        self.process.signal(SIGKILL)
        await self.process.end()
    }

    /// Nothing of it runs from here on, until ``resume()``; it is not told.
    func suspend() {
        self.process.signal(SIGSTOP)
    }

    func resume() {
        self.process.signal(SIGCONT)
    }

    func hangUpSignal() {
        self.process.signal(SIGHUP)
    }

    /// Stops the service and removes its folder, without waiting for it.
    func tearDown() {
        let folder = self.folder
        self.process.terminateLater { try? FileManager.default.removeItem(at: folder) }
    }

    func get(_ path: String) async throws -> Answer { try await self.send("GET", path, nil) }
    func post(_ path: String, _ body: String) async throws -> Answer { try await self.send("POST", path, body) }
    func put(_ path: String, _ body: String) async throws -> Answer { try await self.send("PUT", path, body) }
    func delete(_ path: String) async throws -> Answer { try await self.send("DELETE", path, nil) }

    /// Creates a resource and returns its uuid.
    func create(_ path: String, _ body: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let answer = try await self.post(path, body)
        #expect(answer.status == 200, "\(answer.body)", sourceLocation: sourceLocation)
        return try #require(answer.result["uuid"]?.text, sourceLocation: sourceLocation)
    }

    private func send(_ method: String, _ path: String, _ body: String?) async throws -> Answer {
        var request = HTTPClientRequest(url: self.baseURL + path)
        request.method = .RAW(value: method)
        if let body {
            // What curl -d sends by default: the body is JSON all the same.
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let json = bytes.readableBytes == 0 ? JSONValue.null : try JSONValue.parse(Array(bytes.readableBytesView))
        return Answer(status: Int(response.status.code), body: json)
    }

    /// The text of `/metrics`.
    func metrics() async throws -> String {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: self.baseURL + "/metrics"), timeout: .seconds(30))
        return String(buffer: try await response.body.collect(upTo: 64 << 20))
    }

    private func waitUntilReady() async throws {
        try await eventually("the service is ready (log: \(self.tail()))", within: .seconds(60)) {
            if let status = self.process.exitStatus {
                throw TestFailure("outpace serve ended with \(status):\n\(self.tail())")
            }
            return (try? await self.get("/readyz").status) == 200
        }
    }

    /// The last lines of the service's log, for a failing test's message.
    func tail(_ lines: Int = 30) -> String {
        let text = (try? String(contentsOf: self.log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    /// The results file's lines, parsed.
    func resultLines() throws -> [JSONValue] {
        guard let text = try? String(contentsOf: self.resultsFile, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
    }

    func waitForStatus(_ status: Int, ofCampaign campaign: String, within limit: Duration = .seconds(60)) async throws {
        try await eventually("campaign \(campaign) has status \(status)", within: limit) {
            try await self.get("/campaigns/\(campaign)").result["status"] == .integer(Int64(status))
        }
    }

    func waitForResultLines(_ count: Int, within limit: Duration = .seconds(60)) async throws -> [JSONValue] {
        try await eventually("the results file has \(count) lines", within: limit) {
            try self.resultLines().count >= count
        }
        return try self.resultLines()
    }
}

/// A condition that did not come true.
struct TestFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Asks again and again until `condition` holds; the wait between two asks is short and the limit is generous, so a slow machine
/// makes a test slower and never wrong.
func eventually(
    _ what: @autoclosure () -> String,
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(50))
    }
    throw TestFailure("after \(limit) it still is not so that \(what())")
}

extension JSONValue {
    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return Int(number)
    }
}
