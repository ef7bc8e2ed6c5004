import EventLoop

/// The data of a COPY TO STDOUT, in pieces of whole rows up to some 64 KiB. The COPY starts when the first piece is asked
/// for, and the server waits while nobody asks for the next. Valid as long as its lease.
public struct PostgresCopyChunks: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = PostgresError

    let session: LeasedSession
    let sql: String

    public func makeAsyncIterator() -> Iterator {
        Iterator(reader: CopyReader(session: session, sql: sql))
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: CopyReader

        public mutating func next() async throws(PostgresError) -> [UInt8]? {
            try await reader.next()
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(PostgresError) -> [UInt8]? {
            try await reader.next()
        }
    }
}

/// Drives one COPY TO. When it goes away before the end, the server is told to stop.
private final class CopyReader {
    private let session: LeasedSession
    private let sql: String
    private var id: UInt64?
    private var isOver = false

    init(session: LeasedSession, sql: String) {
        self.session = session
        self.sql = sql
    }

    deinit {
        guard let id, !isOver else { return }
        let channel = session.channel
        channel.eventLoop.execute { channel.assumeIsolated { $0.abandonCopy(id) } }
    }

    func next() async throws(PostgresError) -> [UInt8]? {
        guard !isOver else { return nil }
        do throws(PostgresError) {
            try session.checkOpen()
            let channel = session.channel
            let current: UInt64
            if let id {
                current = id
            } else {
                try await channel.liftStatementTimeout()
                current = try await channel.beginCopy(.copyOut(sql))
                id = current
            }
            let outcome = await withTaskCancellationHandler { () -> Result<[UInt8]?, PostgresError> in
                do throws(PostgresError) {
                    return .success(try await channel.readCopy(current))
                } catch {
                    return .failure(error)
                }
            } onCancel: {
                channel.eventLoop.execute { channel.assumeIsolated { $0.cancel(current) } }
            }
            let chunk = try outcome.get()
            if chunk == nil {
                isOver = true
                await channel.restoreStatementTimeout()
            }
            return chunk
        } catch {
            isOver = true
            await session.channel.restoreStatementTimeout()
            throw error
        }
    }
}
