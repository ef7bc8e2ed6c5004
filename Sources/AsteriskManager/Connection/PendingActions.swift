/// The actions whose answers somebody waits for; no I/O.
struct PendingActions<Waiter: Sendable> {
    struct Resolution {
        var waiter: Waiter
        var result: Result<AMIResponse, AMIError>
    }

    private struct Pending {
        var waiter: Waiter
        var action: String
        var deadline: Duration
        var response: AMIMessage?
        var items: [AMIMessage] = []
        /// The list went over its bound: the rest of it is thrown away.
        var isOverflowing = false
    }

    private var pending: [String: Pending] = [:]
    private let maxListItems: Int

    init(maxListItems: Int) {
        self.maxListItems = maxListItems
    }

    var count: Int { self.pending.count }
    var isEmpty: Bool { self.pending.isEmpty }

    mutating func add(_ waiter: Waiter, actionID: String, action: String, deadline: Duration) {
        self.pending[actionID] = Pending(waiter: waiter, action: action, deadline: deadline)
    }

    mutating func remove(actionID: String) -> Waiter? {
        self.pending.removeValue(forKey: actionID)?.waiter
    }

    /// - Returns: `nil` when the message belongs to nobody here; otherwise what came of it, if anything did yet.
    mutating func received(_ message: AMIMessage) -> Resolution?? {
        guard let id = message.actionID, var entry = self.pending[id] else { return nil }
        guard message.has("Event") else {
            if message.isResponse("Error") {
                self.pending[id] = nil
                return Resolution(
                    waiter: entry.waiter,
                    result: .failure(.refused(message: message["Message"] ?? "no reason given"))
                )
            }
            if message["EventList"]?.lowercased() == "start" {
                entry.response = message
                self.pending[id] = entry
                return .some(nil)
            }
            self.pending[id] = nil
            return Resolution(waiter: entry.waiter, result: .success(AMIResponse(message: message, items: [])))
        }
        guard let response = entry.response else { return nil }
        if let list = message["EventList"]?.lowercased(), list == "complete" || list == "cancelled" {
            self.pending[id] = nil
            if entry.isOverflowing {
                return Resolution(waiter: entry.waiter, result: .failure(.listTooLong(limit: self.maxListItems)))
            }
            return Resolution(
                waiter: entry.waiter,
                result: .success(AMIResponse(message: response, items: entry.items))
            )
        }
        if entry.items.count >= self.maxListItems {
            entry.isOverflowing = true
            entry.items = []
        }
        // Taken out first so that the append does not copy the list.
        self.pending[id] = nil
        if !entry.isOverflowing { entry.items.append(message) }
        self.pending[id] = entry
        return .some(nil)
    }

    mutating func expire(now: Duration) -> [Resolution] {
        guard !self.pending.isEmpty else { return [] }
        let late = self.pending.filter { $0.value.deadline <= now }
        return late.map { id, entry in
            self.pending[id] = nil
            return Resolution(waiter: entry.waiter, result: .failure(.timedOut(action: entry.action)))
        }
    }

    mutating func failAll(_ error: AMIError) -> [Resolution] {
        defer { self.pending = [:] }
        return self.pending.values.map { Resolution(waiter: $0.waiter, result: .failure(error)) }
    }
}
