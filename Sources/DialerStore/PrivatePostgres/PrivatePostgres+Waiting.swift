import Foundation
import Logging

// The server while it starts and stops, known by the file it keeps for that.
extension PrivatePostgres {
    private static let progressInterval = Duration.seconds(10)
    private static let pollInterval = Duration.milliseconds(50)

    /// The server that runs on the data at the moment, whoever started it.
    func postmaster() -> PostmasterFile? {
        guard let text = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8),
            let file = PostmasterFile(text), isPostmaster(file.processID)
        else { return nil }
        return file
    }

    /// Whether the process is a server on this very data directory: postmasters work in it.
    private func isPostmaster(_ processID: Int32) -> Bool {
        guard let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/cwd"),
            let name = try? String(contentsOfFile: "/proc/\(processID)/comm", encoding: .utf8)
        else { return false }
        let own = URL(fileURLWithPath: data).resolvingSymlinksInPath().path
        return directory == own && name.hasPrefix("postgres")
    }

    /// Waits until the server takes work, for as long as it says that it is starting: after a crash it replays what was
    /// written ahead, and how long that takes depends on nothing known here. The log tells every ten seconds.
    ///
    /// - Returns: false when the server ended, or turned to stopping, instead.
    /// - Throws: ``PrivatePostgresError/interrupted(directory:)`` when the task is cancelled; the server is stopped then.
    func becomesReady(
        _ postmaster: PostmasterFile, stoppedBy binaries: PostgresBinaries, _ user: ServerUser?
    ) async throws(PrivatePostgresError) -> Bool {
        let begin = ContinuousClock.now
        var nextReport = begin
        while let current = self.postmaster(), current.processID == postmaster.processID {
            switch current.state {
            case .ready: return true
            case .stopping: return false
            case .starting: break
            }
            if ContinuousClock.now >= nextReport {
                nextReport += Self.progressInterval
                logger.notice(
                    "The private PostgreSQL is still starting; waiting for it",
                    metadata: [
                        "pid": "\(current.processID)", "seconds": "\(begin.duration(to: .now).components.seconds)",
                        "says": "\(lastWords())",
                    ])
            }
            do {
                try await Task.sleep(for: Self.pollInterval)
            } catch {
                // A task of its own, since in a cancelled one no program is run to its end.
                let stop = Task { () async -> Void in try? await self.stopServer(binaries, user) }
                await stop.value
                throw .interrupted(directory: data)
            }
        }
        return false
    }

    /// Stops the server in order, breaking connections off.
    func stopServer(_ binaries: PostgresBinaries, _ user: ServerUser?) async throws(PrivatePostgresError) {
        _ = try await ServerProgram.run(
            binaries.path("pg_ctl"), ["stop", "-D", data, "-m", "fast", "-w", "-t", "60", "-s"], as: user)
    }

    /// The last line of the server's newest log file; empty when there is none.
    func lastWords() -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: log)) ?? []
        let newest = names.filter { $0.hasPrefix("postgresql-") }
            .map { name in
                let path = "\(log)/\(name)"
                let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
                return (path: path, date: date ?? .distantPast)
            }
            .max { $0.date < $1.date }
        guard let newest, let file = FileHandle(forReadingAtPath: newest.path) else { return "" }
        defer { try? file.close() }
        let end = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: end - min(end, 1024))
        let tail = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        return tail.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    }
}
