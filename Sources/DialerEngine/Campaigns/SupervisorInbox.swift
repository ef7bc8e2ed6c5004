import DialerStore
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// What the supervisor has been told since it looked last. However much it is told, one look deals with all of it.
final class SupervisorInbox: Sendable {
    /// One look's worth of news.
    struct News: Sendable {
        /// A plan, destination, list or unknown resource changed: read them anew.
        var isResourceChanged = false
        /// Campaigns whose runner found nobody left to call.
        var listEnded: Set<UUID> = []
    }

    private let news = NIOLockedValueBox(News(isResourceChanged: true))
    private let signal = Signal()

    func note(_ change: ResourceChange) {
        switch change {
        case .campaign: break
        // The keeper of the leases wakes the supervisor once they are as they shall be.
        case .lease: return
        case .plan, .destination, .dlma, .everything: self.news.withLockedValue { $0.isResourceChanged = true }
        }
        self.signal.raise()
    }

    func noteListEnd(of campaign: UUID) {
        _ = self.news.withLockedValue { $0.listEnded.insert(campaign) }
        self.signal.raise()
    }

    /// Look again, though nothing in particular changed.
    func wake() {
        self.signal.raise()
    }

    func wait() async {
        await self.signal.wait()
    }

    func take() -> News {
        self.news.withLockedValue { news in
            defer { news = News() }
            return news
        }
    }

    /// Puts news back that could not be dealt with.
    func restore(_ unread: News) {
        self.news.withLockedValue { news in
            news.isResourceChanged = news.isResourceChanged || unread.isResourceChanged
            news.listEnded.formUnion(unread.listEnded)
        }
    }
}
