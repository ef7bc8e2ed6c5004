/// Finds a connection that is only half there: pings after silence, gives up after silence that follows a ping.
struct KeepAlive {
    enum Step: Equatable {
        case wait
        case ping
        case dead
    }

    private let interval: Duration
    private let timeout: Duration
    private var lastHeard: Duration
    private var pingedAt: Duration?

    init(interval: Duration, timeout: Duration, now: Duration) {
        self.interval = interval
        self.timeout = timeout
        self.lastHeard = now
    }

    /// Bytes came, of whatever kind.
    mutating func heard(now: Duration) {
        self.lastHeard = now
        self.pingedAt = nil
    }

    /// - Parameter isReaderBusy: Whether nobody reads just now: then silence says nothing about the server.
    mutating func tick(now: Duration, isReaderBusy: Bool) -> Step {
        if isReaderBusy {
            self.heard(now: now)
            return .wait
        }
        if let pingedAt = self.pingedAt {
            return now - pingedAt >= self.timeout ? .dead : .wait
        }
        guard now - self.lastHeard >= self.interval else { return .wait }
        self.pingedAt = now
        return .ping
    }
}
