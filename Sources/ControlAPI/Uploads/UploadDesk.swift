import DialerModel
import DialerStore
import Logging
import ServiceLifecycle

/// Loads uploads whose files are complete, one after the other: two at once would only get into each other's way, and could not
/// see each other's contacts when they look for duplicates.
actor UploadDesk: Service {
    private let uploads: UploadRepository
    private let logger: Logger
    private let jobs: AsyncStream<Upload>
    private let queue: AsyncStream<Upload>.Continuation
    private var isLoading = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter maximumWaiting: Uploads that may wait to be loaded.
    init(uploads: UploadRepository, maximumWaiting: Int, logger: Logger) {
        self.uploads = uploads
        self.logger = logger
        (self.jobs, self.queue) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(maximumWaiting))
    }

    /// Works through what was left to it until the service stops. What is not loaded by then is marked failed at the next start.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await upload in self.jobs {
                _ = try? await self.load(upload)
            }
        }
    }

    /// Loads the upload some time soon.
    ///
    /// - Returns: false when too many wait already; then it will not be loaded.
    nonisolated func loadLater(_ upload: Upload) -> Bool {
        if case .dropped = self.queue.yield(upload) { return false }
        return true
    }

    /// Loads the upload when its turn comes.
    ///
    /// - Throws: ``StoreError`` when nothing was loaded; the upload then says why.
    func load(_ upload: Upload) async throws(StoreError) -> Upload {
        await self.takeTurn()
        defer { self.passTurn() }
        do throws(StoreError) {
            return try await self.uploads.load(upload)
        } catch {
            await self.end(upload, error)
            throw error
        }
    }

    /// Ends an upload that failed.
    func end(_ upload: Upload, _ error: StoreError) async {
        let isCancelled = if case .cancelled = error { true } else { false }
        let message = isCancelled ? "cancelled on request" : APIError(error).message
        await self.end(upload, isCancelled ? .cancelled : .failed, message: message)
    }

    /// Ends an upload of which nothing is loaded. When even that fails the next start does it.
    func end(_ upload: Upload, _ status: UploadStatus, message: String) async {
        do throws(StoreError) {
            _ = try await self.uploads.end(upload, status, message: message)
        } catch {
            self.logger.warning(
                "An upload could not be ended", metadata: ["upload": "\(upload.uuid.wire)", "error": "\(error)"]
            )
        }
    }

    private func takeTurn() async {
        guard self.isLoading else {
            self.isLoading = true
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    private func passTurn() {
        guard !self.waiting.isEmpty else {
            self.isLoading = false
            return
        }
        self.waiting.removeFirst().resume()
    }
}
