/// Which of a contact's numbers to dial next: the lowest one with tries left.
package enum NumberSelection {
    /// 1…8, or nil when the contact is exhausted. A maximum of 0 means the number is never dialed.
    package static func nextIndex(
        numbers: NumberSlots<String?>,
        tries: NumberSlots<Int>,
        maxTries: NumberSlots<Int>
    ) -> Int? {
        NumberSlots<Int>.indexes.first { index in
            numbers[index]?.isEmpty == false && tries[index] < maxTries[index]
        }
    }

    /// The number of `entry` to dial next by `plan`; nil when it has been answered or is exhausted.
    package static func nextIndex(of entry: DialListEntry, by plan: Plan) -> Int? {
        entry.dialResult == 4
            ? nil : Self.nextIndex(numbers: entry.numbers, tries: entry.tries, maxTries: plan.maxTries)
    }

    /// Whether `entry` will never be dialed again as things are: deleted, answered, or out of tries.
    package static func isExhausted(_ entry: DialListEntry, by plan: Plan) -> Bool {
        !entry.inUse || Self.nextIndex(of: entry, by: plan) == nil
    }

    /// Whether the contact's retry delay is over: a whole `retryDelay` since its last call's end.
    package static func isDue(_ entry: DialListEntry, by plan: Plan, at now: Timestamp) -> Bool {
        guard let lastHangupAt = entry.lastHangupAt else { return true }
        return now - lastHangupAt >= .seconds(plan.retryDelay)
    }
}
