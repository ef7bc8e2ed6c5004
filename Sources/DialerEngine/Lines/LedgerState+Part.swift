extension LedgerState {
    /// One of equal parts of what the PBXs may carry, less what others have above theirs: so that all together never pass the limits,
    /// however engines come and go.
    struct Part: Sendable, Hashable {
        /// Another engine, or what is left of one.
        struct Other: Sendable, Hashable {
            /// nil when it is gone and its calls are not taken over yet.
            var place: Int?
            /// Its calls in progress by PBX.
            var calls: [String: Int] = [:]
            /// And by trunk, over all PBXs.
            var trunkCalls: [String: Int] = [:]
        }

        /// Counted from 0.
        var place = 0
        var count = 1
        var others: [Other] = []
        /// Calls of ours are changing hands, and the ledger counts some of them no more, or not yet: nothing new until that is over.
        var isHeld = false

        static func share(_ place: Int, of count: Int, _ whole: Int) -> Int {
            whole / count + (place < whole % count ? 1 : 0)
        }

        /// Of what a PBX may carry.
        func maxCalls(at pbx: String, of whole: Int) -> Int {
            self.maxCalls(of: whole) { $0.calls[pbx] ?? 0 }
        }

        /// Of what a trunk may carry.
        func maxCalls(by trunk: String, of whole: Int) -> Int {
            self.maxCalls(of: whole) { $0.trunkCalls[trunk] ?? 0 }
        }

        private func maxCalls(of whole: Int, less calls: (Other) -> Int) -> Int {
            guard !self.isHeld else { return 0 }
            let taken = self.others.reduce(0) { sum, other in
                sum + max(calls(other), other.place.map { Self.share($0, of: self.count, whole) } ?? 0)
            }
            return max(0, min(Self.share(self.place, of: self.count, whole), whole - taken))
        }
    }
}
