import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore
import ListImport
import NIOCore

/// Reads the body of an upload into its staging table, and no faster than its rows are cleaned and copied: a client that is faster
/// than that waits.
struct UploadReceiver: Sendable {
    let uploads: UploadRepository
    let maximumBytes: Int
    let now: @Sendable () -> Timestamp

    /// - Returns: The upload, all its rows staged.
    /// - Throws: ``APIError`` for a file that cannot be read or a body that broke off, ``StoreError/cancelled``.
    func receive(_ request: Request, _ query: UploadQuery, for upload: Upload) async throws -> Upload {
        var intake = try Self.reading {
            () throws(FileProblem) in
            try UploadIntake(
                parsing: query.parsing, isCompressed: query.isCompressed, maximumBytes: self.maximumBytes,
                now: self.now()
            )
        }
        return try await UploadPipeline.run(upload, self.uploads, now: self.now) { pipeline, work in
            for try await buffer in request.body {
                var rest = buffer
                while let piece = rest.readSlice(length: min(rest.readableBytes, intake.pieceSize)),
                    piece.readableBytes > 0
                {
                    try Self.reading { () throws(FileProblem) in try Self.push(piece, to: &intake) }
                    for block in intake.takeBlocks() { try await pipeline.add(block, to: &work) }
                }
                guard pipeline.isFlushDue else { continue }
                intake.endBlock()
                for block in intake.takeBlocks() { try await pipeline.add(block, to: &work) }
                try await pipeline.flush(&work)
            }
            // A connection that broke in the middle may look like an end.
            if let declared = query.options.totalBytes, declared != intake.bytesRead {
                throw APIError.badRequest(
                    "the body ended after \(intake.bytesRead) of \(declared) bytes; nothing was loaded")
            }
            try Self.reading { () throws(FileProblem) in try intake.finish() }
            for block in intake.takeBlocks() { try await pipeline.add(block, to: &work) }
            return try await pipeline.finish(&work, bytesRead: intake.bytesRead)
        }
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
