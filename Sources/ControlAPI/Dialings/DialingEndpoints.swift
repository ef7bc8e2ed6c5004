import DialerEngine
import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

/// `/dialings`: the calls in progress.
struct DialingEndpoints: Sendable {
    private let dialings: DialingRepository
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.dialings = environment.store.dialings
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/dialings",
                Operation(
                    id: "list_dialings",
                    tag: "dialings",
                    summary: "List the calls in progress.",
                    query: Operation.Parameter.paging(self.environment.configuration),
                    result: .list("Dialing"),
                    errors: [400]
                )
            ) { request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let window = try ListWindow(QueryParameters(request), maximum: maximum)
                var page = try await self.dialings.page(window.request)
                for index in page.items.indices {
                    let dialing = page.items[index]
                    let own = await self.environment.engine.ownState(of: dialing.uuid)
                    page.items[index] = self.dialing(dialing, as: own)
                }
                return self.environment.envelope.response(page) { dialing, writer in dialing.write(to: &writer) }
            },
            Endpoint(
                .get, "/dialings/{uuid}",
                Operation(
                    id: "get_dialing",
                    tag: "dialings",
                    summary: "Show a call in progress.",
                    result: .schema("Dialing"),
                    errors: [404]
                )
            ) { _, context in
                let stored = try await self.find(try context.uuid())
                let live = await self.environment.engine.liveState(of: stored.uuid)
                let dialing = self.dialing(stored, as: live)
                return self.environment.envelope.response { dialing.write(to: &$0) }
            },
            Endpoint(
                .delete, "/dialings/{uuid}",
                Operation(
                    id: "hang_up_dialing",
                    tag: "dialings",
                    summary: "Hang a call up, ringing or answered. Its result is written when it has ended.",
                    result: .none,
                    errors: [404, 409]
                )
            ) { _, context in
                try await self.hangUp(try context.uuid())
            },
        ]
    }

    private func find(_ uuid: UUID) async throws -> Dialing {
        guard let dialing = try await self.dialings.find(uuid) else { throw Self.missing(uuid) }
        return dialing
    }

    private func hangUp(_ uuid: UUID) async throws -> Response {
        do throws(EngineError) {
            try await self.environment.engine.hangUp(dialing: uuid)
        } catch .notFound {
            _ = try await self.find(uuid)
            throw APIError.conflict(
                "the call \(uuid.wire) has just ended, or is going over to another server; ask again in a moment")
        } catch {
            throw APIError(error, subject: "call \(uuid.wire) in progress")
        }
        return self.environment.envelope.accepted()
    }

    /// The stored dialing is as old as its last write; the engine knows better.
    private func dialing(_ stored: Dialing, as live: LiveDialingState?) -> Dialing {
        guard let live else { return stored }
        var dialing = stored
        dialing.status = live.status
        dialing.channel = live.channel ?? stored.channel
        if live.dialResult != stored.dialResult {
            dialing.dialResult = live.dialResult
            dialing.dialResultDetail = DialResultText.text(for: live.dialResult)
        }
        if live.hangupCause != stored.hangupCause {
            dialing.hangupCause = live.hangupCause
            dialing.hangupCauseDetail = HangupCause(rawValue: live.hangupCause).text
        }
        dialing.updatedAt = live.updatedAt
        return dialing
    }

    private static func missing(_ uuid: UUID) -> APIError {
        .notFound("there is no call \(uuid.wire) in progress")
    }
}
