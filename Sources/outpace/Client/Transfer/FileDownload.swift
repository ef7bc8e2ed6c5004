import AsyncHTTPClient
import Foundation
import NIOCore
import SystemPackage

/// An answer of any length on its way into a file or to standard output.
struct FileDownload {
    /// With its query.
    var path: String
    var client: APIClient

    /// Why there is no file.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Writes to standard output.
    ///
    /// - Throws: ``Failure`` when the answer breaks off, and then what was written has no end.
    func print() async throws {
        try await self.write(to: .standardOutput, counting: FileChunks.Counter())
    }

    /// Writes into a file, which gets its name when it is complete: a file of that name is whole, the one before or this one.
    ///
    /// - Throws: ``Failure``; then there is no new file.
    func save(to name: String) async throws {
        let draft = FilePath(name + ".part")
        let file: SystemPackage.FileDescriptor
        do {
            file = try SystemPackage.FileDescriptor.open(
                draft, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead])
        } catch let error as Errno {
            throw Failure(description: "cannot write \(name): \(error)")
        }
        let counter = FileChunks.Counter()
        let begin = ContinuousClock.now
        do {
            try await ProgressLine.show {
                "receiving  "
                    + ProgressLine.text(
                        bytes: counter.value, of: nil, seconds: (ContinuousClock.now - begin) / .seconds(1))
            } while: {
                try await self.write(to: file, counting: counter)
            }
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            try file.close()
            guard rename(draft.string, name) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            try? file.close()
            unlink(draft.string)
            if let error = error as? Errno { throw Failure(description: "cannot write \(name): \(error)") }
            throw error
        }
        FileHandle.standardError.write(Data("\(name): \(ProgressLine.megabytes(counter.value)) MB\n".utf8))
    }

    private func write(to file: SystemPackage.FileDescriptor, counting counter: FileChunks.Counter) async throws {
        let body = try await self.client.download(self.path)
        var parts = body.makeAsyncIterator()
        while true {
            let part: ByteBuffer?
            do {
                part = try await parts.next()
            } catch {
                throw Failure(description: "the answer broke off after \(counter.value) bytes; try again")
            }
            guard let part else { return }
            try part.withUnsafeReadableBytes { _ = try file.writeAll($0) }
            counter.add(part.readableBytes)
        }
    }
}
