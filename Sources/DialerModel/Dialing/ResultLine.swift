/// One line of the results file: what reporting reads about a finished dialing.
///
/// jade's keys in jade's order first (its readers find everything where it was), then ours.
package struct ResultLine: Sendable, Hashable {
    package var dialing: Dialing
    package var result: DialingResult

    package init(dialing: Dialing, result: DialingResult) {
        self.dialing = dialing
        self.result = result
    }

    /// Writes the object, without a newline: no value can hold one, JSON escapes them.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("uuid", self.dialing.uuid)
        writer.field("name", self.dialing.name)
        writer.field("status", self.result.status.rawValue)
        writer.field("action_id", self.dialing.actionID)
        writer.field("channel", self.result.channel ?? self.dialing.channel)
        writer.field("res_dial", self.result.dialResult)
        writer.field("res_dial_detail", self.result.dialResultDetail)
        writer.field("res_hangup", self.result.hangupCause)
        writer.field("res_hangup_detail", self.result.hangupCauseDetail)
        self.dialing.writeReferences(to: &writer)
        self.dialing.writeDialColumns(to: &writer)
        writer.field("tm_create", self.dialing.createdAt)
        writer.field("tm_delete", self.dialing.deletedAt)
        // jade's tm_update of a finished dialing is the time of its last event, the hang-up.
        writer.field("tm_update", self.result.endedAt)
        self.writeOurs(to: &writer)
        writer.endObject()
    }

    /// The line's bytes, without a newline.
    package var bytes: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 1536)
        self.write(to: &writer)
        return writer.bytes
    }

    private func writeOurs(to writer: inout JSONWriter) {
        writer.field("answered", self.result.isAnswered)
        writer.field("abandoned", self.result.isAbandoned)
        writer.field("agent", self.result.agent)
        writer.field("queue", self.result.queue)
        writer.field("wait_seconds", self.result.waitSeconds)
        writer.field("talk_seconds", self.result.talkSeconds)
        writer.field("pbx", self.dialing.pbx)
        writer.field("tm_dial_begin", self.result.dialBeginAt)
        writer.field("tm_answer", self.result.answeredAt)
        writer.field("tm_queue", self.result.queuedAt)
        writer.field("tm_agent", self.result.agentConnectedAt)
        writer.field("tm_end", self.result.endedAt)
        writer.field("live", self.result.outcome?.isLive ?? false)
        writer.field("machine", self.result.outcome == .machine)
        writer.field("amd_status", self.result.machineStatus)
        writer.field("amd_cause", self.result.machineCause)
        writer.field("diverted_to", self.result.divertedTo)
    }
}
