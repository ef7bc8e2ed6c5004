/// A moment or a length of time on the floor's own clock, in microseconds since the floor opened.
/// The floor never looks at a real clock: whoever owns it says what time it is.
package struct FloorTime: Sendable, Hashable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// `seconds` on the floor's clock; values that are not finite count as zero, very long ones as about 30 years.
    package static func seconds(_ seconds: Double) -> FloorTime {
        guard seconds.isFinite else { return .zero }
        return FloorTime(microseconds: Int64((min(max(seconds, -1e9), 1e9) * 1e6).rounded()))
    }

    package static var zero: FloorTime { FloorTime(microseconds: 0) }

    package var seconds: Double { Double(self.microseconds) / 1e6 }

    /// Whole seconds, cut off as Asterisk cuts its HoldTime and TalkTime.
    package var wholeSeconds: Int { Int(self.microseconds / 1_000_000) }

    package static func < (lhs: FloorTime, rhs: FloorTime) -> Bool { lhs.microseconds < rhs.microseconds }

    package static func + (lhs: FloorTime, rhs: FloorTime) -> FloorTime {
        FloorTime(microseconds: lhs.microseconds + rhs.microseconds)
    }

    package static func - (lhs: FloorTime, rhs: FloorTime) -> FloorTime {
        FloorTime(microseconds: lhs.microseconds - rhs.microseconds)
    }

    package static func += (lhs: inout FloorTime, rhs: FloorTime) {
        lhs.microseconds += rhs.microseconds
    }
}
