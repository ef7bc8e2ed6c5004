import DialerModel
import DialerStore
import Logging
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// Notes in the database which calls in progress were answered, in batches. Should this process die and the call end before the next
/// start, its result still says that the customer answered, and the customer is not called again.
final class AnswerLog: Sendable {
    private let store: any EngineStore
    private let clock: any EngineClock
    private let configuration: EngineConfiguration
    private let logger: Logger
    private let waiting = NIOLockedValueBox<[UUID: Timestamp]>([:])
    private let more = Signal()

    init(store: any EngineStore, clock: any EngineClock, configuration: EngineConfiguration, logger: Logger) {
        self.store = store
        self.clock = clock
        self.configuration = configuration
        self.logger = logger
    }

    func note(_ dialing: UUID, answeredAt: Timestamp) {
        self.waiting.withLockedValue { $0[dialing] = answeredAt }
        self.more.raise()
    }

    /// The call has its result; nothing needs to be noted any more. Keeps what waits no larger than the calls in progress.
    func forget(_ dialing: UUID) {
        _ = self.waiting.withLockedValue { $0.removeValue(forKey: dialing) }
    }

    /// Writes until cancelled.
    func run() async {
        while !Task.isCancelled {
            await self.more.wait()
            try? await self.clock.sleep(until: self.clock.uptime() + self.configuration.resultDelay)
            await self.flush()
        }
    }

    /// Writes what waits. A failure is tried again with the next answer: the note only matters after a crash.
    func flush() async {
        let batch = self.waiting.withLockedValue { waiting in
            defer { waiting = [:] }
            return waiting
        }
        guard !batch.isEmpty else { return }
        do throws(StoreError) {
            try await self.store.noteAnswered(batch)
        } catch {
            self.waiting.withLockedValue { $0.merge(batch) { newer, _ in newer } }
            self.logger.debug("answers not noted yet", metadata: ["calls": "\(batch.count)", "error": "\(error)"])
        }
    }
}
