import ArgumentParser
import DialerModel
import Foundation
import NIOHTTP1
import OrderedCollections
import Synchronization
import SystemPackage

/// `outpace import`: loads a file of contacts into a list of a running service.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load a file of contacts (CSV, NDJSON or a JSON array, gzip or plain) into a list.",
        discussion: """
            Good rows are loaded, bad ones are refused with their line and the reason, and then the command ends with status 1 \
            unless --allow-rejects is given. A file is never taken up where an earlier import broke off: nothing of that one \
            was loaded. Ctrl-C cancels the import; nothing is loaded then either.
            """
    )

    enum OnError: String, CaseIterable, ExpressibleByArgument { case skip, abort }
    enum Duplicates: String, CaseIterable, ExpressibleByArgument { case skip, update, error }
    enum DuplicateKey: String, CaseIterable, ExpressibleByArgument { case number, ukey }
    enum DuplicateScope: String, CaseIterable, ExpressibleByArgument { case file, list, all }
    enum Format: String, CaseIterable, ExpressibleByArgument { case csv, ndjson, json }

    @Argument(help: "The file; - reads standard input.")
    var file: String

    @Option(help: "The list's uuid.")
    var list: String?

    @Option(help: "Make a list of this name and load the file into it.")
    var newList: String?

    @Option(help: "With --new-list: the country (ISO 3166-1, as DE) whose national numbers the file holds.")
    var region: String?

    @Option(help: "What the file is. (default: found out)")
    var format: Format?

    @Option(help: "comma, semicolon, tab or pipe. (default: found out)")
    var delimiter: String?

    @Flag(help: "The first line is a contact; --map names the columns by position, as #1:number_1.")
    var noHeader = false

    @Option(help: "COLUMN:FIELD pairs separated by commas; FIELD - leaves a column out.")
    var map: String?

    @Option(help: "What a bad row does: skip loads the others, abort loads nothing.")
    var onError = OnError.skip

    @Option(
        help: "What becomes of a row whose contact is there already: skip, update or error. (default: not looked for)")
    var duplicates: Duplicates?

    @Option(help: "With --duplicates: what makes two rows the same contact, number or ukey.")
    var duplicateKey: DuplicateKey?

    @Option(help: "With --duplicates: where the other is looked for, file, list or all.")
    var duplicateScope: DuplicateScope?

    @Flag(help: "Check and count, load nothing.")
    var dryRun = false

    @Option(help: "Write the refused rows into this file, as CSV.")
    var rejects: String?

    @Flag(help: "End with status 0 although rows were refused.")
    var allowRejects = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard (self.list == nil) != (self.newList == nil) else {
            throw ValidationError("give one of --list UUID and --new-list NAME")
        }
        if let list, UUID(uuidString: list) == nil {
            throw ValidationError("--list: expected a uuid, got \"\(list)\"")
        }
        guard self.region == nil || self.newList != nil else {
            throw ValidationError("--region goes with --new-list; a list that is there has its own")
        }
        guard self.duplicates != nil || (self.duplicateKey == nil && self.duplicateScope == nil) else {
            throw ValidationError("--duplicate-key and --duplicate-scope go with --duplicates")
        }
    }

    func run() async throws {
        let source = try self.open()
        let client = self.options.client
        let list = try await self.findList(client)
        let begun = BegunUpload()
        let interruption = Task { await begun.cancelOnSignal(client) }
        defer { interruption.cancel() }
        let received = try await self.send(source, to: list, client)
        guard let uuid = received["uuid"]?.string else { throw APIClient.Failure(description: "no upload's uuid came") }
        begun.uuid = uuid
        let upload = try await self.follow(received, uuid, client)
        try await self.report(upload, client)
    }

    // MARK: The steps

    private func open() throws -> FileDescriptor {
        guard self.file != "-" else { return .standardInput }
        do {
            return try FileDescriptor.open(FilePath(self.file), .readOnly)
        } catch let error as Errno {
            throw ValidationError("cannot read \(self.file): \(error)")
        }
    }

    /// The list, which must be there before a large file sets out for it.
    private func findList(_ client: APIClient) async throws -> String {
        if let list {
            _ = try await client.send("GET", "/dlmas/\(list)")
            return list
        }
        var body: JSONValue = .object(["name": .string(self.newList ?? "")])
        if let region, case .object(var members) = body {
            members["default_region"] = .string(region)
            body = .object(members)
        }
        let made = try await client.send("POST", "/dlmas", body: body)
        guard let uuid = made["uuid"]?.string else { throw APIClient.Failure(description: "no list's uuid came") }
        print("list \(uuid)")
        return uuid
    }

    private func send(_ source: FileDescriptor, to list: String, _ client: APIClient) async throws -> JSONValue {
        let chunks = FileChunks(file: source)
        // Pipes and the like have no length of their own.
        let length = (try? source.seek(offset: 0, from: .end)).map(Int.init)
        if length != nil { try source.seek(offset: 0, from: .start) }
        let counter = chunks.counter
        let begin = ContinuousClock.now
        return try await ProgressLine.show {
            "sending  "
                + ProgressLine.text(
                    bytes: counter.value, of: length, seconds: (ContinuousClock.now - begin) / .seconds(1))
        } while: {
            try await client.upload(
                "/dlmas/\(list)/dls?\(self.query)", chunks, length: length, headers: ["Content-Type": self.contentType])
        }
    }

    /// Waits until the rows are in the list.
    private func follow(_ received: JSONValue, _ uuid: String, _ client: APIClient) async throws -> JSONValue {
        let state = Mutex(received)
        return try await ProgressLine.show {
            state.withLock { Self.loading($0) }
        } while: {
            while true {
                let upload = state.withLock { $0 }
                if ["done", "failed", "cancelled"].contains(upload["status"]?.string) { return upload }
                try await Task.sleep(for: .milliseconds(200))
                let now = try await client.send("GET", "/uploads/\(uuid)")
                state.withLock { $0 = now }
            }
        }
    }

    private static func loading(_ upload: JSONValue) -> String {
        let left = upload["seconds_left"]?.number.map { ", \(ProgressLine.duration($0)) left" } ?? ""
        let rate = upload["rows_per_second"]?.number.map { ", \(Int($0)) rows/s" } ?? ""
        return "\(upload["status"]?.string ?? "loading")  \(upload["rows_read"]?.integer ?? 0) rows\(rate)\(left)"
    }

    private func report(_ upload: JSONValue, _ client: APIClient) async throws {
        let uuid = upload["uuid"]?.string ?? ""
        func count(_ name: String) -> Int { upload[name]?.integer ?? 0 }
        let rejected = count("rows_rejected")
        print(
            "\(count("rows_read")) rows: \(count("rows_loaded")) \(self.dryRun ? "would be loaded" : "loaded"), "
                + "\(count("rows_updated")) updated, \(count("rows_duplicate")) duplicates, \(rejected) refused"
        )
        for reject in (upload["rejects"]?.elements ?? []).prefix(10) {
            let field = reject["field"]?.string.map { "\($0): " } ?? ""
            Self.warn("line \(reject["line"]?.integer ?? 0): \(field)\(reject["reason"]?.string ?? "")")
        }
        if rejected > 0, let rejects {
            try await FileDownload(path: "/uploads/\(uuid)/rejects", client: client).save(to: rejects)
            Self.warn("the refused rows are in \(rejects)")
        } else if rejected > 10 {
            Self.warn("… and \(rejected - 10) more; --rejects FILE or GET /uploads/\(uuid)/rejects has them all")
        }
        let status = upload["status"]?.string
        guard status == "done" else {
            throw APIClient.Failure(
                description: "nothing was loaded: \(upload["message"]?.string ?? "the import was \(status ?? "ended")")"
            )
        }
        if rejected > 0, !self.allowRejects { throw ExitCode.failure }
    }

    private static func warn(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    // MARK: The request

    /// What is inside decides about the rest.
    private var contentType: String { self.file.hasSuffix(".gz") ? "application/gzip" : "application/octet-stream" }

    private var query: String {
        var parts = ["async=1", "on_error=\(self.onError.rawValue)"]
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            parts.append("\(name)=\(QueryText.encoded(value))")
        }
        add("name", self.file == "-" ? nil : String(URL(filePath: self.file).lastPathComponent.prefix(255)))
        add("format", self.format?.rawValue)
        add("delimiter", self.delimiter)
        add("header", self.noHeader ? "0" : nil)
        add("map", self.map)
        add("duplicates", self.duplicates?.rawValue)
        add("duplicate_key", self.duplicateKey?.rawValue)
        add("duplicate_scope", self.duplicateScope?.rawValue)
        add("dry_run", self.dryRun ? "1" : nil)
        return parts.joined(separator: "&")
    }
}
