import DialerModel
import DialerStore

extension DoNotCallEntry {
    /// Writes the number as clients see it.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("number", self.number)
        writer.field("reason", self.reason)
        writer.field("expire", self.expiresAt)
        writer.field("tm_create", self.createdAt)
        writer.field("tm_update", self.updatedAt)
        writer.endObject()
    }
}
