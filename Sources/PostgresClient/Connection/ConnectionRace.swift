/// Opens a connection to one of several hosts. Each begins when those before it have failed or had a second's start; the first to
/// give a connection wins. While one has yet to answer, those that failed are asked again every second.
struct ConnectionRace: Sendable {
    private enum Event: Sendable {
        case opened(ConnectionChannel)
        case failed(host: Int, PostgresError)
        /// A host has had its start.
        case late(host: Int)
        /// A host that failed may be asked again.
        case rested(host: Int)
    }

    private let hosts: [ConnectionParameters]
    private let opening: ConnectionOpening
    private let end: ContinuousClock.Instant

    private static let headStart = Duration.seconds(1)

    init(hosts: [ConnectionParameters], within timeout: Duration, _ opening: ConnectionOpening) {
        self.hosts = hosts
        self.opening = opening
        self.end = .now + timeout
    }

    /// - Throws: ``PostgresError/Code/connectionFailed`` with what was wrong with each host, when none gives a connection.
    func run() async throws(PostgresError) -> ConnectionChannel {
        let outcome = await withTaskGroup(of: Event?.self) { group in
            let outcome = await race(&group)
            group.cancelAll()
            // One that came in at the same moment is one too many.
            for await case .opened(let channel)? in group { await channel.close() }
            return outcome
        }
        return try outcome.get()
    }

    private func race(_ group: inout TaskGroup<Event?>) async -> Result<ConnectionChannel, PostgresError> {
        var failures: [PostgresError] = []
        var started = 0
        /// Attempts in progress, and how many of them are their host's first. Only those keep the others being asked again: two that
        /// are asked again could keep each other going for ever.
        var pending = 0
        var undecided = 0
        var isFirst = [Bool](repeating: true, count: hosts.count)

        func start(_ host: Int, in group: inout TaskGroup<Event?>) {
            pending += 1
            group.addTask { await attempt(host) }
        }
        func startNext(in group: inout TaskGroup<Event?>) {
            guard started < hosts.count else { return }
            let host = started
            started += 1
            undecided += 1
            start(host, in: &group)
            guard started < hosts.count else { return }
            group.addTask { await rest() ? .late(host: host) : nil }
        }

        startNext(in: &group)
        while pending > 0, let event = await group.next() {
            switch event {
            case .opened(let channel):
                return .success(channel)
            case .failed(let host, let error):
                pending -= 1
                if isFirst[host] {
                    isFirst[host] = false
                    undecided -= 1
                }
                failures.append(error)
                guard ConnectFailure.mayTryNext(after: error) else {
                    return .failure(ConnectFailure.combined(failures))
                }
                if started == host + 1 { startNext(in: &group) }
                if undecided > 0 { group.addTask { await rest() ? .rested(host: host) : nil } }
            case .late(let host):
                if started == host + 1 { startNext(in: &group) }
            case .rested(let host):
                guard undecided > 0 else { break }
                start(host, in: &group)
            case nil:
                break
            }
        }
        return .failure(ConnectFailure.combined(failures))
    }

    private func attempt(_ host: Int) async -> Event {
        do throws(PostgresError) {
            return .opened(try await opening.open(hosts[host], timeout: ContinuousClock.now.duration(to: end)))
        } catch {
            return .failed(host: host, error)
        }
    }

    /// - Returns: false when the race is over meanwhile.
    private func rest() async -> Bool {
        (try? await Task.sleep(for: Self.headStart)) != nil
    }
}
