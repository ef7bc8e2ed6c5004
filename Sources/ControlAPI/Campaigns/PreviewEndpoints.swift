import DialerEngine
import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore
import OrderedCollections

import struct Foundation.UUID

/// `/campaigns/{uuid}/preview`: an agent sees a contact before the call, then dials or gives back.
struct PreviewEndpoints: Sendable {
    private static let path = "/campaigns/{uuid}/preview"

    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post, Self.path,
                Operation(
                    id: "reserve_contact",
                    tag: "preview",
                    summary: "Reserve the next contact for an agent; result is null when nobody is due.",
                    body: "PreviewRequest",
                    isBodyRequired: false,
                    result: .optionalSchema(ResourceKind.dl.schemaName),
                    errors: [400, 404, 409, 413]
                )
            ) { request, context in
                try await self.reserve(request, context)
            },
            Endpoint(
                .post, Self.path + "/{dl_uuid}/dial",
                Operation(
                    id: "dial_reserved_contact",
                    tag: "preview",
                    summary: "Dial a reserved contact.",
                    result: .schema("Dialing"),
                    errors: [404, 409]
                )
            ) { _, context in
                let (campaign, entry) = try await self.subject(context)
                do throws(EngineError) {
                    let dialing = try await self.environment.engine.dialReserved(campaign: campaign, entry: entry)
                    return self.environment.envelope.response { dialing.write(to: &$0) }
                } catch {
                    throw APIError(error, subject: "contact \(entry.wire) reserved in campaign \(campaign.wire)")
                }
            },
            Endpoint(
                .delete, Self.path + "/{dl_uuid}",
                Operation(
                    id: "release_contact",
                    tag: "preview",
                    summary: "Give a reserved contact back undialed.",
                    result: .none,
                    errors: [404, 409]
                )
            ) { _, context in
                let (campaign, entry) = try await self.subject(context)
                do throws(EngineError) {
                    try await self.environment.engine.releaseReserved(campaign: campaign, entry: entry)
                    return self.environment.envelope.accepted()
                } catch {
                    throw APIError(error, subject: "contact \(entry.wire) reserved in campaign \(campaign.wire)")
                }
            },
        ]
    }

    private func reserve(_ request: Request, _ context: ControlRequestContext) async throws -> Response {
        let campaign = try context.uuid()
        let limit = self.environment.configuration.maximumBodyBytes
        let target = try Self.target(in: try await request.optionalJSONObject(upTo: limit))
        try await self.requireCampaign(campaign)
        let reserved: DialListEntry?
        do throws(EngineError) {
            reserved = try await self.environment.engine.reserve(campaign: campaign, for: target)
        } catch .notFound {
            throw APIError.conflict("campaign \(campaign.wire) is not running; start it with status 1")
        } catch {
            throw APIError(error, subject: "campaign \(campaign.wire)")
        }
        return self.environment.envelope.response { writer in
            if let reserved { reserved.write(to: &writer) } else { writer.null() }
        }
    }

    private func subject(_ context: ControlRequestContext) async throws -> (campaign: UUID, entry: UUID) {
        let campaign = try context.uuid()
        let entry = try context.uuid("dl_uuid")
        try await self.requireCampaign(campaign)
        return (campaign, entry)
    }

    private func requireCampaign(_ uuid: UUID) async throws(StoreError) {
        guard try await self.environment.store.campaigns.find(uuid) != nil else {
            throw .notFound(.campaign, uuid)
        }
    }

    private static func target(in body: JSONValue) throws(ValidationError) -> String? {
        guard let members = body.objectValue else { return nil }
        for name in members.keys where name != "target" {
            throw ValidationError(field: name, message: "\(quoted(name)): unknown field; a preview request has target")
        }
        // The rules are those of the field it is stored in.
        var probe = DialListEntry(blank: UUID())
        guard let value = members["target"] else { return nil }
        do throws(ValidationError) {
            try probe.apply(.object(["resv_target": value]))
        } catch {
            let reason = error.message.replacing("resv_target:", with: "target:")
            throw ValidationError(field: "target", message: reason)
        }
        return probe.reservedTarget
    }
}
