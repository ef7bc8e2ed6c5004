import DialerModel
import DialerStore
import Foundation
import SystemPackage

/// A results file written from the database. It gets its name when it is complete, and never more than one page of it is in memory.
struct ResultsRebuild: Sendable {
    /// Why there is no file.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    var since: Timestamp?
    var until: Timestamp?
    var file: String
    /// Whether a file of that name may be replaced.
    var replaces: Bool

    private static let pageRows = 500

    /// - Throws: ``Failure`` when there is a file that may not be replaced.
    func checkFile() throws {
        var status = stat()
        guard lstat(self.file, &status) == 0 else { return }
        guard self.replaces else {
            throw Failure(description: "\(self.file) exists; give --force to replace it, or another --output")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "\(self.file) is not an ordinary file; give another --output")
        }
        // A running service holds its file's lock.
        let descriptor = open(self.file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "\(self.file) is written by a running service; give another --output")
        }
    }

    /// Writes the file.
    ///
    /// - Returns: how many lines it has.
    /// - Throws: ``Failure``, ``StoreError``; then there is no new file.
    func run(_ results: ResultRepository) async throws -> Int {
        let draft = FilePath(self.file + ".part")
        let descriptor: SystemPackage.FileDescriptor
        do {
            descriptor = try SystemPackage.FileDescriptor.open(
                draft, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead])
        } catch let error as Errno {
            throw Failure(description: "cannot write \(self.file): \(error)")
        }
        do {
            let count = try await self.write(results, to: descriptor)
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            try descriptor.close()
            // Again, since there may be one by now.
            try self.checkFile()
            guard rename(draft.string, self.file) == 0 else { throw Errno(rawValue: errno) }
            return count
        } catch {
            try? descriptor.close()
            unlink(draft.string)
            if let error = error as? Errno { throw Failure(description: "cannot write \(self.file): \(error)") }
            throw error
        }
    }

    private func write(_ results: ResultRepository, to descriptor: SystemPackage.FileDescriptor) async throws -> Int {
        guard let (sequences, total) = try await results.stretch(since: self.since, until: self.until) else { return 0 }
        let lines = FileChunks.Counter()
        let bytes = FileChunks.Counter()
        let begin = ContinuousClock.now
        return try await ProgressLine.show {
            Self.progress(
                lines: lines.value, of: total, bytes: bytes.value, seconds: (ContinuousClock.now - begin) / .seconds(1))
        } while: {
            var next = sequences.lowerBound
            while next <= sequences.upperBound {
                let page = try await results.lines(
                    in: next...sequences.upperBound, since: self.since, until: self.until, limit: Self.pageRows)
                guard let last = page.last else { break }
                var text: [UInt8] = []
                text.reserveCapacity(page.reduce(0) { $0 + $1.line.count + 1 })
                for row in page {
                    text.append(contentsOf: row.line)
                    if row.line.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
                }
                try descriptor.writeAll(text)
                bytes.add(text.count)
                lines.add(page.count)
                next = last.sequence + 1
            }
            return lines.value
        }
    }

    /// `writing  [#####-----]  50 %  500 of 1000 results, 1.2 MB, 2 s left`
    static func progress(lines: Int, of total: Int, bytes: Int, seconds: Double) -> String {
        let left = lines > 0 ? ", \(ProgressLine.duration(seconds / Double(lines) * Double(total - lines))) left" : ""
        return "writing  \(ProgressLine.bar(lines, of: total))  \(lines) of \(total) results, "
            + "\(ProgressLine.megabytes(bytes)) MB\(left)"
    }
}
