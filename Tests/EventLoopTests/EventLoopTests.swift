import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(10))) struct EventLoopTests {
    private actor Counter {
        nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private(set) var count = 0

        init(loop: EventLoop) {
            self.loop = loop
        }

        func bump() {
            #expect(loop.isOnLoop)
            count += 1
        }

        func firstReadable(_ descriptor: CInt) async -> DescriptorEvents {
            let (stream, continuation) = AsyncStream.makeStream(of: DescriptorEvents.self)
            let watch = DescriptorWatch(on: loop, descriptor: descriptor) { continuation.yield($0) }
            watch.interest = .read
            defer { watch.close() }
            return await stream.first { _ in true } ?? []
        }

        func fireCount(cancelling: Bool) async -> Int {
            let (stream, continuation) = AsyncStream.makeStream(of: Bool.self)
            let timer = LoopTimer(on: loop) { continuation.yield(true) }
            let end = LoopTimer(on: loop) { continuation.finish() }
            timer.schedule(after: .milliseconds(5))
            end.schedule(after: .milliseconds(50))
            if cancelling { timer.cancel() }
            defer {
                timer.close()
                end.close()
            }
            return await stream.reduce(0) { count, _ in count + 1 }
        }
    }

    @Test func actorsOnTheLoopAreSerialised() async throws {
        let loop = try EventLoop()
        let counter = Counter(loop: loop)
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { for _ in 0..<100 { await counter.bump() } }
            }
        }
        #expect(await counter.count == 10_000)
        #expect(!loop.isOnLoop)
        await loop.shutdown()
    }

    @Test func tasksThatPreferTheLoopRunOnIt() async throws {
        let loop = try EventLoop()
        let ranOnLoop = await Task(executorPreference: loop) { loop.isOnLoop }.value
        #expect(ranOnLoop)
        await loop.shutdown()
    }

    @Test func callsRunInTheirOrderAndNeverInline() async throws {
        let loop = try EventLoop()
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        loop.execute {
            loop.execute { continuation.yield(2) }
            continuation.yield(1)
        }
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == 1)
        #expect(await iterator.next() == 2)
        await loop.shutdown()
    }

    @Test func aReadableDescriptorIsReported() async throws {
        let loop = try EventLoop()
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        let writer = ends[1]
        let counter = Counter(loop: loop)
        async let events = counter.firstReadable(ends[0])
        loop.execute { _ = write(writer, "x", 1) }
        #expect(await events == .read)
        close(ends[0])
        close(ends[1])
        await loop.shutdown()
    }

    @Test func timersFireOnceUnlessCancelled() async throws {
        let loop = try EventLoop()
        let counter = Counter(loop: loop)
        #expect(await counter.fireCount(cancelling: false) == 1)
        #expect(await counter.fireCount(cancelling: true) == 0)
        await loop.shutdown()
    }

    @Test func scheduledCallsComeInTimeUnlessTakenBack() async throws {
        let loop = try EventLoop()
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        loop.schedule(after: .milliseconds(30)) { continuation.yield(3) }
        loop.schedule(after: .milliseconds(10)) { continuation.yield(1) }
        loop.schedule(after: .milliseconds(20)) { continuation.yield(2) }.cancel()
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == 1)
        #expect(await iterator.next() == 3)
        await loop.shutdown()
    }

    @Test func workAfterTheEndStillRunsOneAtATime() async throws {
        let loop = try EventLoop()
        let counter = Counter(loop: loop)
        await loop.shutdown()
        await loop.shutdown()
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask { for _ in 0..<50 { await counter.bump() } }
            }
        }
        #expect(await counter.count == 2500)
    }
}
