/// Where a job stands.
package enum ListJobStatus: Int, Sendable, Hashable, CaseIterable {
    /// Nothing is done yet.
    case waiting = 0
    case running
    case done
    /// It cannot go on; what is done stays done.
    case failed
    /// Somebody said so; what is done stays done.
    case cancelled

    package var word: String { "\(self)" }

    /// Whether nothing more will happen.
    package var isOver: Bool { self.rawValue >= Self.done.rawValue }
}
