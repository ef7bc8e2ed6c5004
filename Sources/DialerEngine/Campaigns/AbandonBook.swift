import DialerModel
import NIOConcurrencyHelpers
import Pacing

import struct Foundation.UUID

/// The abandonment of the campaigns this engine works for, current to the call: what the database kept, and every call since as soon as it
/// is certain what it counts as.
///
/// A campaign has a window while it is started, or calls of it are in progress or unwritten: so the database holds everything that the
/// window would not when it is read, and nothing is counted twice.
final class AbandonBook: Sendable {
    private struct Entry {
        var window = AbandonWindow()
        /// What the database kept is in it.
        var isFilled = false
        /// The campaign is started.
        var isRetained = false
    }

    /// The figures of one campaign.
    struct Figures: Sendable, Hashable {
        var day: AbandonWindow.Counts
        var thirtyDays: AbandonWindow.Counts
    }

    private let entries = NIOLockedValueBox<[UUID: Entry]>([:])

    /// The campaign is started.
    ///
    /// - Returns: whether ``fill(_:with:)`` is needed before its figures mean anything.
    func retain(_ campaign: UUID) -> Bool {
        self.entries.withLockedValue { entries in
            entries[campaign, default: Entry()].isRetained = true
            return entries[campaign]?.isFilled == false
        }
    }

    /// Takes in what the database kept of a campaign; once is enough, later ones are passed over.
    func fill(_ campaign: UUID, with hours: [AnsweredHour]) {
        self.entries.withLockedValue { entries in
            var entry = entries[campaign] ?? Entry()
            guard !entry.isFilled else { return }
            entry.window = AbandonWindow(buckets: hours + entry.window.buckets)
            entry.isFilled = true
            entries[campaign] = entry
        }
    }

    /// It is certain what a call that was answered at `answer` counts as.
    func record(_ outcome: AnswerOutcome, of campaign: UUID, answeredAt answer: Timestamp) {
        guard outcome.isLive else { return }
        self.entries.withLockedValue {
            $0[campaign, default: Entry()].window.record(abandoned: outcome == .abandoned, at: answer)
        }
    }

    /// The campaign is started no more.
    ///
    /// - Parameter isIdle: Whether it has neither calls in progress nor unwritten results.
    func release(_ campaign: UUID, isIdle: Bool) {
        self.entries.withLockedValue { entries in
            entries[campaign]?.isRetained = false
            if isIdle { entries[campaign] = nil }
        }
    }

    /// The last call of a campaign has its result in the database.
    func drained(_ campaign: UUID) {
        self.entries.withLockedValue { entries in
            if entries[campaign]?.isRetained == false { entries[campaign] = nil }
        }
    }

    /// The campaign's window; nil when it is not kept here.
    func window(of campaign: UUID) -> AbandonWindow? {
        self.entries.withLockedValue { entries in
            entries[campaign].flatMap { $0.isFilled ? $0.window : nil }
        }
    }

    /// The campaign's figures at `now`; nil when they are not kept here.
    func figures(of campaign: UUID, at now: Timestamp) -> Figures? {
        self.window(of: campaign).map { window in
            Figures(
                day: window.counts(last: AbandonWindow.day, at: now),
                thirtyDays: window.counts(last: AbandonWindow.thirtyDays, at: now)
            )
        }
    }
}
