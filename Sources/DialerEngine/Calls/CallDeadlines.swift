import HeapModule

/// When a desk looks at its calls again, soonest first.
///
/// A call's next deadline is put beside the one before, which nobody looks for in the heap: it is skipped when it comes up. Those of calls
/// that ended early would wait there for as long as a call may ring; so once most entries are of that kind, all of them are thrown out.
struct CallDeadlines {
    private var heap: Heap<CallDeadline> = []

    /// So many entries more than twice the calls are let be.
    static let slack = 1_024

    var count: Int { self.heap.count }

    /// Uptime.
    var soonest: Duration? { self.heap.min?.at }

    /// - Parameters:
    ///   - calls: How many calls there are, each of which has one deadline at most.
    ///   - isCurrent: Whether an entry is the one its call has now.
    mutating func insert(_ deadline: CallDeadline, calls: Int, isCurrent: (CallDeadline) -> Bool) {
        if self.heap.count >= 2 * calls + Self.slack { self.heap = Heap(self.heap.unordered.filter(isCurrent)) }
        self.heap.insert(deadline)
    }

    /// Takes out the soonest entry that is due, current or not.
    mutating func takeDue(at uptime: Duration) -> CallDeadline? {
        guard let next = self.heap.min, next.at <= uptime else { return nil }
        return self.heap.removeMin()
    }
}
