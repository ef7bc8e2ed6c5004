import DialerModel

/// Who is to be dialed, in plain Swift: the rule of `ClaimRepository`, written a second time, to hold the SQL against.
struct ClaimRule {
    /// One of the list's contacts and its place in the order of creation.
    struct Contact {
        var entry: DialListEntry
        var place: Int
        /// Its place in the list's random order.
        var rank = Int64(0)

        var tries: Int { NumberSlots<Int>.indexes.reduce(0) { $0 + self.entry.tries[$1] } }
    }

    var plan: Plan
    var order = ContactOrder.leastTried

    /// The lowest number with tries left; nil when the contact is deleted, answered or used up.
    func number(of entry: DialListEntry) -> Int? {
        guard entry.inUse, entry.dialResult != 4 else { return nil }
        return NumberSlots<Int>.indexes.first {
            entry.numbers[$0]?.isEmpty == false && entry.tries[$0] < self.plan.maxTries[$0]
        }
    }

    /// Since when the contact may be dialed: more than the retry delay after its last call; nil: since ever.
    func due(_ entry: DialListEntry) -> Timestamp? {
        entry.lastHangupAt.map { $0 + .seconds(self.plan.retryDelay) + .microseconds(1) }
    }

    /// Whom a claim of `count` must bring at `now`, in order.
    func pick(_ count: Int, of contacts: [Contact], at now: Timestamp) -> [Contact] {
        let fitting = contacts.filter { contact in
            contact.entry.status == .idle && self.number(of: contact.entry) != nil
                && (self.due(contact.entry).map { $0 <= now } ?? true)
        }
        return Array(fitting.sorted { self.turn($0).lexicographicallyPrecedes(self.turn($1)) }.prefix(count))
    }

    /// What a contact's turn depends on, most weighty first; the lower comes sooner.
    private func turn(_ contact: Contact) -> [Int64] {
        let (tries, place) = (Int64(contact.tries), Int64(contact.place))
        let waitingSince = contact.entry.lastHangupAt?.microseconds ?? .min
        return switch self.order {
        case .leastTried: [tries, waitingSince, place]
        case .upload: [tries == 0 ? 1 : 0, waitingSince, place]
        case .newest: [tries, waitingSince, waitingSince == .min ? -place : place]
        case .priority: [-Int64(contact.entry.priority), tries, waitingSince, place]
        case .random: [tries, waitingSince, contact.rank]
        }
    }

    /// Whether anybody can still be dialed, or is being dialed or reserved, and when the next idle one is due.
    func outlook(of contacts: [Contact]) -> (isOpen: Bool, nextDue: Timestamp?) {
        let idle = contacts.map(\.entry).filter { $0.status == .idle && self.number(of: $0) != nil }
        let isHeld = contacts.map(\.entry).contains {
            ($0.status == .dialing && $0.inUse) || ($0.status == .reserved && self.number(of: $0) != nil)
        }
        return (isHeld || !idle.isEmpty, idle.map { self.due($0) ?? Timestamp(microseconds: 0) }.min())
    }
}
