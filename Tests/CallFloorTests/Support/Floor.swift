import Chance

@testable import CallFloor

/// A world without chance but for its seed, driven by hand.
struct Floor {
    let world: FloorWorld
    private(set) var events: [FloorEvent] = []
    private(set) var records: [FloorRecord] = []

    init(_ configure: (inout FloorWorld.Configuration) -> Void = { _ in }) {
        var configuration = Self.quiet
        configure(&configuration)
        self.world = FloorWorld(configuration: configuration)
    }

    /// One agent, everybody answers, all durations fixed.
    static var quiet: FloorWorld.Configuration {
        var configuration = FloorWorld.Configuration()
        configuration.queues = [.init(name: "sales_1", agents: 1)]
        configuration.setup = .constant(1)
        configuration.ring = .constant(2)
        configuration.answerRate = 1
        configuration.agentAnswer = .constant(1)
        configuration.talk = .constant(5)
        configuration.wrapup = .constant(0)
        configuration.patience = .constant(10)
        configuration.agentEndsShare = 0
        configuration.raceProbability = 0
        configuration.epoch = 1_700_000_000
        return configuration
    }

    @discardableResult
    mutating func dial(
        _ channel: String, id: String? = nil, application: String = "Queue", data: String = "sales_1",
        timeout: Double? = 30, change: (inout OriginateRequest) -> Void = { _ in }
    ) -> Self {
        var request = OriginateRequest(channel: channel, target: .application(name: application, data: data))
        request.channelID = id
        request.actionID = id.map { "action-" + $0 }
        request.timeout = timeout.map { .seconds($0) }
        change(&request)
        self.world.originate(request)
        self.collect()
        return self
    }

    mutating func advance(_ seconds: Double) {
        self.world.advance(to: self.world.now + .seconds(seconds))
        self.collect()
    }

    mutating func perform(_ body: (FloorWorld) throws -> Void) rethrows {
        try body(self.world)
        self.collect()
    }

    private mutating func collect() {
        self.events += self.world.events
        self.records += self.world.records
        self.world.events = []
        self.world.records = []
    }

    var messages: [WireMessage] { WireMessage.rendered(self.events) }

    /// The names of all events so far.
    var names: [String] { self.messages.compactMap(\.event) }

    var endings: [FloorRecord.End] {
        self.records.compactMap { if case .end(let end) = $0 { end } else { nil } }
    }
}
