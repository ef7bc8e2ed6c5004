import struct Foundation.UUID

extension Plan {
    /// The rule in force: `dial_mode` 3 (power) is the ratio whatever `pacing` says.
    package var pacingInForce: PacingMode { self.dialMode == .power ? .ratio : self.pacing }

    /// How soon an agent must have a call a person answered; later it counts as abandoned.
    package var grace: Duration { .microseconds(Int64((self.abandonGrace * 1_000_000).rounded())) }

    /// The destinations its calls may be sent to after their answer.
    package var detours: [Detour: UUID] {
        var detours: [Detour: UUID] = [:]
        detours[.abandoned] = self.abandonDestination
        if self.machineHandling == .divert { detours[.machine] = self.machineDestination }
        return detours
    }

    /// The range of `abandon_grace`, in seconds.
    package static let abandonGraceRange = 0.1...60.0
}
