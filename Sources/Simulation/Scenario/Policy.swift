import Pacing

/// A way to pace a shift: what a plan would say.
package struct Policy: Sendable, Hashable {
    package enum Mode: Sendable, Hashable {
        case predictive
        case progressive
        case ratio(Double)
        case jade(serviceLevel: Int)
    }

    /// What results are shown under.
    package var name: String
    package var mode: Mode
    /// The share of live answers that may be abandoned; of predictive pacing only.
    package var target = 0.03

    /// - Parameter name: by default that of the mode.
    package init(_ mode: Mode, target: Double = 0.03, name: String? = nil) {
        self.mode = mode
        self.target = target
        switch mode {
        case .predictive: self.name = name ?? "predictive"
        case .progressive: self.name = name ?? "progressive"
        case .ratio(let ratio): self.name = name ?? "ratio \(ratio)"
        case .jade(let serviceLevel): self.name = name ?? "jade +\(serviceLevel)"
        }
    }

    /// A pacer that knows nothing yet.
    package func pacer(grace: Double) -> any Pacer {
        switch self.mode {
        case .predictive: PredictivePacer(target: self.target, grace: grace)
        case .progressive: AvailabilityPacer(.progressive)
        case .ratio(let ratio): AvailabilityPacer(.ratio(ratio))
        case .jade(let serviceLevel): AvailabilityPacer(.jade(serviceLevel: serviceLevel))
        }
    }
}
