import AsteriskManager
import NIOConcurrencyHelpers
import Testing

@testable import AsteriskDriver

@Suite("The configuration of a server")
struct AsteriskServerConfigurationTests {
    @Test("an Asterisk that was away is tried again within a second, however long it was away")
    func reconnecting() throws {
        let seen = NIOLockedValueBox<AMIBackoff?>(nil)
        let configuration = AsteriskServerConfiguration(
            name: "pbx1", host: "127.0.0.1", username: "outpace", secret: "secret",
            tune: { client in
                let backoff = client.backoff
                seen.withLockedValue { $0 = backoff }
            })
        _ = configuration.client
        let backoff = try #require(seen.withLockedValue { $0 })
        for attempt in 1...50 { #expect(backoff.delay(attempt: attempt, random: 1) <= .seconds(1)) }
    }
}
