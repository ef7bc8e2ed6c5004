import DialerModel

import struct Foundation.UUID

/// Whom a campaign with several lists brings, in plain Swift and one contact at a time: the rule of migration 9, written a second
/// time, to hold the SQL against.
struct ListRule {
    /// One of the lists, with everybody on it.
    struct List {
        var uuid: UUID
        var order: ContactOrder
        var contacts: [ClaimRule.Contact]
    }

    /// Somebody a claim met.
    struct Met {
        var list: Int
        var contact: Int
        var number: Int
        var isBlocked: Bool
    }

    var plan: Plan
    /// All lists there are, whether the campaign dials them or not.
    var lists: [List]
    var shares: [ListShare]
    var mode: ListMode
    var doNotCall: Set<String>
    /// When lists have their next turns.
    private var turns: [UUID: Int] = [:]

    init(plan: Plan, lists: [List], shares: [ListShare], mode: ListMode, doNotCall: Set<String>) {
        self.plan = plan
        self.lists = lists
        self.shares = shares
        self.mode = mode
        self.doNotCall = doNotCall
    }

    /// The indexes of the campaign's lists in ``lists``.
    var dialed: [Int] { self.shares.compactMap { share in self.lists.firstIndex { $0.uuid == share.dlma } } }

    /// Whom a claim of `count` brings at `now`, in order, and whom it meets on the do-not-call list.
    mutating func claim(_ count: Int, at now: Timestamp) -> (dialed: [Met], blocked: Int) {
        var blocked = 0
        for round in 0..<20 {
            let met = self.meet(round == 0 ? count : max(count, 500), free: count, at: now)
            for contact in met where contact.isBlocked {
                // From now on it is as if the contact did not have it.
                self.lists[contact.list].contacts[contact.contact].entry.numbers[contact.number] = nil
                blocked += 1
            }
            let free = Array(met.filter { !$0.isBlocked }.prefix(count))
            if !free.isEmpty || free.count == met.count { return (free, blocked) }
        }
        return ([], blocked)
    }

    /// The first `scan` contacts, all of them looked up.
    private mutating func meet(_ scan: Int, free count: Int, at now: Timestamp) -> [Met] {
        let due = self.dialed.map { self.due(of: $0, at: now) }
        let isMixed = self.mode == .mixed && self.shares.count > 1
        let lengths = self.shares.map { 144_403_552_893_600 / $0.weight }
        let begin = self.shares.indices.map { place in
            min(self.turns[self.shares[place].dlma] ?? lengths[place] / 2, lengths[place])
        }
        var next = begin
        var taken = self.shares.map { _ in 0 }
        var open = Array(self.shares.indices)
        var met: [Met] = []
        var counted = begin
        var isCounting = true
        while met.count < scan {
            let choice = isMixed ? open.min { (next[$0], $0) < (next[$1], $1) } : open.first
            guard let place = choice else { break }
            guard taken[place] < due[place].count else {
                open.removeAll { $0 == place }
                continue
            }
            met.append(due[place][taken[place]])
            taken[place] += 1
            next[place] += lengths[place]
            if isCounting { counted[place] = next[place] }
            if met.count(where: { !$0.isBlocked }) >= count { isCounting = false }
        }
        guard isMixed else { return met }
        let isUsedUp = self.shares.indices.map { place in
            !open.contains(place) && counted[place] == begin[place] + due[place].count * lengths[place]
        }
        let clock = self.shares.indices.filter { !isUsedUp[$0] }.map { counted[$0] }.min() ?? counted.min() ?? 0
        self.turns = [:]
        for place in self.shares.indices {
            self.turns[self.shares[place].dlma] = min(max(counted[place] - clock, 0), lengths[place])
        }
        return met
    }

    private func due(of list: Int, at now: Timestamp) -> [Met] {
        let contacts = self.lists[list].contacts
        let rule = ClaimRule(plan: self.plan, order: self.lists[list].order)
        return rule.pick(contacts.count, of: contacts, at: now).compactMap { picked in
            guard let number = rule.number(of: picked.entry),
                let contact = contacts.firstIndex(where: { $0.entry.uuid == picked.entry.uuid })
            else { return nil }
            let isBlocked = picked.entry.numbers[number].map(self.doNotCall.contains) ?? false
            return Met(list: list, contact: contact, number: number, isBlocked: isBlocked)
        }
    }

    /// What ``ClaimRule/outlook(of:)`` says of all the campaign's lists together.
    func outlook() -> (isOpen: Bool, nextDue: Timestamp?) {
        let outlooks = self.dialed.map { ClaimRule(plan: self.plan).outlook(of: self.lists[$0].contacts) }
        return (outlooks.contains { $0.isOpen }, outlooks.compactMap(\.nextDue).min())
    }
}
