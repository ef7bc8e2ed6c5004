import ArgumentParser
import AsteriskManager
import Logging
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many manager messages a second can be read.
struct AMIDecodingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ami-decode",
        abstract: "Messages a second through the AMI decoder, from memory and through a loopback socket."
    )

    @Option(help: "Seconds of each run.")
    var seconds = 2.0

    @Option(help: "Runs; the best is told.")
    var runs = 3

    func run() async throws {
        let corpus = AMIDecodingCorpus(count: 60_000)
        print(
            "corpus: \(corpus.count) events, \(corpus.bytes.readableBytes / corpus.count) bytes and \(corpus.headers) headers each"
        )
        var best = 0.0
        for _ in 0..<self.runs { best = max(best, try self.fromMemory(corpus)) }
        var isReached = self.report("decoder on one core, event name and 3 headers read", best, target: 1_500_000)
        best = 0
        for _ in 0..<self.runs { best = max(best, try await self.throughLoopback(corpus)) }
        isReached = self.report("loopback socket, client with handler", best, target: 1_000_000) && isReached
        if !isReached { throw ExitCode.failure }
    }

    /// - Returns: Whether the target was reached.
    private func report(_ name: String, _ rate: Double, target: Double) -> Bool {
        let ratio = (rate / target * 100).rounded() / 100
        print("\(name): \(Int(rate)) messages/s, \(ratio) x the target of \(Int(target))")
        return rate >= target
    }

    /// Pieces as a socket gives them, through the processor, each message looked at; by this thread's processor time, so that what
    /// else the machine does is not counted.
    private func fromMemory(_ corpus: AMIDecodingCorpus) throws -> Double {
        let clock = ContinuousClock()
        let begin = clock.now
        let beginCPU = Self.threadSeconds()
        var messages = 0
        var checksum = 0
        while clock.now - begin < .seconds(self.seconds) {
            let processor = NIOSingleStepByteToMessageProcessor(AMIMessageDecoder())
            var rest = corpus.bytes
            while let piece = rest.readSlice(length: min(64 << 10, rest.readableBytes)), piece.readableBytes > 0 {
                try processor.process(buffer: piece) { message in
                    messages += 1
                    checksum &+= AMIDecodingCorpus.look(at: message)
                }
            }
        }
        let elapsed = Self.threadSeconds() - beginCPU
        guard checksum == messages else {
            throw ValidationError("the decoder read \(messages) messages and found \(checksum)")
        }
        return Double(messages) / elapsed
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A server writes as fast as it can; the client reads, decodes and hands over, as in production.
    private func throughLoopback(_ corpus: AMIDecodingCorpus) async throws -> Double {
        let rounds = max(1, Int(self.seconds * 1_000_000) / corpus.count)
        let server = try await AMIDecodingServer.start(corpus: corpus, rounds: rounds)
        let counter = AMIDecodingCounter(expected: rounds * corpus.count)
        let client = AMIClient(
            configuration: AMIClientConfiguration(
                host: "127.0.0.1",
                port: server.port,
                username: "bench",
                secret: "bench",
                authentication: .plain
            ),
            handler: counter,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            let rate = await counter.rate()
            group.cancelAll()
            while (try? await group.next()) != nil {}
            try await server.stop()
            return rate
        }
    }
}
