import Telephony
import TestSupport
import Testing

@Suite("The stream of telephony events")
struct TelephonyEventsTests {
    private func event(_ number: Int) -> TelephonyEvent { .lost(reason: String(number)) }

    @Test func eventsComeInOrderAndTheStreamEnds() async {
        let (stream, continuation) = TelephonyEvents.makeStream()
        continuation.yield(contentsOf: (0..<10).map(self.event))
        continuation.finish()
        continuation.yield(self.event(11))
        var seen: [TelephonyEvent] = []
        for await event in stream { seen.append(event) }
        #expect(seen == (0..<10).map(self.event))
    }

    @Test func aProducerWaitsWhileTheBufferIsFull() async {
        let (stream, continuation) = TelephonyEvents.makeStream(capacity: 4)
        await continuation.waitForRoom()
        let producer = Task {
            for number in 0..<1000 {
                continuation.yield(self.event(number))
                await continuation.waitForRoom()
            }
            continuation.finish()
        }
        var seen = 0
        for await event in stream {
            #expect(event == self.event(seen))
            seen += 1
        }
        #expect(seen == 1000)
        await producer.value
    }

    @Test func cancellationFreesBothEnds() async {
        let (stream, continuation) = TelephonyEvents.makeStream(capacity: 1)
        let consumer = Task {
            for await _ in stream {}
            return true
        }
        consumer.cancel()
        #expect(await consumer.value)
        continuation.yield(self.event(1))
        let producer = Task {
            await continuation.waitForRoom()
            return true
        }
        producer.cancel()
        #expect(await producer.value)
    }
}
