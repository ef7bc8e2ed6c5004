import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore
import ListImport
import NIOCore

/// Reads a file of numbers onto the list, a transaction for each few hundred kilobytes: what has come holds at once, and a client
/// that is slow holds nothing in the database. When it breaks off, what was read stays: a number too many on this list is better
/// than one too few, and sending the file again does no harm.
struct DoNotCallReceiver: Sendable {
    let list: DoNotCallRepository
    let maximumBytes: Int
    let now: @Sendable () -> Timestamp

    /// Numbers are merged when they take so many bytes.
    private static let chunkBytes = 524_288
    /// A slow client's numbers hold after so long.
    private static let longestWait = Duration.seconds(1)

    /// - Throws: ``APIError`` for a file that cannot be read or a body that broke off; its message says how much is on the list.
    func receive(_ request: Request) async throws -> DoNotCallReport {
        let query = try DoNotCallQuery(request, now: self.now())
        var intake: DoNotCallIntake
        do throws(FileProblem) {
            intake = try DoNotCallIntake(query, maximumBytes: self.maximumBytes)
        } catch {
            throw APIError.badRequest(error.message)
        }
        do {
            try await self.read(request, query, into: &intake)
        } catch let error as FileProblem {
            // The rows before the fault are good ones.
            try await self.merge(&intake)
            throw APIError.badRequest("\(error.message); \(Self.kept(intake.report))")
        } catch let error as StoreError {
            throw error
        } catch {
            try await self.merge(&intake)
            throw APIError.badRequest("the body could not be read to its end; \(Self.kept(intake.report))")
        }
        try await self.merge(&intake)
        return intake.report
    }

    private static func kept(_ report: DoNotCallReport) -> String {
        report.listed == 0 ? "nothing was added" : "the \(report.listed) good rows before are on the list"
    }

    private func read(_ request: Request, _ query: DoNotCallQuery, into intake: inout DoNotCallIntake) async throws {
        var lastMerge = self.now()
        for try await buffer in request.body {
            var rest = buffer
            while rest.readableBytes > 0 {
                guard let piece = rest.readSlice(length: min(rest.readableBytes, intake.pieceSize)) else { break }
                try Self.push(piece, to: &intake)
                let isDue = self.now() >= lastMerge + Self.longestWait
                guard intake.waitingBytes >= Self.chunkBytes || isDue && intake.waitingBytes > 0 else { continue }
                lastMerge = self.now()
                try await self.merge(&intake)
            }
        }
        // A connection that broke in the middle may look like an end; its last line may be half a number.
        if let declared = query.totalBytes, declared != intake.bytesRead {
            throw FileProblem("the body ended after \(intake.bytesRead) of \(declared) bytes")
        }
        try intake.finish()
    }

    private func merge(_ intake: inout DoNotCallIntake) async throws(StoreError) {
        let rows = intake.takeRows()
        intake.report.counts += try await self.list.merge(rows, now: self.now())
    }

    private static func push(_ piece: ByteBuffer, to intake: inout DoNotCallIntake) throws(FileProblem) {
        let outcome = piece.withUnsafeReadableBytes { bytes -> Result<Void, FileProblem> in
            do throws(FileProblem) {
                return .success(try intake.push(bytes.bindMemory(to: UInt8.self)))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
