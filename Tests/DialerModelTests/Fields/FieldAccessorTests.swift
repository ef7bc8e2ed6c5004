import DialerModel
import Testing

import struct Foundation.UUID

@Suite("Field accessors")
struct FieldAccessorTests {
    /// Properties of every kind there is to reach: stored, computed, a slot's, a protocol's.
    private struct Item: Resource {
        static let kind = ResourceKind.plan
        static let fieldTable = FieldTable<Item>([])
        var uuid: UUID
        var inUse = true
        var createdAt: Timestamp?
        var updatedAt: Timestamp?
        var deletedAt: Timestamp?
        var text: String? = "before"
        var slots = NumberSlots(repeating: 0)
        var behind = 1
        var computed: Int {
            get { self.behind * 2 }
            set { self.behind = newValue / 2 }
        }
        var computedSlots: NumberSlots<Int> {
            get { self.slots }
            set { self.slots = newValue }
        }

        init(blank uuid: UUID) { self.uuid = uuid }
    }

    @Test("a property is read and set, and nothing beside it")
    func properties() {
        let blank = Item(blank: UUID())
        var item = blank
        let text = FieldAccessor<Item, String?>(\.text)
        #expect(text.get(item) == "before")
        text.set(&item, "a text that is too long for the place a short one has")
        #expect(text.get(item) == item.text)
        let computed = FieldAccessor<Item, Int>(\.computed)
        computed.set(&item, 10)
        #expect(item.behind == 5)
        #expect(computed.get(item) == 10)
        item.text = "before"
        item.behind = 1
        #expect(item == blank)
    }

    @Test("a slot is set in its place, and in no copy", arguments: NumberSlots<Int>.indexes)
    func slots(index: Int) {
        for accessor in [
            FieldAccessor<Item, Int>(slot: index, of: \.slots), FieldAccessor(slot: index, of: \.computedSlots),
        ] {
            var item = Item(blank: UUID())
            let copy = item
            accessor.set(&item, 7)
            #expect(accessor.get(item) == 7)
            #expect(NumberSlots<Int>.indexes.map { item.slots[$0] } == (1...8).map { $0 == index ? 7 : 0 })
            #expect(accessor.get(copy) == 0)
        }
    }

    @Test("what every resource has")
    func common() {
        var item = Item(blank: UUID())
        let uuid = UUID()
        let time = Timestamp(microseconds: 1_700_000_000_000_000)
        FieldAccessor.uuid.set(&item, uuid)
        FieldAccessor.inUse.set(&item, false)
        FieldAccessor.createdAt.set(&item, time)
        FieldAccessor.updatedAt.set(&item, time)
        FieldAccessor.deletedAt.set(&item, nil)
        #expect(FieldAccessor.uuid.get(item) == uuid && item.uuid == uuid)
        #expect(!FieldAccessor.inUse.get(item) && !item.inUse)
        #expect(FieldAccessor.createdAt.get(item) == time && item.createdAt == time)
        #expect(FieldAccessor.updatedAt.get(item) == time && FieldAccessor.deletedAt.get(item) == nil)
    }
}
