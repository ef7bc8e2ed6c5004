import DialerModel
import DialerStore

import struct Foundation.UUID

/// Which engines have not said for long that they live, whatever PostgreSQL's clock was set to meanwhile: by the time that passed here since
/// their last word was first seen. They said it before that, so by then they are silent themselves.
struct SilenceWatch: Sendable {
    private struct Word: Sendable {
        var heldUntil: Timestamp
        var seenAt: Duration
    }

    private let limit: Duration
    private var words: [UUID: Word] = [:]

    /// - Parameter limit: How long a word is good, as engines that share a database have it.
    init(limit: Duration) {
        self.limit = limit
    }

    /// Those among `engines` that have been silent for too long.
    ///
    /// - Parameter now: In uptime.
    mutating func silent(among engines: [EngineRecord], at now: Duration) -> [EngineRecord] {
        var words: [UUID: Word] = [:]
        for engine in engines {
            let known = self.words[engine.uuid].flatMap { $0.heldUntil == engine.heldUntil ? $0 : nil }
            words[engine.uuid] = known ?? Word(heldUntil: engine.heldUntil, seenAt: now)
        }
        self.words = words
        return engines.filter { engine in words[engine.uuid].map { now - $0.seenAt > self.limit } ?? false }
    }
}
