import ArgumentParser
import DialerModel
import Foundation
import OrderedCollections
import Synchronization

/// `outpace list stats|recycle|move|delete UUID`: shows how far a list of a running service is, and works on its contacts.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show how far a list is; recycle, move or delete its contacts.",
        discussion: """
            Recycling needs --results; moving and deleting take all contacts unless told otherwise. What was done when a job is
            interrupted stays done: DELETE /jobs/UUID stops it, this command's end does not.
            """
    )

    /// What is to be done; the raw value is what is typed.
    enum Request: String, CaseIterable, ExpressibleByArgument {
        case stats
        case recycle
        case move
        case delete

        /// The path behind the list's own, and the words for what was done.
        var path: String {
            switch self {
            case .stats, .recycle, .move: self.rawValue
            case .delete: "purge"
            }
        }

        var done: String {
            switch self {
            case .stats: "counted"
            case .recycle: "recycled"
            case .move: "moved"
            case .delete: "deleted"
            }
        }
    }

    @Argument(help: "stats, recycle (forget tries, so that contacts are called again), move, or delete (contacts).")
    var request: Request

    @Argument(help: "The list's uuid.")
    var list: String

    @Option(
        help: "Only these last results: numbers, or busy, no_answer, failed, congested, answered, all (but answered).")
    var results: String?

    @Option(help: "Only contacts whose last call ended at this time or later: an instant or a day.")
    var since: String?

    @Option(help: "Only contacts whose last call ended before this time.")
    var until: String?

    @Flag(inversion: .prefixedNo, help: "Only contacts with a try, or only those without.")
    var tried: Bool?

    @Option(help: "With move: the uuid of the list to move to.")
    var to: String?

    @Flag(help: "With recycle: forget results and times as well, as if the contacts had never been called.")
    var whole = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        for (name, uuid) in [("list", self.list), ("--to", self.to ?? self.list)] where UUID(uuidString: uuid) == nil {
            throw ValidationError("\(name): expected a uuid, got \"\(uuid)\"")
        }
        guard (self.request == .move) == (self.to != nil) else {
            throw ValidationError("--to UUID goes with move, and move needs it")
        }
        guard self.request == .recycle || !self.whole else { throw ValidationError("--whole goes with recycle") }
        guard self.request != .recycle || self.results != nil else {
            throw ValidationError("recycle needs --results, like --results busy,no_answer or --results all")
        }
        let hasFilter = self.results != nil || self.since != nil || self.until != nil || self.tried != nil
        guard self.request != .stats || !hasFilter else {
            throw ValidationError("stats takes no choice of contacts")
        }
    }

    func run() async throws {
        let client = self.options.client
        let path = "/dlmas/\(self.list)/\(self.request.path)"
        guard self.request != .stats else {
            try self.show(try await client.send("GET", path))
            return
        }
        let job = try await self.follow(try await client.send("POST", path, body: self.body), client)
        let changed = job["contacts_changed"]?.integer ?? 0
        print("\(changed) of \(job["contacts_total"]?.integer ?? 0) contacts \(self.request.done)")
        guard job["status"]?.string == "done" else {
            throw APIClient.Failure(description: job["message"]?.string ?? "the job did not come to its end")
        }
    }

    private func show(_ counts: JSONValue) throws {
        guard case .object(let members) = counts else { throw APIClient.Failure(description: "no counts came") }
        for (name, value) in members where value.number != nil {
            let padding = String(repeating: " ", count: max(1, 14 - name.count))
            let text = value.integer.map(String.init) ?? value.number.map { "\(Int(($0 * 100).rounded())) %" } ?? ""
            print("\(name)\(padding)\(text)")
        }
    }

    private var body: JSONValue {
        var members: OrderedDictionary<String, JSONValue> = [:]
        if let results {
            members["res_dial"] = .array(
                results.split(separator: ",").map { part in
                    Int64(part).map { .integer($0) } ?? .string(String(part))
                })
        }
        if let since { members["since"] = .string(since) }
        if let until { members["until"] = .string(until) }
        if let tried { members["tried"] = .bool(tried) }
        if let to { members["target"] = .string(to) }
        if self.whole { members["reset"] = .string("all") }
        return .object(members)
    }

    /// Waits for the job's end.
    private func follow(_ made: JSONValue, _ client: APIClient) async throws -> JSONValue {
        let uuid = made["uuid"]?.string ?? ""
        let state = Mutex(made)
        return try await ProgressLine.show {
            state.withLock { Self.text($0) }
        } while: {
            while true {
                let job = state.withLock { $0 }
                if ["done", "failed", "cancelled"].contains(job["status"]?.string) { return job }
                try await Task.sleep(for: .milliseconds(200))
                let now = try await client.send("GET", "/jobs/\(uuid)")
                state.withLock { $0 = now }
            }
        }
    }

    private static func text(_ job: JSONValue) -> String {
        let (seen, total) = (job["contacts_seen"]?.integer ?? 0, job["contacts_total"]?.integer ?? 0)
        let left = job["seconds_left"]?.number.map { ", \(ProgressLine.duration($0)) left" } ?? ""
        let waiting = job["contacts_waiting"]?.integer ?? 0
        return "\(ProgressLine.bar(seen, of: total))  \(seen) of \(total) contacts\(left)"
            + (waiting > 0 ? ", \(waiting) in calls" : "")
    }
}
