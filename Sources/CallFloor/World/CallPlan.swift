import Chance

/// Everything chance decides about a call, drawn when it is dialed from a stream of its own.
package struct CallPlan: Sendable, Hashable {
    package var fate: CustomerFate
    package var setup: FloorTime
    /// From first ringing to the answer; zero for a failing call that never rings.
    package var ring: FloorTime
    package var talk: FloorTime
    package var wrapup: FloorTime
    package var patience: FloorTime
    package var agentEnds: Bool
    /// Whether the OriginateResponse overtakes what it usually follows, or falls behind.
    package var isRaced: Bool
    /// Busy and congestion by control frame rather than by cause.
    package var usesFrame: Bool

    /// Draws the plan of call number `ordinal`. Every plan draws in the same order, whatever the fate, so that two floors
    /// with different answer rates still share their talk times.
    package init(number: String, ordinal: Int, configuration: FloorWorld.Configuration) {
        var random = SplitMix64(seed: configuration.seed, stream: UInt64(ordinal))
        let rule = configuration.script.rule(for: number)
        let luck = random.unit()
        let failing = random.unit()
        let kind = random.unit()
        self.usesFrame = random.unit() < 0.5
        self.isRaced = random.unit() < configuration.raceProbability
        self.agentEnds = random.unit() < configuration.agentEndsShare
        self.fate = rule?.fate ?? Self.fate(luck: luck, failing: failing, kind: kind, configuration: configuration)
        self.setup = configuration.setup.sample(using: &random)
        let personRing = configuration.ring.sample(using: &random)
        let machineRing = configuration.machineRing.sample(using: &random)
        let talk = configuration.talk.sample(using: &random)
        let machineTalk = configuration.machineTalk.sample(using: &random)
        self.wrapup = configuration.wrapup.sample(using: &random)
        self.patience = configuration.patience.sample(using: &random)
        switch self.fate {
        case .person:
            self.ring = personRing
            self.talk = talk
        case .machine:
            self.ring = machineRing
            self.talk = machineTalk
            self.agentEnds = true
        case .busy, .congestion, .cause, .ringOut, .silence, .refused:
            self.ring = .zero
            self.talk = talk
        }
        if case .some = rule { self.usesFrame = true }
        if let setup = rule?.setup { self.setup = .seconds(setup) }
        if let ring = rule?.ring { self.ring = .seconds(ring) }
        if let talk = rule?.talk { self.talk = .seconds(talk) }
        if let wrap = rule?.wrap { self.wrapup = .seconds(wrap) }
        if let patience = rule?.patience { self.patience = .seconds(patience) }
    }

    private static func fate(
        luck: Double, failing: Double, kind: Double, configuration: FloorWorld.Configuration
    ) -> CustomerFate {
        if luck < configuration.answerRate { return .person }
        if failing < configuration.machineShare { return .machine }
        guard failing < configuration.machineShare + configuration.failShare else { return .ringOut }
        // Busy is the commonest of the fast failures; the split is a plain guess.
        if kind < 0.5 { return .busy }
        return kind < 0.75 ? .congestion : .cause(1)
    }
}
