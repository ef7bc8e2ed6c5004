import EventLoop
import TestSupport
import Testing

@testable import PostgresClient

@Suite(.timeLimit(.minutes(10))) struct HandshakeTests {
    @Test("a time-out that is over before the handshake begins ends it")
    func timeIsUpAtOnce() async throws {
        let silent = try SilentListener()
        let configuration = PostgresConfiguration(url: "host=127.0.0.1 port=\(silent.port) user=outpace")
        let loop = try EventLoop(name: "handshake")
        let pointer = try #require(try ConnectionParameters(configuration: configuration).start())
        let channel = ConnectionChannel(
            id: 1, taking: StartedConnection(pointer: pointer), eventLoop: loop, configuration: configuration,
            redact: { $0 }, logger: TestDatabase.logger, isServerAlive: nil, onClosed: { _ in })
        await #expect {
            try await channel.connect(timeout: .zero, orSay: "too late")
        } throws: {
            ($0 as? PostgresError)?.code == .connectionFailed && "\($0)".contains("too late")
        }
        await loop.shutdown()
    }
}
