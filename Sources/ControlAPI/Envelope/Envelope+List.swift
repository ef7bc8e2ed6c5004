import DialerModel
import DialerStore
import HummingbirdCore

extension Envelope {
    /// `{"list": […]}` of one page; `next_cursor` only when there is more.
    func response<Item>(_ page: Page<Item>, write: (Item, inout JSONWriter) -> Void) -> Response {
        self.response(reservingCapacity: 1_024 * (page.items.count + 1)) { writer in
            writer.beginObject()
            writer.beginArray("list")
            for item in page.items { write(item, &writer) }
            writer.endArray()
            if let next = page.next {
                writer.field("next_cursor", next.text)
            }
            writer.endObject()
        }
    }
}
