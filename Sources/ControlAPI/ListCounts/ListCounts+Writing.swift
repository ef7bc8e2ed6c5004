import DialerModel
import DialerStore

import struct Foundation.UUID

extension ListCounts {
    /// Writes the counts as clients see them.
    ///
    /// - Parameters:
    ///   - dlma: The list.
    ///   - plan: Whose limits they are counted by; nil for those of the list's campaigns.
    func write(of dlma: UUID, plan: UUID?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("uuid", dlma)
        writer.field("plan", plan)
        writer.field("total", self.total)
        writer.field("untouched", self.untouched)
        writer.field("tried", self.tried)
        writer.field("penetration", self.penetration)
        writer.field("dialing", self.dialing)
        writer.field("reserved", self.reserved)
        writer.field("answered", self.answered)
        writer.field("left", self.left)
        writer.field("exhausted", self.exhausted)
        writer.field("blocked", self.blocked)
        writer.endObject()
    }
}
