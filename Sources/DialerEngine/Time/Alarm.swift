import NIOConcurrencyHelpers

/// One timer for many deadlines. Whoever needs to be woken says when; the alarm keeps the earliest, rings, and is then unset until
/// somebody sets it again. Ringing early is harmless by design: the owner looks at its own deadlines and sets the alarm anew.
final class Alarm: Sendable {
    private let clock: any EngineClock
    private let earliest = NIOLockedValueBox<Duration?>(nil)
    private let movedForward = Signal()

    init(clock: any EngineClock) {
        self.clock = clock
    }

    /// Asks to be woken at `instant` (the clock's uptime), or earlier when an earlier instant is set already.
    func set(at instant: Duration) {
        let isEarlier = self.earliest.withLockedValue { earliest -> Bool in
            if let earliest, earliest <= instant { return false }
            earliest = instant
            return true
        }
        if isEarlier { self.movedForward.raise() }
    }

    /// Calls `ring` each time the alarm goes off, until the task is cancelled.
    func run(_ ring: () async -> Void) async {
        while !Task.isCancelled {
            guard let target = self.earliest.withLockedValue({ $0 }) else {
                await self.movedForward.wait()
                continue
            }
            if self.clock.uptime() < target {
                await self.sleep(until: target)
                if Task.isCancelled { return }
            }
            let isDue = self.earliest.withLockedValue { earliest -> Bool in
                guard let instant = earliest, self.clock.uptime() >= instant else { return false }
                earliest = nil
                return true
            }
            if isDue { await ring() }
        }
    }

    /// Sleeps until the instant, or until an earlier one was set.
    private func sleep(until target: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.clock.sleep(until: target) }
            group.addTask { await self.movedForward.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
