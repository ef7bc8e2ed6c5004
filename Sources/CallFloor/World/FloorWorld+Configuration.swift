import Chance

extension FloorWorld {
    /// Who is on the floor and how its customers behave. All durations are seconds of the floor's own clock.
    package struct Configuration: Sendable {
        /// One queue and its own agents.
        package struct Queue: Sendable, Hashable {
            package var name: String
            package var agents: Int
            package var strategy: Strategy
            /// How long an agent is rung before the next is tried (queues.conf `timeout`).
            package var ringTime: Double
            /// The pause between two tries (queues.conf `retry`).
            package var retry: Double

            package init(
                name: String, agents: Int, strategy: Strategy = .longestIdle, ringTime: Double = 15, retry: Double = 1
            ) {
                self.name = name
                self.agents = agents
                self.strategy = strategy
                self.ringTime = ringTime
                self.retry = retry
            }
        }

        /// Whom a waiting caller rings.
        package enum Strategy: String, Sendable, Hashable, CaseIterable {
            /// The agent idle the longest.
            case longestIdle = "leastrecent"
            /// Every free agent at once; the first to answer takes the call.
            case ringAll = "ringall"
        }

        /// How after-call work shows to AMI.
        package enum WrapupShown: String, Sendable, Hashable, CaseIterable {
            /// The agent pauses with reason `wrapup` and unpauses when done.
            case pause
            /// As with queues.conf `wrapuptime`: the agent looks idle and gets no call.
            case hidden
        }

        /// What kind of channel reaches an agent.
        package enum AgentChannel: String, Sendable, Hashable, CaseIterable {
            case pjsip
            /// `Local/NUMBER@agents/n`, two channel halves.
            case local
        }

        /// Seeds every random stream.
        package var seed: UInt64 = 1
        package var queues: [Queue] = [Queue(name: "sales_1", agents: 20)]
        package var agentChannel: AgentChannel = .pjsip
        /// The first agent's number; the others count on from it.
        package var firstAgentNumber: Int = 1001
        /// From ringing to the agent's answer.
        package var agentAnswer: Spread = .constant(0.2)
        /// The chance that an agent answers a ringing call at all.
        package var agentAnswerRate: Double = 1
        package var wrapup: Spread = Spread(mean: 15, variation: 0.6)
        package var wrapupShown: WrapupShown = .pause

        /// From the originate to ringing.
        package var setup: Spread = .constant(2)
        /// The share of numbers a person answers.
        package var answerRate: Double = 0.3
        /// Of the others: the share where a machine answers, and the share that fails fast. The rest ring out.
        package var machineShare: Double = 0
        package var failShare: Double = 0.2
        package var ring: Spread = Spread(mean: 9, variation: 0.6, cut: 25)
        package var machineRing: Spread = Spread(mean: 15, variation: 0.3, cut: 25)
        package var talk: Spread = Spread(mean: 120, variation: 1)
        /// How long an agent listens to a machine before hanging up.
        package var machineTalk: Spread = Spread(mean: 8, variation: 0.4)
        /// How long a customer waits in a queue before hanging up.
        package var patience: Spread = Spread(mean: 10, variation: 0.5)
        /// The share of conversations that the agent ends.
        package var agentEndsShare: Double = 0.3
        /// How long the network lets a call ring when the originate has no timeout.
        package var networkTimeout: Double = 120
        /// An answered call without an agent after this time counts as abandoned.
        package var grace: Double = 2
        package var script: CallScript = CallScript()

        /// How often the events of one call's end overtake each other. Of 300 calls on a real Asterisk 73 had their
        /// Hangup before the OriginateResponse.
        package var raceProbability: Double = 0.25
        /// Channel technologies that exist, lower case.
        package var technologies: Set<String> = ["pjsip", "local"]
        /// What the extensions do.
        package var dialplan = FloorDialplan.standard
        /// Which extensions exist, by context; contexts that are not named have every extension.
        package var extensions: [String: Set<String>] = [:]

        /// The wall clock's second, since 1970, at which the floor opens.
        package var epoch: Int64 = 0
        /// Floor seconds in one second of the wall clock; only what AMI tells as wall-clock time depends on it.
        package var speed: Double = 1

        package init() {}
    }
}
