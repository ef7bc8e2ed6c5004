import DialerModel
import DialerStore

extension Upload {
    /// Writes the upload as clients see it.
    ///
    /// - Parameters:
    ///   - rejects: Some of the refused rows, the first ones.
    ///   - now: For the speed of what is in progress.
    func write(rejects: [RejectedRow], now: Timestamp, to writer: inout JSONWriter) {
        let counts = self.counts
        writer.beginObject()
        writer.field("uuid", self.uuid)
        writer.field("dlma_uuid", self.options.dlma)
        writer.field("name", self.options.name)
        writer.field("status", self.status.word)
        writer.field("dry_run", self.options.isDryRun)
        writer.field("on_error", self.options.isAllOrNothing ? "abort" : "skip")
        writer.field("duplicates", self.options.duplicates?.action.rawValue)
        writer.field("duplicate_key", self.options.duplicates?.key.rawValue)
        writer.field("duplicate_scope", self.options.duplicates?.scope.rawValue)
        writer.field("bytes_total", self.options.totalBytes)
        writer.field("bytes_read", counts.bytesRead)
        writer.field("rows_read", counts.read)
        writer.field("rows_loaded", counts.loaded)
        writer.field("rows_updated", counts.updated)
        writer.field("rows_duplicate", counts.duplicate)
        writer.field("rows_rejected", counts.rejected)
        writer.field("rows_per_second", self.rowsPerSecond(now: now))
        writer.field("seconds_left", self.secondsLeft(now: now))
        writer.field("message", self.message)
        writer.beginArray("rejects")
        for reject in rejects { reject.write(to: &writer) }
        writer.endArray()
        writer.field("tm_create", self.createdAt)
        writer.field("tm_received", self.receivedAt)
        writer.field("tm_end", self.endedAt)
        writer.endObject()
    }

    /// Rows read in a second, over the whole upload; while it is loaded, rows moved in a second.
    private func rowsPerSecond(now: Timestamp) -> Double? {
        if self.status == .loading, let receivedAt { return Self.rate(self.counts.moved, from: receivedAt, to: now) }
        return Self.rate(self.counts.read, from: self.createdAt, to: self.endedAt ?? now)
    }

    /// nil when it cannot be told: the file's size is unknown, or nothing has moved yet.
    private func secondsLeft(now: Timestamp) -> Double? {
        switch self.status {
        case .receiving:
            guard let total = self.options.totalBytes,
                let rate = Self.rate(self.counts.bytesRead, from: self.createdAt, to: now), rate > 0
            else { return nil }
            return Double(max(0, total - self.counts.bytesRead)) / rate
        case .loading:
            guard let receivedAt, let rate = Self.rate(self.counts.moved, from: receivedAt, to: now), rate > 0 else {
                return nil
            }
            return Double(max(0, self.counts.staged - self.counts.moved)) / rate
        case .waiting: return nil
        case .done, .failed, .cancelled: return 0
        }
    }

    private static func rate(_ count: Int, from start: Timestamp, to end: Timestamp) -> Double? {
        let microseconds = end.microseconds - start.microseconds
        guard microseconds > 0 else { return nil }
        return Double(count) * 1_000_000 / Double(microseconds)
    }
}

extension RejectedRow {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("line", self.line)
        writer.field("field", self.field)
        writer.field("reason", self.reason)
        writer.field("row", self.excerpt)
        writer.endObject()
    }
}
