import DialerModel
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// Turns a campaign's growing count of calls into calls a minute, from the looks taken at it within the last minute.
///
/// The first look has nothing to compare with and gives nil. Memory is bounded: a campaign nobody looked at for long is
/// forgotten, and a look within a second of the one before is not kept.
struct CallRateMeter: Sendable {
    private struct Look {
        var at: Timestamp
        var dialed: Int
    }

    private static let window = Duration.seconds(60)
    private static let leastGap = Duration.seconds(1)
    private static let maximumCampaigns = 1_000

    private let looks = NIOLockedValueBox<[UUID: [Look]]>([:])

    /// Calls a minute over the time since the oldest look of the last minute; nil when there is none.
    func callsPerMinute(of campaign: UUID, dialed: Int, at now: Timestamp) -> Double? {
        self.looks.withLockedValue { all in
            var mine = (all[campaign] ?? []).filter {
                now - $0.at <= Self.window && $0.at <= now && $0.dialed <= dialed
            }
            defer {
                if mine.last.map({ now - $0.at >= Self.leastGap }) ?? true {
                    mine.append(Look(at: now, dialed: dialed))
                }
                if all[campaign] == nil, all.count >= Self.maximumCampaigns { all.removeAll() }
                all[campaign] = mine
            }
            guard let oldest = mine.first else { return nil }
            let seconds = (now - oldest.at) / Self.leastGap
            guard seconds >= 1 else { return nil }
            return Double(dialed - oldest.dialed) / seconds * 60
        }
    }
}
