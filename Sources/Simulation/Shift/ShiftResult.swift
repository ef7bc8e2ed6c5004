/// What a simulated shift came to.
package struct ShiftResult: Sendable, Hashable {
    /// The floor over a stretch of the shift.
    package struct Sample: Sendable, Hashable {
        /// The end of the stretch, in seconds of the shift.
        package var at: Double
        /// Within the stretch, in agent seconds.
        package var busy = 0.0
        package var loggedIn = 0.0
        /// From the shift's begin to the end of the stretch.
        package var answered = 0
        package var abandoned = 0
    }

    /// Calls placed.
    package var placed = 0
    /// Calls a person answered.
    package var answered = 0
    /// Of these, those who found no agent within the grace time, or were taken for a machine.
    package var abandoned = 0
    /// People who talked to an agent.
    package var connected = 0
    /// Machines that reached an agent.
    package var machinesConnected = 0
    /// People taken for machines; counted in ``abandoned`` too.
    package var mistaken = 0
    /// Agents talking or in after-call work, in agent seconds.
    package var busy = 0.0
    /// Agents logged in and not on a break, in agent seconds.
    package var loggedIn = 0.0
    /// What those connected waited altogether, in seconds.
    package var waited = 0.0
    /// Calls placed and not over, at the most.
    package var peakCalls = 0
    /// Looks at the floor.
    package var decisions = 0
    /// A stretch of the shift each.
    package var samples: [Sample] = []

    package init() {}

    /// The share of their time that agents were busy, from 0 to 1.
    package var utilisation: Double { self.loggedIn > 0 ? self.busy / self.loggedIn : 0 }
    /// The share of live answers that were abandoned, from 0 to 1.
    package var abandonment: Double { self.answered > 0 ? Double(self.abandoned) / Double(self.answered) : 0 }
    /// The mean wait of those connected, in seconds.
    package var meanWait: Double { self.connected > 0 ? self.waited / Double(self.connected) : 0 }
}
