import NIOConcurrencyHelpers

/// A lease's hold on its connection; refuses everything once the lease is over.
final class LeasedSession: Sendable {
    let channel: ConnectionChannel
    private let isOver = NIOLockedValueBox(false)

    init(channel: ConnectionChannel) {
        self.channel = channel
    }

    func checkOpen() throws(PostgresError) {
        if isOver.withLockedValue({ $0 }) {
            throw PostgresError(.closed, "the connection was used after its lease ended")
        }
    }

    func end() {
        isOver.withLockedValue { $0 = true }
    }
}
