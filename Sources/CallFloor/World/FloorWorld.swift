import Chance
import HeapModule

/// The floor itself: customers, queues and agents, without any input or output and without a clock.
///
/// Its owner says what time it is (`advance(to:)`) and what the dialer wants (`originate`, `hangUp`, `pause`, …); what
/// happens is left in `events` and `records` for the owner to take. The same seed and the same orders at the same
/// times give the same floor. A class because calls, agents and queues refer to one another; it belongs to one owner and
/// isn't `Sendable`.
package final class FloorWorld {
    package let configuration: Configuration
    package private(set) var now: FloorTime = .zero

    /// What happened since the owner last cleared it.
    package var events: [FloorEvent] = []
    /// Log lines since the owner last cleared them.
    package var records: [FloorRecord] = []

    var timers: Heap<Timer> = []
    private var timerOrder: UInt64 = 0

    var calls: [Int: Call] = [:]
    /// Live channels by lower-case name.
    var channels: [String: Int] = [:]
    /// Live channels by lower-case Uniqueid: Asterisk compares ids without regard to case.
    var uniqueIDs: [String: Int] = [:]
    var queues: [Queue] = []
    var agents: [Agent] = []
    var statistics = FloorStatistics()

    private var ordinals = 0
    private var uniqueNumbers = 0
    private var localNumbers = 0
    private var sipNumbers = 0
    private var bridgeNumbers: SplitMix64
    var parkingSpaces: Set<Int> = []
    var firstOriginate: FloorTime?
    var lastBusy: FloorTime = .zero

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        self.bridgeNumbers = SplitMix64(seed: configuration.seed, stream: .max)
        var number = configuration.firstAgentNumber
        for setup in configuration.queues {
            let queue = Queue(setup: setup)
            self.queues.append(queue)
            for _ in 0..<setup.agents {
                let interface =
                    switch configuration.agentChannel {
                    case .pjsip: "PJSIP/\(number)"
                    case .local: "Local/\(number)@agents/n"
                    }
                let agent = self.makeAgent(interface: interface, name: "Agent \(number)")
                queue.members.append(
                    Membership(agent: agent, queue: queue, memberName: agent.name, loginTime: self.wallClock)
                )
                agent.memberships.append(queue.members[queue.members.count - 1])
                number += 1
            }
        }
    }

    /// When the next thing happens by itself; nil when nothing will.
    package var nextEventTime: FloorTime? { self.timers.min?.time }

    /// Lets everything happen that is due up to and including `time`. Time never goes back.
    package func advance(to time: FloorTime) {
        while let timer = self.timers.min, timer.time <= time {
            _ = self.timers.popMin()
            self.now = max(self.now, timer.time)
            self.fire(timer.step)
        }
        self.now = max(self.now, time)
    }

    /// Totals at this moment.
    package var currentStatistics: FloorStatistics {
        var statistics = self.statistics
        statistics.callsNow = self.calls.count
        statistics.agents = self.agents.count { !$0.memberships.isEmpty }
        statistics.waitingNow = self.queues.reduce(0) { $0 + $1.waiting.count }
        for agent in self.agents {
            guard let since = agent.busySince else { continue }
            statistics.agentsBusyNow += 1
            statistics.busySeconds += (self.now - since).seconds
        }
        if let first = self.firstOriginate {
            let until = statistics.agentsBusyNow > 0 ? self.now : max(self.lastBusy, first)
            statistics.staffedSeconds = Double(statistics.agents) * (until - first).seconds
        }
        return statistics
    }

    /// The wall clock's second, as AMI tells it in LastCall and LoginTime.
    var wallClock: Int64 { self.configuration.epoch + Int64(self.now.seconds / self.configuration.speed) }

    func schedule(after delay: FloorTime, _ step: Step) {
        self.timerOrder += 1
        self.timers.insert(Timer(time: self.now + delay, order: self.timerOrder, step: step))
    }

    func emit(_ event: FloorEvent) {
        self.events.append(event)
    }

    func makeAgent(interface: String, name: String) -> Agent {
        let agent = Agent(
            index: self.agents.count,
            interface: interface,
            name: name,
            random: SplitMix64(seed: self.configuration.seed, stream: 1 << 40 | UInt64(self.agents.count))
        )
        agent.idleSince = self.now
        self.agents.append(agent)
        return agent
    }

    func nextOrdinal() -> Int {
        self.ordinals += 1
        return self.ordinals
    }

    /// A Uniqueid of Asterisk's own making: wall-clock second, dot, a running number.
    func makeUniqueID() -> String {
        self.uniqueNumbers += 1
        return "\(self.wallClock).\(self.uniqueNumbers)"
    }

    func makeLocalSuffix() -> String {
        defer { self.localNumbers += 1 }
        return Self.hexadecimal(self.localNumbers)
    }

    func makeSIPSuffix() -> String {
        defer { self.sipNumbers += 1 }
        return Self.hexadecimal(self.sipNumbers)
    }

    func makeBridge() -> FloorEvent.Bridge {
        let high = self.bridgeNumbers.next()
        let low = self.bridgeNumbers.next()
        let digits = Self.hexadecimal(Int(truncatingIfNeeded: high >> 32), width: 8)
        let id =
            digits + "-" + Self.hexadecimal(Int(truncatingIfNeeded: high >> 16 & 0xffff), width: 4) + "-"
            + Self.hexadecimal(Int(truncatingIfNeeded: high & 0x0fff | 0x4000), width: 4) + "-"
            + Self.hexadecimal(Int(truncatingIfNeeded: low >> 48 & 0x3fff | 0x8000), width: 4) + "-"
            + Self.hexadecimal(Int(truncatingIfNeeded: low & 0xffff_ffff_ffff), width: 12)
        return FloorEvent.Bridge(uniqueID: id, channels: 0)
    }

    private static func hexadecimal(_ number: Int, width: Int = 8) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private func fire(_ step: Step) {
        switch step {
        case .wrapupEnd(let agent, let stint):
            self.endWrapup(of: self.agents[agent], stint: stint)
        case .call(let ordinal, let step):
            guard let call = self.calls[ordinal] else { return }
            switch step {
            case .ring: self.startRinging(call)
            case .answer: self.answer(call)
            case .fail: self.fail(call)
            case .originateTimeout: self.timeOut(call)
            case .networkTimeout: self.failByCause(call, cause: 19, outcome: call.plan.fate.name)
            case .patience: self.loseCaller(call, queueTimeout: false)
            case .queueTimeout: self.loseCaller(call, queueTimeout: true)
            case .grace: self.countAbandoned(call)
            case .agentAnswers(let attempt): self.agentAnswers(call, attempt: attempt)
            case .agentMisses(let attempt): self.agentMisses(call, attempt: attempt)
            case .retry: self.retry(call)
            case .detected(let stay): self.machineDetected(call, stay: stay)
            case .talkEnd: self.endOfTalk(call)
            case .holdEnd(let stay):
                guard call.stay == stay else { return }
                self.endOfHold(call)
            }
        }
    }
}

extension FloorWorld {
    /// Something that will happen by itself.
    struct Timer: Comparable {
        var time: FloorTime
        /// Breaks ties: what was scheduled first happens first.
        var order: UInt64
        var step: Step

        static func < (lhs: Timer, rhs: Timer) -> Bool {
            lhs.time == rhs.time ? lhs.order < rhs.order : lhs.time < rhs.time
        }

        static func == (lhs: Timer, rhs: Timer) -> Bool { lhs.order == rhs.order }
    }

    enum Step {
        case call(Int, CallStep)
        case wrapupEnd(agent: Int, stint: Int)
    }

    /// A step of one call. A step that has been overtaken finds the call in another phase, or gone, and does nothing.
    enum CallStep {
        case ring
        case answer
        case fail
        case originateTimeout
        case networkTimeout
        case patience
        case queueTimeout
        case grace
        case agentAnswers(attempt: Int)
        case agentMisses(attempt: Int)
        case retry
        case detected(stay: Int)
        case talkEnd
        case holdEnd(stay: Int)
    }

    /// A call from originate to its last Hangup.
    final class Call {
        enum Phase {
            /// Dialed; nothing heard of the far end yet.
            case setup
            case ringing
            /// In a queue, waiting for an agent.
            case waiting
            case talking
            case parked
            /// In another application or an extension.
            case held
        }

        let ordinal: Int
        let request: OriginateRequest
        let plan: CallPlan
        let originated: FloorTime
        var leg: Leg
        var phase: Phase = .setup
        var answered: FloorTime?
        var connected: FloorTime?
        unowned var queue: Queue?
        var joined: FloorTime = .zero
        var originalPosition = 1
        /// Agents rung for this caller just now.
        var ringing: [AgentLeg] = []
        var attempts = 0
        var isRetrying = false
        var partner: AgentLeg?
        var bridge: FloorEvent.Bridge?
        var parking: FloorEvent.Parking?
        var application = ""
        var applicationData = ""
        var isAbandoned = false
        /// The channel's variables: those of the request, and what was set since.
        var variables: [String: String]
        /// What the extension the customer is at has still to do.
        var steps: ArraySlice<FloorDialplan.Step> = []
        /// The priority of the first of them.
        var priority = 1
        /// Tells one stay in an application or extension from the next.
        var stay = 0

        init(ordinal: Int, request: OriginateRequest, plan: CallPlan, leg: Leg, now: FloorTime) {
            self.ordinal = ordinal
            self.request = request
            self.plan = plan
            self.leg = leg
            self.originated = now
            self.variables = request.variables
        }

        /// The id the log knows the call by.
        var id: String { self.leg.one.uniqueID }
    }

    /// An agent's channel while it rings or talks.
    struct AgentLeg {
        var membership: Membership
        var leg: Leg
        var attempt: Int
        var started: FloorTime
        var agent: Agent { self.membership.agent }
    }

    final class Agent {
        enum State {
            case idle
            case ringing
            case talking
            case wrapup
        }

        let index: Int
        let interface: String
        let name: String
        var random: SplitMix64
        var state: State = .idle
        var idleSince: FloorTime = .zero
        var busySince: FloorTime?
        /// Tells one wrap-up from the next, so that an ended one's timer does nothing.
        var stint = 0
        var memberships: [Membership] = []

        init(index: Int, interface: String, name: String, random: SplitMix64) {
            self.index = index
            self.interface = interface
            self.name = name
            self.random = random
        }

        var isLocal: Bool { self.interface.hasPrefix("Local/") }
    }

    /// An agent as a member of one queue.
    final class Membership {
        // Agents and queues live as long as their floor.
        unowned let agent: Agent
        unowned let queue: Queue
        let memberName: String
        let loginTime: Int64
        var isDynamic = false
        var penalty = 0
        var callsTaken = 0
        var lastCall: Int64 = 0
        var lastPause: Int64 = 0
        var isPaused = false
        var pausedReason = ""

        init(agent: Agent, queue: Queue, memberName: String, loginTime: Int64) {
            self.agent = agent
            self.queue = queue
            self.memberName = memberName
            self.loginTime = loginTime
        }
    }

    final class Queue {
        let setup: Configuration.Queue
        var members: [Membership] = []
        var waiting: [Call] = []
        var completed = 0
        var completedInTime = 0
        var abandoned = 0
        var holdTime = 0
        var talkTime = 0

        init(setup: Configuration.Queue) {
            self.setup = setup
        }

        var name: String { self.setup.name }
    }
}
