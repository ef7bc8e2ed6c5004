import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore
import OrderedCollections

import struct Foundation.UUID

/// `/campaigns`: the resource itself. Starting and stopping is writing `status`.
struct CampaignEndpoints: Sendable {
    private let campaigns: CampaignRepository
    private let controller: ResourceController<CampaignRepository>
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.campaigns = environment.store.campaigns
        self.controller = ResourceController(repository: environment.store.campaigns, environment: environment)
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        let controller = self.controller
        return [
            Endpoint(.get, controller.collectionPath, controller.listOperation(query: controller.pagingParameters)) {
                request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let window = try ListWindow(QueryParameters(request), maximum: maximum)
                return controller.list(try await self.campaigns.page(window.request))
            },
            Endpoint(.post, controller.collectionPath, controller.createOperation) { request, _ in
                try await self.create(request)
            },
            Endpoint(.get, controller.memberPath, controller.findOperation) { _, context in
                try await controller.find(context)
            },
            Endpoint(.put, controller.memberPath, self.updateOperation) { request, context in
                try await self.update(request, context)
            },
            Endpoint(.delete, controller.memberPath, controller.deleteOperation(query: [Self.force])) {
                request, context in
                let uuid = try context.uuid()
                let force = try QueryParameters(request).flag("force")
                let deleted = try await self.campaigns.delete(uuid, force: force)
                self.environment.engine.nudge(campaign: uuid)
                return controller.show(deleted)
            },
        ]
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await self.controller.body(of: request)
        var campaign = try Campaign.decodeNew(from: body, uuid: UUID(), now: self.environment.now())
        let asked = campaign.status
        campaign.status = CampaignStatusRequest(asked: asked).initialStatus
        let created = try await self.campaigns.create(campaign)
        self.environment.engine.nudge(campaign: created.uuid)
        return self.show(created, asked: body["status"] == nil ? nil : asked)
    }

    private func update(_ request: Request, _ context: ControlRequestContext) async throws -> Response {
        let uuid = try context.uuid()
        let body = try await self.controller.body(of: request)
        let asked = try self.askedStatus(in: body)
        let changed = try await self.change(uuid, applying: body, asked: asked)
        self.environment.engine.nudge(campaign: uuid)
        return self.show(changed, asked: asked)
    }

    /// The store holds the campaign's row meanwhile, so the engine's own transitions come before or after, never between the
    /// look at the status and the new one.
    private func change(
        _ uuid: UUID,
        applying body: JSONValue,
        asked: CampaignStatus?
    ) async throws(StoreError) -> Campaign {
        let isEnd = asked.map { CampaignStatusRequest(asked: $0).isEnd } ?? false
        let now = self.environment.now()
        return try await self.campaigns.update(
            uuid,
            endNote: { isEnd ? Self.holdingNote(of: $0, at: now) : nil }
        ) { (campaign: inout Campaign) throws(ValidationError) in
            let current = campaign.status
            try campaign.apply(body)
            guard let asked else { return }
            campaign.status = CampaignStatusRequest(asked: asked).status(from: current)
        }
    }

    /// The note that a person ended the campaign in this window, so that the schedule does not start it again before the next.
    private static func holdingNote(of campaign: Campaign, at now: Timestamp) -> CampaignEndNote? {
        guard campaign.schedule.isOn, let window = try? ScheduleRules(campaign.schedule).windowID(at: now) else {
            return nil
        }
        return CampaignEndNote(reason: .stoppedByPerson, window: window)
    }

    /// The `status` a body names, nil when it names none.
    private func askedStatus(in body: JSONValue) throws(ValidationError) -> CampaignStatus? {
        guard let value = body["status"] else { return nil }
        var probe = Campaign(blank: UUID())
        try probe.apply(.object(["status": value]))
        return probe.status
    }

    /// The campaign with the status that was asked for, as long as it is there or on the way.
    private func show(_ campaign: Campaign, asked: CampaignStatus?) -> Response {
        var shown = campaign
        if let asked, CampaignStatusRequest(asked: asked).isServed(by: campaign.status) {
            shown.status = asked
        }
        return self.controller.show(shown)
    }

    private var updateOperation: Operation {
        var operation = self.controller.updateOperation
        operation.summary +=
            " status 1 starts, 0 stops when the calls in progress have ended, 2 pauses, 30 hangs every call up."
        return operation
    }

    private static let force = Operation.Parameter(
        name: "force",
        kind: .flag,
        explanation: "1 deletes although another campaign names this one as next_campaign."
    )
}
