import AsyncHTTPClient
import DialerModel
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport

/// `outpace serve` as something that is killed, stopped and started again in one folder and on one port.
final class EngineUnderFault: Sendable {
    let name: String
    private let folder: URL
    private let binary: URL
    private let baseURL: String
    private let environment: [String: String]
    private let process = NIOLockedValueBox<ChildProcess?>(nil)

    var resultsFile: URL { self.folder.appending(path: "results/outbound_result.json") }
    private var log: URL { self.folder.appending(path: "serve.log") }

    /// Writes the configuration into a folder of its name; ``start()`` starts.
    ///
    /// - Parameter environment: more variables of the process, above those of the test's own.
    init(
        name: String, in parent: URL, binary: URL, managerPort: Int, databaseURL: String, maximumCalls: Int,
        callsPerSecond: Int, environment: [String: String] = [:]
    ) throws {
        let folder = parent.appending(path: name)
        let results = folder.appending(path: "results")
        try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let port = try FreePort.next()
        self.name = name
        self.folder = folder
        self.binary = binary
        self.baseURL = "http://127.0.0.1:\(port)"
        self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let configuration = """
            http: { host: 127.0.0.1, port: \(port) }
            engine: { name: \(name) }
            database: { url: "\(databaseURL)" }
            data_dir: \(folder.path)/data
            asterisk:
              - { name: pbx1, host: 127.0.0.1, port: \(managerPort), username: outpace, secret: change-me,
                  max_calls: \(maximumCalls), max_calls_per_second: \(callsPerSecond) }
            results: { file: \(results.path)/outbound_result.json }
            """
        try configuration.write(
            to: folder.appending(path: "outpace.yaml"), atomically: true, encoding: .utf8)
        _ = FileManager.default.createFile(atPath: folder.appending(path: "serve.log").path, contents: nil)
    }

    /// Starts the process and does not wait for it.
    func start() throws {
        let output = try FileHandle(forWritingTo: self.log)
        try output.seekToEnd()
        let child = try ChildProcess(
            self.binary.path, ["serve", "--config", self.folder.appending(path: "outpace.yaml").path],
            environment: self.environment, output: output.fileDescriptor, errors: output.fileDescriptor)
        try output.close()
        self.process.withLockedValue { $0 = child }
    }

    func signal(_ number: Int32) {
        self.process.withLockedValue { $0 }?.signal(number)
    }

    /// `kill -9`; returns when the process is gone.
    func kill() async {
        self.signal(SIGKILL)
        _ = await self.process.withLockedValue { $0 }?.end()
    }

    /// SIGTERM; returns the exit status.
    func stop() async -> Int32 {
        self.signal(SIGCONT)
        self.signal(SIGTERM)
        return await self.process.withLockedValue { $0 }?.end() ?? 0
    }

    /// Whether `/readyz` answers that all parts work.
    func isReady() async -> Bool {
        await (try? self.send("GET", "/readyz", timeout: .seconds(2)).status) == 200
    }

    /// Waits until all parts work.
    ///
    /// - Returns: how long that took.
    @discardableResult
    func waitUntilReady(within limit: Duration = .seconds(180)) async throws -> Duration {
        let clock = ContinuousClock()
        let begin = clock.now
        let isReady = try await eventually(within: limit) {
            if let status = self.process.withLockedValue({ $0?.exitStatus }) {
                throw StageError("outpace serve ended with \(status):\n\(self.tail())")
            }
            return await self.isReady()
        }
        guard isReady else { throw StageError("after \(limit) outpace serve is not ready:\n\(self.tail())") }
        return clock.now - begin
    }

    /// Resident memory of the process in bytes.
    func residentBytes() throws -> Int {
        guard let child = self.process.withLockedValue({ $0 }) else { throw StageError("no engine runs") }
        let text = try String(contentsOfFile: "/proc/\(child.processIdentifier)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw StageError("no VmRSS: \(text)")
        }
        return kilobytes * 1024
    }

    // MARK: REST

    /// Creates something and returns its uuid.
    func create(_ path: String, _ body: String, type: String = "application/json") async throws -> String {
        let result = try await self.call("POST", path, body, type: type)
        guard let uuid = result.member("uuid")?.word else { throw StageError("POST \(path): no uuid in \(result)") }
        return uuid
    }

    /// One request, which must succeed; its result.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: String? = nil, type: String = "application/json") async throws
        -> JSONValue
    {
        let (status, answer) = try await self.send(method, path, body, type: type)
        guard (200..<300).contains(status) else { throw StageError("\(method) \(path): \(status) \(answer)") }
        return answer.member("result") ?? .null
    }

    /// A text answer, such as the metrics.
    func text(_ path: String) async throws -> String {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: self.baseURL + path), timeout: .seconds(300))
        return String(buffer: try await response.body.collect(upTo: 16 << 20))
    }

    private func send(
        _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
        timeout: TimeAmount = .seconds(300)
    ) async throws -> (status: Int, answer: JSONValue) {
        var request = HTTPClientRequest(url: self.baseURL + path)
        request.method = .RAW(value: method)
        if let body {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: timeout)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let answer = bytes.readableBytes == 0 ? JSONValue.null : try JSONValue.parse(Array(bytes.readableBytesView))
        return (Int(response.status.code), answer)
    }

    /// The last lines of the log, for a failure's message.
    func tail(_ lines: Int = 40) -> String {
        let text = (try? String(contentsOf: self.log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
