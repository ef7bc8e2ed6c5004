import DialerModel
import DialerStore

extension ListJob {
    /// Writes the job as clients see it.
    ///
    /// - Parameter now: For the speed of what is in progress.
    func write(now: Timestamp, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("uuid", self.uuid)
        writer.field("kind", self.kind.word)
        writer.field("dlma_uuid", self.dlma)
        writer.field("target", self.kind.target)
        switch self.kind {
        case .recycle(let isWhole): writer.field("reset", isWhole ? "all" : "tries")
        case .move, .delete: writer.nullField("reset")
        }
        writer.key("filter")
        self.filter.write(to: &writer)
        writer.field("status", self.status.word)
        writer.field("contacts_total", self.total)
        writer.field("contacts_seen", self.seen)
        writer.field("contacts_changed", self.changed)
        writer.field("contacts_waiting", self.waiting)
        let rate = self.contactsPerSecond(now: now)
        writer.field("contacts_per_second", rate)
        writer.field("seconds_left", self.secondsLeft(rate: rate))
        writer.field("message", self.message)
        writer.field("tm_create", self.createdAt)
        writer.field("tm_start", self.startedAt)
        writer.field("tm_end", self.endedAt)
        writer.endObject()
    }

    /// Contacts looked at in a second; nil before the first step.
    private func contactsPerSecond(now: Timestamp) -> Double? {
        // From its making: a small job is over with its first step.
        guard self.startedAt != nil else { return nil }
        let microseconds = (self.endedAt ?? now).microseconds - self.createdAt.microseconds
        return microseconds > 0 ? Double(self.seen) * 1_000_000 / Double(microseconds) : nil
    }

    /// nil when it cannot be told: nothing is done yet, or what is left is in calls.
    private func secondsLeft(rate: Double?) -> Double? {
        guard !self.status.isOver else { return 0 }
        guard let rate, rate > 0, self.seen < self.total else { return nil }
        return Double(self.total - self.seen) / rate
    }
}

extension ListJobFilter {
    /// Writes the filter in the words of a request; null lets all pass.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("status", Self.array(self.statuses?.map { .integer(Int64($0)) }))
        let names = ListJobRequest.ResultClass.allCases
        let results = self.dialResults?.map { number -> JSONValue in
            names.first { $0.number == number }.map { .string($0.rawValue) } ?? .integer(Int64(number))
        }
        let failed: [JSONValue] =
            self.takesFailed ? [.string(ListJobRequest.ResultClass.failed.rawValue)] : []
        writer.field("res_dial", Self.array(results.map { $0 + failed }))
        writer.key("tried")
        if let isTried { writer.value(isTried) } else { writer.null() }
        writer.field("since", self.since)
        writer.field("until", self.until)
        writer.endObject()
    }

    private static func array(_ values: [JSONValue]?) -> JSONValue {
        values.map { .array($0) } ?? .null
    }
}
