extension AsteriskServer {
    /// Who works on the floor of a test's Asterisk, and what the manager user `outpace` is sent.
    package struct Configuration: Sendable {
        /// The queues, with their agents.
        package var queues: [Queue]

        /// Whether the user `outpace` is sent only what the filters of `config/` let through, as a busy PBX is set up;
        /// otherwise every event of the classes it may read.
        package var filtersEvents: Bool

        /// Whether `config/outpace-dialplan.conf` is included, so that calls can be sent elsewhere after their answer.
        package var includesMoveDialplan: Bool

        /// Dialplan added at the end of `extensions.conf`, contexts and all.
        package var dialplan: String

        /// The tutorial's floor when nothing is said: queue `sales_1` with three agents who answer and stay.
        package init(
            queues: [Queue] = [Queue("sales_1", agents: Agent.crew(3))],
            filtersEvents: Bool = true,
            includesMoveDialplan: Bool = true,
            dialplan: String = ""
        ) {
            self.queues = queues
            self.filtersEvents = filtersEvents
            self.includesMoveDialplan = includesMoveDialplan
            self.dialplan = dialplan
        }
    }

    /// A queue of the floor.
    package struct Queue: Sendable {
        package var name: String
        package var agents: [Agent]
        package var strategy: String
        /// How long one agent is rung, in seconds.
        package var ringSeconds: Int
        /// How long an agent is left alone after a call, in seconds.
        package var wrapUpSeconds: Int

        package init(
            _ name: String,
            agents: [Agent],
            strategy: String = "ringall",
            ringSeconds: Int = 15,
            wrapUpSeconds: Int = 0
        ) {
            self.name = name
            self.agents = agents
            self.strategy = strategy
            self.ringSeconds = ringSeconds
            self.wrapUpSeconds = wrapUpSeconds
        }
    }

    /// An agent: a Local channel `Local/<name>@agents/n`.
    package struct Agent: Sendable, Hashable {
        /// Lower-case letters, digits and a dash, as `agent-01`.
        package var name: String
        package var behaviour: Behaviour

        package init(_ name: String, _ behaviour: Behaviour = .answers()) {
            self.name = name
            self.behaviour = behaviour
        }

        /// `agent-01` up to `count`, all alike.
        package static func crew(_ count: Int, _ behaviour: Behaviour = .answers()) -> [Agent] {
            (1...max(count, 1)).map { Agent("agent-" + ($0 < 10 ? "0" : "") + String($0), behaviour) }
        }

        /// How the queue knows the agent.
        package var interface: String { "Local/\(name)@agents/n" }
    }

    /// What an agent does when rung.
    package enum Behaviour: Sendable, Hashable {
        /// Answers, and talks until the customer hangs up.
        case answers(after: Duration = .milliseconds(100))
        /// Answers, talks, and hangs up first.
        case answersAndHangsUp(after: Duration = .milliseconds(100), talking: Duration)
        /// Lets it ring.
        case neverAnswers
    }
}
