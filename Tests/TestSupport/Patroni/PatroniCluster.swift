import DialerModel
import Foundation

/// A PostgreSQL of two servers under Patroni and etcd, all of Debian's packages, set up as `config/patroni.sample.yaml` says: only its
/// addresses and folders are others. Gone with the test process however that ends: a shell script owns everything and ends it when
/// its standard input closes.
package final class PatroniCluster: Sendable {
    /// One server, and the Patroni that minds it.
    package struct Node: Sendable, Hashable {
        package let name: String
        package let port: Int
        let restPort: Int
    }

    package let nodes: [Node]
    private let directory: String
    private let script: Conversation

    /// Starts it, and waits for a primary with a synchronous standby, as a recipe that loses nothing needs.
    package static func start() async throws -> PatroniCluster {
        let cluster = try PatroniCluster()
        guard try await cluster.script.answer() == "ok" else { throw cluster.failure("etcd doesn't start") }
        guard await eventually(within: .seconds(120), { await cluster.isComplete() }) else {
            throw cluster.failure("Patroni has no primary with a synchronous standby after two minutes")
        }
        return cluster
    }

    private init() throws {
        var template = Array("/tmp/outpace-patroni-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PostgresTestError("no temporary directory in /tmp") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.directory = directory
        let etcd = try FreePort.next()
        self.nodes = try ["node1", "node2"].map {
            Node(name: $0, port: try FreePort.next(), restPort: try FreePort.next())
        }
        let sample = try String(contentsOfFile: Self.sample, encoding: .utf8)
        let binaries = try PostgresTestServer.binaries()
        for node in self.nodes {
            var text = sample
            for (old, new) in [
                ("name: node1", "name: \(node.name)"),
                ("10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379", "127.0.0.1:\(etcd)"),
                ("10.0.0.11:8008", "127.0.0.1:\(node.restPort)"),
                ("10.0.0.11:5432", "127.0.0.1:\(node.port)"),
                ("10.0.0.0/24", "127.0.0.1/32"),
                ("/var/lib/postgresql/outpace.pgpass", "\(directory)/\(node.name).pgpass"),
                ("/var/lib/postgresql/outpace", "\(directory)/\(node.name)"),
                ("/usr/lib/postgresql/15/bin", binaries),
                ("/var/run/postgresql", directory),
            ] {
                guard text.contains(old) else { throw PostgresTestError("\(Self.sample) has no \(old) any more") }
                text = text.replacing(old, with: new)
            }
            try text.write(toFile: "\(directory)/\(node.name).yaml", atomically: true, encoding: .utf8)
        }
        self.script = try Conversation(
            "/bin/bash",
            ["-c", Self.scriptText, "outpace-test-patroni", directory, "\(etcd)", "\(try FreePort.next())"], errors: 2)
    }

    /// A URL that finds the primary, whichever it is.
    package func url(user: String, password: String, database: String) -> String {
        let hosts = self.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "postgresql://\(user):\(password)@\(hosts)/\(database)?target_session_attrs=read-write"
    }

    /// The server that takes writes now; nil while there is none.
    package func primary() async -> Node? {
        for node in self.nodes {
            if await self.members(asking: node).contains(where: { $0.name == node.name && $0.role == "leader" }) {
                return node
            }
        }
        return nil
    }

    /// What happens to a machine.
    package enum Outage: String, Sendable, CaseIterable {
        /// `kill -9` of the server and of the Patroni that minds it: connections break.
        case kill
        /// Both stand still, as when the machine is cut off: connections stay and nobody answers.
        case freeze
    }

    package func strike(_ node: Node, _ outage: Outage) async throws {
        try await self.order(outage.rawValue, node)
    }

    /// Ends an outage.
    package func restore(_ node: Node, after outage: Outage) async throws {
        try await self.order(outage == .kill ? "start" : "thaw", node)
    }

    private func order(_ command: String, _ node: Node) async throws {
        try await self.script.tell("\(command) \(node.name)")
        guard try await self.script.answer() == "ok" else { throw self.failure("\(command) \(node.name) failed") }
    }

    /// Whether there is a primary, and a standby without which it answers no commit.
    package func isComplete() async -> Bool {
        guard let primary = await self.primary() else { return false }
        return await self.members(asking: primary).contains { $0.role == "sync_standby" && $0.state == "running" }
    }

    /// Stops everything and removes its files.
    package func remove() async {
        await self.script.end()
    }

    private struct Member {
        var name: String
        var role: String
        var state: String
    }

    /// What a node's Patroni says of all; nothing when it does not answer.
    private func members(asking node: Node) async -> [Member] {
        try? await self.script.tell("ask \(node.restPort)")
        guard let answer = try? await self.script.answer(),
            case .array(let members)? = (try? JSONValue.parse(Array(answer.utf8)))?["members"]
        else { return [] }
        return members.compactMap { member in
            guard case .string(let name)? = member["name"], case .string(let role)? = member["role"],
                case .string(let state)? = member["state"]
            else { return nil }
            return Member(name: name, role: role, state: state)
        }
    }

    private func failure(_ what: String) -> PostgresTestError {
        let logs = ["etcd.log"] + self.nodes.map { "\($0.name).log" }
        let ends = logs.map { log in
            let text = (try? String(contentsOfFile: "\(self.directory)/\(log)", encoding: .utf8)) ?? "none"
            return "\(log):\n\(text.suffix(2000))"
        }
        return PostgresTestError(
            "\(what); are patroni and etcd-server installed (make setup)?\n\(ends.joined(separator: "\n"))")
    }

    private static let sample =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../config/patroni.sample.yaml"
        ).path

    // PIPE: who asked may be gone when the answer comes, and there is tidying up to do.
    private static let scriptText = """
        trap '' INT HUP TERM PIPE
        dir=$1; client=$2; peer=$3
        \(PostgresTestServer.asUnprivileged)
        cd /
        declare -A minder
        start() { $as patroni "$dir/$1.yaml" >>"$dir/$1.log" 2>&1 & minder[$1]=$!; }
        server() { pid=$(head -n 1 "$dir/$1/postmaster.pid" 2>/dev/null) && echo $pid $(pgrep -P $pid); }
        halt() {
            kill -KILL ${minder[$1]} && wait ${minder[$1]} 2>/dev/null
            pid=$(head -n 1 "$dir/$1/postmaster.pid" 2>/dev/null) && kill -KILL $pid
            while [ -n "$pid" ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
        } 2>/dev/null
        $as etcd --enable-v2 --name etcd1 --data-dir "$dir/etcd" --log-level warn \\
            --listen-client-urls http://127.0.0.1:$client --advertise-client-urls http://127.0.0.1:$client \\
            --listen-peer-urls http://127.0.0.1:$peer --initial-advertise-peer-urls http://127.0.0.1:$peer \\
            --initial-cluster etcd1=http://127.0.0.1:$peer >"$dir/etcd.log" 2>&1 &
        etcd=$!
        until curl -sf http://127.0.0.1:$client/health >/dev/null; do
            kill -0 $etcd 2>/dev/null || { echo failed; exit 1; }
            sleep 0.05
        done
        start node1
        start node2
        echo ok
        while read -r command node; do
            case $command in
                start) start $node; echo ok;;
                kill) halt $node; echo ok;;
                freeze) kill -STOP ${minder[$node]} $(server $node) && echo ok || echo failed;;
                thaw) kill -CONT ${minder[$node]} $(server $node) && echo ok || echo failed;;
                ask) echo "$(curl -s -m 5 http://127.0.0.1:$node/cluster | tr -d '\\n')";;
            esac
        done
        halt node1
        halt node2
        kill -KILL $etcd
        wait 2>/dev/null
        rm -rf "$dir"
        """
}
