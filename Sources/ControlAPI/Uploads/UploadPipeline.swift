import DialerModel
import DialerStore
import NIOPosix

/// What happens to an upload's blocks: two at once are cleaned, on threads of their own, so that the engine's work need not wait for
/// them; put in the file's order again; and copied into the staging table, some megabytes at a time, while the next are cleaned.
///
/// Whoever hands in more than can be worked on waits.
struct UploadPipeline {
    typealias Work = ThrowingTaskGroup<Step, any Error>

    /// What one of its tasks comes to.
    enum Step: Sendable {
        case cleaned(_ number: Int, StagedRows, bytesRead: Int)
        case staged(Upload)
    }

    private let uploads: UploadRepository
    private let threads: NIOThreadPool
    private let now: @Sendable () -> Timestamp
    private var upload: Upload
    /// Blocks handed in, and how many of them are in ``rows`` or further.
    private var begun = 0
    private var collected = 0
    /// Cleaned before a block that comes before them.
    private var early: [Int: (rows: StagedRows, bytesRead: Int)] = [:]
    private var rows = StagedRows()
    private var bytesRead = 0
    private var keptRejects = 0
    private var isStaging = false
    private var lastStage: Timestamp

    private static let threadCount = 2
    /// Blocks handed in and not collected: for each that is being cleaned, one is ready when that is done.
    private static let maximumBlocks = 2 * Self.threadCount
    /// Rows are copied when they take so many bytes.
    private static let chunkBytes = 4 * 1_048_576

    /// A slow client's rows are copied after so long, so that whoever watches sees them.
    private static let longestWait = Duration.seconds(1)

    /// Runs `body` with the pipeline of one upload.
    ///
    /// - Returns: What `body` returns.
    static func run(
        _ upload: Upload, _ uploads: UploadRepository, now: @escaping @Sendable () -> Timestamp,
        _ body: (inout UploadPipeline, inout Work) async throws -> Upload
    ) async throws -> Upload {
        let threads = NIOThreadPool(numberOfThreads: Self.threadCount)
        threads.start()
        let result: Result<Upload, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Step.self) { work in
                    var pipeline = UploadPipeline(upload, uploads, threads, now: now)
                    return try await body(&pipeline, &work)
                })
        } catch {
            result = .failure(error)
        }
        try await threads.shutdownGracefully()
        return try result.get()
    }

    private init(
        _ upload: Upload, _ uploads: UploadRepository, _ threads: NIOThreadPool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.upload = upload
        self.uploads = uploads
        self.threads = threads
        self.now = now
        self.lastStage = now()
    }

    /// Whether what was handed in is due to be copied, though it is little.
    var isFlushDue: Bool { self.now() >= self.lastStage + Self.longestWait }

    /// Hands in the next block.
    ///
    /// - Throws: ``StoreError``, also of what was handed in before; ``StoreError/cancelled`` when somebody cancelled the upload.
    mutating func add(_ block: UploadBlock, to work: inout Work) async throws {
        while self.begun - self.collected >= Self.maximumBlocks { try await self.advance(&work) }
        let (threads, upload, number) = (self.threads, self.upload, self.begun)
        self.begun += 1
        work.addTask {
            let rows = try await threads.runIfActive { block.cleaned(for: upload) }
            return .cleaned(number, rows, bytesRead: block.bytesRead)
        }
        if self.rows.byteCount >= Self.chunkBytes { try await self.stage(&work) }
    }

    /// Copies what was handed in.
    mutating func flush(_ work: inout Work) async throws {
        while self.collected < self.begun { try await self.advance(&work) }
        try await self.stage(&work)
    }

    /// Copies what is left.
    ///
    /// - Parameter bytesRead: Bytes of the whole body.
    /// - Returns: The upload, all its rows staged.
    mutating func finish(_ work: inout Work, bytesRead: Int) async throws -> Upload {
        while self.collected < self.begun { try await self.advance(&work) }
        self.bytesRead = bytesRead
        try await self.stage(&work)
        while self.isStaging { try await self.advance(&work) }
        return self.upload
    }

    private mutating func stage(_ work: inout Work) async throws {
        while self.isStaging { try await self.advance(&work) }
        let (uploads, upload, rows, bytesRead) = (self.uploads, self.upload, self.rows, self.bytesRead)
        self.rows = StagedRows()
        self.isStaging = true
        self.lastStage = self.now()
        work.addTask { .staged(try await uploads.stage(rows, of: upload, bytesRead: bytesRead)) }
    }

    /// Waits for the next step, whichever it is.
    private mutating func advance(_ work: inout Work) async throws {
        switch try await work.next() {
        case .cleaned(let number, let rows, let bytesRead):
            self.early[number] = (rows, bytesRead)
            self.collect()
        case .staged(let upload):
            self.isStaging = false
            self.upload = upload
            if upload.isCancelRequested { throw StoreError.cancelled }
        case nil:
            preconditionFailure("a pipeline waits only for what it has begun")
        }
    }

    private mutating func collect() {
        while let next = self.early.removeValue(forKey: self.collected) {
            let kept = self.rows.keptCount
            self.rows.append(contentsOf: next.rows, maximumKept: UploadRepository.keptRejects - self.keptRejects)
            self.keptRejects += self.rows.keptCount - kept
            self.bytesRead = next.bytesRead
            self.collected += 1
        }
    }
}
