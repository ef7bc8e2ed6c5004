/// Which statements are prepared on one connection, and under what names. A plain value: the connection does the talking.
struct StatementCache {
    /// The same text with other types is another statement.
    struct Key: Hashable {
        var sql: String
        var types: [UInt32]
    }

    /// How a statement is to be sent.
    enum Plan: Equatable {
        /// By its name; it is prepared, or the same request prepares it first.
        case named(String)
        /// Prepare it under this name, then send it by its name. `evicting` names a statement to deallocate before.
        case prepare(String, evicting: String?)
        /// Without a name: another request in flight is about to prepare it, and may fail to.
        case unnamed
    }

    private struct Entry {
        var name: String
        /// The request that prepares it; nil once the server has said yes.
        var preparing: UInt64?
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { entries.count }

    mutating func plan(for key: Key, request: UInt64) -> Plan {
        guard capacity > 0 else { return .unnamed }
        uses += 1
        if let entry = entries[key] {
            guard entry.preparing == nil || entry.preparing == request else { return .unnamed }
            entries[key]?.lastUse = uses
            return .named(entry.name)
        }
        var evicted: String?
        if entries.count >= capacity {
            let oldest = entries.filter { $0.value.preparing == nil }.min { $0.value.lastUse < $1.value.lastUse }
            guard let oldest else { return .unnamed }
            evicted = oldest.value.name
            entries[oldest.key] = nil
        }
        names += 1
        let name = "outpace_\(names)"
        entries[key] = Entry(name: name, preparing: request, lastUse: uses)
        return .prepare(name, evicting: evicted)
    }

    mutating func prepared(_ key: Key) {
        entries[key]?.preparing = nil
    }

    mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    mutating func removeAll() {
        entries.removeAll()
    }
}
