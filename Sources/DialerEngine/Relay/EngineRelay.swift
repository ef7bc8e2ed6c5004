import DialerStore
import Logging
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// Asks other engines on the same database for what is their work, and does what they ask, in ``EngineMailbox``.
///
/// Nothing is asked twice: an order whose answer does not come may have been carried out, and whoever asked is told so.
final class EngineRelay: Sendable {
    /// Orders of others in progress at a time; further ones wait in PostgreSQL's and the client's queues.
    private static let mostOrders = 32

    private let store: any EngineStore
    private let engine: UUID
    private let clock: any EngineClock
    private let logger: Logger
    private let isListening = NIOLockedValueBox(false)
    private let waiting = NIOLockedValueBox<[UUID: AsyncStream<EngineReply>.Continuation]>([:])

    init(store: any EngineStore, engine: UUID, clock: any EngineClock, logger: Logger) {
        (self.store, self.engine, self.clock, self.logger) = (store, engine, clock, logger)
    }

    /// Asks an engine, and waits for its answer.
    ///
    /// - Parameter patience: How long to wait.
    /// - Throws: `engineSilent` when it does not answer, `store` when it could not be asked, and what it refuses with.
    func ask(
        _ order: EngineOrder, of engine: EngineIdentity, patience: Duration
    ) async throws(EngineError) -> EngineReply {
        let letter = EngineLetter(sender: self.engine, .order(order))
        guard let text = try? letter.text else { throw .notFound }
        let (replies, continuation) = AsyncStream<EngineReply>.makeStream(bufferingPolicy: .bufferingOldest(1))
        self.waiting.withLockedValue { $0[letter.id] = continuation }
        defer { self.waiting.withLockedValue { _ = $0.removeValue(forKey: letter.id) } }
        let deadline = self.clock.uptime() + patience
        do throws(StoreError) {
            try await self.store.send(text, to: engine.uuid)
        } catch {
            throw .store(error)
        }
        let reply = await withTaskGroup(of: EngineReply?.self) { group in
            group.addTask {
                for await reply in replies { return reply }
                return nil
            }
            group.addTask {
                try? await self.clock.sleep(until: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        switch reply {
        case nil: throw .engineSilent(name: engine.name)
        case .refused(let refusal): throw refusal.error(from: engine)
        case let reply?: return reply
        }
    }

    /// Whether replies arrive.
    var isOpen: Bool { self.isListening.withLockedValue { $0 } }

    /// Answers what others ask, until cancelled.
    ///
    /// - Parameter carryOut: Must not ask others in its turn.
    func run(_ carryOut: @escaping @Sendable (EngineOrder) async -> EngineReply) async {
        await withTaskGroup(of: Void.self) { group in
            var orders = 0
            for await delivery in self.store.deliveries(to: self.engine) {
                guard case .text(let text) = delivery else {
                    self.isListening.withLockedValue { $0 = true }
                    continue
                }
                guard let letter = EngineLetter(text: text) else {
                    self.logger.warning(
                        "another engine says what this one does not understand; do all have the same version?")
                    continue
                }
                switch letter.content {
                case .reply(let reply):
                    self.waiting.withLockedValue { $0[letter.id] }?.yield(reply)
                case .order(let order):
                    if orders == Self.mostOrders {
                        await group.next()
                        orders -= 1
                    }
                    orders += 1
                    group.addTask {
                        await self.send(
                            EngineLetter(id: letter.id, sender: self.engine, .reply(await carryOut(order))),
                            to: letter.sender)
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func send(_ letter: EngineLetter, to engine: UUID) async {
        do {
            try await self.store.send(letter.text, to: engine)
        } catch {
            // Whoever asked hears nothing in its time, and says so.
            self.logger.warning("another engine's question could not be answered", metadata: ["error": "\(error)"])
        }
    }
}
