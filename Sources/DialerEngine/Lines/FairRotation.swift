import OrderedCollections

/// Who gets what is scarce: members in the order of their turn. Shares are as even as whole numbers allow; the odd ones go to those whose
/// turn it is, and who was served goes to the end.
struct FairRotation<Member: Hashable & Sendable>: Sendable {
    private var order: OrderedSet<Member> = []

    init() {}

    var members: OrderedSet<Member> { self.order }

    /// Puts a member at the end of the rotation, unless it has its place already.
    mutating func join(_ member: Member) {
        self.order.append(member)
    }

    /// - Returns: whether it was in the rotation.
    @discardableResult
    mutating func leave(_ member: Member) -> Bool {
        self.order.remove(member) != nil
    }

    /// The member got something: others come first now.
    mutating func served(_ member: Member) {
        if self.order.remove(member) != nil { self.order.append(member) }
    }

    /// How many of `available` a member may take now, those before it and beside it considered. One outside the rotation counts as its last.
    func share(of available: Int, for member: Member) -> Int {
        guard available > 0 else { return 0 }
        let position = self.order.firstIndex(of: member)
        let count = self.order.count + (position == nil ? 1 : 0)
        let (even, odd) = available.quotientAndRemainder(dividingBy: count)
        return even + ((position ?? count - 1) < odd ? 1 : 0)
    }
}
