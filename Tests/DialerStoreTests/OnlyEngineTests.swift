import DialerStore
import Testing

@Suite struct OnlyEngineTests {
    @Test func aSecondEngineIsRefusedUntilTheFirstHasEnded() async throws {
        try await Site.with { site in
            let store = site.store
            try await store.asOnlyEngine {
                await #expect(throws: OtherEngineError.self) {
                    try await store.asOnlyEngine(patience: .zero) {}
                }
            }
            let result = try await store.asOnlyEngine { 7 }
            #expect(result == 7)
        }
    }
}
