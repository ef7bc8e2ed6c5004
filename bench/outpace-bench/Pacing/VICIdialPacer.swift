import Pacing

/// VICIdial's adaptive dialing, from a description of its two loops (AST_VDauto_dial.pl and AST_VDadapt.pl): a dial level, steered by idle
/// agents and waiting calls, and braked by the day's share of dropped calls. As shipped: loops of 2.5 and 15 s, level 1 to 3, limit 3 %.
struct VICIdialPacer: Pacer {
    /// What happens when more was dropped today than the limit.
    enum Method: String, CaseIterable {
        case hardLimit = "VICIdial hard limit"
        case tapered = "VICIdial tapered"
        case average = "VICIdial average"
    }

    private static let dialInterval = 2.5
    private static let adaptInterval = 15.0
    private static let statisticsInterval = 60.0
    private static let samplesKept = 15
    private static let mostLevel = 3.0
    /// The shift begins at nine; `adaptive_latest_server_time` is 2100.
    private static let beginsAt = 9.0
    private static let latestTime = 2100.0

    let method: Method
    /// `adaptive_dropped_percentage` as a share.
    let dropLimit: Double
    private(set) var floor = PacingFloor()
    private var level = 1.0
    private var samples: [(ready: Int, waiting: Int, total: Int)] = []
    private var nextSample = 0.0
    private var nextDial = 0.0
    private var nextAdapt = VICIdialPacer.adaptInterval
    private var nextStatistics = VICIdialPacer.statisticsInterval
    // Today's figures, and those that the adapt loop has read.
    private var placed = 0
    private var answered = 0
    private var dropped = 0
    private var minute: [(at: Double, isDropped: Bool)] = []
    private var known = (placed: 0, answered: 0, dropped: 0, minutePlaced: 0, minuteDropped: 0)

    init(_ method: Method, dropLimit: Double = 0.03) {
        self.method = method
        self.dropLimit = dropLimit
    }

    mutating func observe(_ event: PacingEvent, at time: Double) {
        let lesson = self.floor.apply(event, at: time)
        if lesson.isPlaced {
            self.placed += 1
            self.minute.append((time, false))
        }
        if lesson.isLiveAnswer { self.answered += 1 }
        if lesson.isAbandoned {
            self.dropped += 1
            self.minute.append((time, true))
        }
    }

    mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int {
        while self.nextSample <= time {
            self.nextSample += 1
            self.samples.append((self.floor.idle, self.floor.waiting, self.floor.working))
            if self.samples.count > Self.samplesKept { self.samples.removeFirst() }
        }
        if self.nextStatistics <= time {
            self.nextStatistics += Self.statisticsInterval
            self.readStatistics(at: time)
        }
        if self.nextAdapt <= time {
            self.nextAdapt += Self.adaptInterval
            self.adapt(at: time)
        }
        guard self.nextDial <= time else { return 0 }
        self.nextDial += Self.dialInterval
        let talking = self.floor.agents.count { $0.state == .talking }
        let wanted = (self.level * Double(self.floor.idle + talking)).rounded()
        return min(limit, max(0, Int(wanted) - self.floor.ringing.count - self.floor.waiting - talking))
    }

    private mutating func readStatistics(at time: Double) {
        self.minute.removeAll { $0.at < time - 60 }
        let drops = self.minute.count { $0.isDropped }
        self.known = (self.placed, self.answered, self.dropped, self.minute.count - drops, drops)
    }

    private mutating func adapt(at time: Double) {
        let count = Double(max(1, self.samples.count))
        let ready = Double(self.samples.reduce(0) { $0 + $1.ready }) / count
        let waiting = Double(self.samples.reduce(0) { $0 + $1.waiting }) / count
        let total = Double(self.samples.reduce(0) { $0 + $1.total }) / count
        if total > 0 { self.level = min(Self.mostLevel, max(1, self.level * (1 + (ready - waiting) / total))) }
        if self.known.minutePlaced > 20, Double(self.known.minuteDropped) > 0.5 * Double(self.known.minutePlaced) {
            self.level /= 2
        }
        let share = self.known.answered > 0 ? Double(self.known.dropped) / Double(self.known.answered) : 0
        if self.known.placed > 50, share > self.dropLimit {
            switch self.method {
            case .hardLimit: self.level = 1
            case .average: self.level /= 2
            case .tapered:
                let hours = Self.beginsAt + time / 3600
                let clock = hours.rounded(.down) * 100 + (hours - hours.rounded(.down)) * 60
                self.level = clock > Self.latestTime ? 1 : self.level * min(1, (Self.latestTime - clock) / 1000)
            }
        }
        self.level = max(1, self.level)
    }
}
