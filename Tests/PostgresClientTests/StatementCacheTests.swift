import Testing

@testable import PostgresClient

@Suite struct StatementCacheTests {
    private func key(_ sql: String, _ types: [UInt32] = []) -> StatementCache.Key {
        StatementCache.Key(sql: sql, types: types)
    }

    @Test func aStatementIsPreparedOnceAndThenNamed() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.plan(for: key("a"), request: 1) == .prepare("outpace_1", evicting: nil))
        // The same request may use it, another one can't rely on it yet.
        #expect(cache.plan(for: key("a"), request: 1) == .named("outpace_1"))
        #expect(cache.plan(for: key("a"), request: 2) == .unnamed)
        cache.prepared(key("a"))
        #expect(cache.plan(for: key("a"), request: 2) == .named("outpace_1"))
        #expect(cache.plan(for: key("a", [20]), request: 2) == .prepare("outpace_2", evicting: nil))
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        var cache = StatementCache(capacity: 2)
        for sql in ["a", "b"] {
            _ = cache.plan(for: key(sql), request: 1)
            cache.prepared(key(sql))
        }
        _ = cache.plan(for: key("a"), request: 2)
        #expect(cache.plan(for: key("c"), request: 3) == .prepare("outpace_3", evicting: "outpace_2"))
        #expect(cache.count == 2)
    }

    @Test func aFailedPreparationIsForgotten() {
        var cache = StatementCache(capacity: 2)
        _ = cache.plan(for: key("a"), request: 1)
        cache.remove(key("a"))
        #expect(cache.plan(for: key("a"), request: 2) == .prepare("outpace_2", evicting: nil))
    }
}
