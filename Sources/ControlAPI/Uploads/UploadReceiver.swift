import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore
import ListImport
import NIOCore

/// Reads the body of an upload into its staging table. While some megabytes of rows are copied the next are read, and no more:
/// a client that is faster than the database waits.
struct UploadReceiver: Sendable {
    let uploads: UploadRepository
    let maximumBytes: Int
    let now: @Sendable () -> Timestamp

    /// Rows are copied when they take so many bytes.
    private static let chunkBytes = 4 * 1_048_576
    /// A slow client's rows are copied after so long, so that whoever watches sees them.
    private static let longestWait = Duration.seconds(1)

    /// - Returns: The upload, all its rows staged.
    /// - Throws: ``APIError`` for a file that cannot be read or a body that broke off, ``StoreError/cancelled``.
    func receive(_ request: Request, _ query: UploadQuery, for upload: Upload) async throws -> Upload {
        var intake = try Self.reading {
            () throws(FileProblem) in
            try UploadIntake(
                upload, parsing: query.parsing, isCompressed: query.isCompressed, maximumBytes: self.maximumBytes,
                now: self.now()
            )
        }
        return try await withThrowingTaskGroup(of: Upload.self) { group in
            var isStaging = false
            var lastCopy = self.now()
            for try await buffer in request.body {
                var rest = buffer
                while rest.readableBytes > 0 {
                    guard let piece = rest.readSlice(length: min(rest.readableBytes, intake.pieceSize)) else { break }
                    try Self.reading { () throws(FileProblem) in try Self.push(piece, to: &intake) }
                    let isDue = self.now() >= lastCopy + Self.longestWait
                    guard intake.waitingBytes >= Self.chunkBytes || isDue && intake.waitingBytes > 0 else { continue }
                    lastCopy = self.now()
                    if isStaging { try Self.check(try await group.next()) }
                    let (rows, bytesRead) = (intake.takeRows(), intake.bytesRead)
                    group.addTask { try await self.uploads.stage(rows, of: upload, bytesRead: bytesRead) }
                    isStaging = true
                }
            }
            // A connection that broke in the middle may look like an end.
            if let declared = query.options.totalBytes, declared != intake.bytesRead {
                throw APIError.badRequest(
                    "the body ended after \(intake.bytesRead) of \(declared) bytes; nothing was loaded")
            }
            try Self.reading { () throws(FileProblem) in try intake.finish() }
            if isStaging { try Self.check(try await group.next()) }
            let staged = try await self.uploads.stage(intake.takeRows(), of: upload, bytesRead: intake.bytesRead)
            try Self.check(staged)
            return staged
        }
    }

    private static func check(_ upload: Upload?) throws(StoreError) {
        if upload?.isCancelRequested == true { throw .cancelled }
    }

    private static func push(_ piece: ByteBuffer, to intake: inout UploadIntake) throws(FileProblem) {
        let outcome = piece.withUnsafeReadableBytes { bytes -> Result<Void, FileProblem> in
            do throws(FileProblem) {
                return .success(try intake.push(bytes.bindMemory(to: UInt8.self)))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private static func reading<Value>(_ body: () throws(FileProblem) -> Value) throws(APIError) -> Value {
        do throws(FileProblem) {
            return try body()
        } catch {
            throw .badRequest("\(error.message); nothing was loaded")
        }
    }
}
