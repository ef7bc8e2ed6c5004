extension Dialing {
    /// Writes the dialing for the API: jade's columns in table order with the snapshots as objects, then ours.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        self.writeIdentity(to: &writer)
        writer.field("res_dial", self.dialResult)
        writer.field("res_dial_detail", self.dialResultDetail)
        writer.field("res_hangup", self.hangupCause)
        writer.field("res_hangup_detail", self.hangupCauseDetail)
        self.writeReferences(to: &writer)
        self.snapshot.writeFields(to: &writer)
        self.writeDialInfo(to: &writer)
        self.writeDialColumns(to: &writer)
        writer.field("tm_create", self.createdAt)
        writer.field("tm_delete", self.deletedAt)
        writer.field("tm_update", self.updatedAt)
        writer.field("name", self.name)
        writer.field("pbx", self.pbx)
        writer.endObject()
    }

    func writeReferences(to writer: inout JSONWriter) {
        writer.field("uuid_camp", self.campaign)
        writer.field("uuid_plan", self.plan)
        writer.field("uuid_dlma", self.dlma)
        writer.field("uuid_dest", self.destination)
        writer.field("uuid_dl_list", self.entry)
    }

    func writeDialColumns(to writer: inout JSONWriter) {
        writer.field("dial_channel", self.dialChannel)
        writer.field("dial_addr", self.dialAddress)
        writer.field("dial_index", self.dialIndex)
        writer.field("dial_trycnt", self.dialTry)
        writer.field("dial_timeout", self.dialTimeout)
        writer.field("dial_type", self.destinationKind.rawValue)
        writer.field("dial_context", self.context)
        writer.field("dial_exten", self.exten)
        writer.field("dial_priority", self.priority)
        writer.field("dial_application", self.application)
        writer.field("dial_data", self.data)
        writer.field("dial_variables", self.variables)
    }

    private func writeIdentity(to writer: inout JSONWriter) {
        writer.field("uuid", self.uuid)
        writer.field("status", self.status.rawValue)
        writer.field("action_id", self.actionID)
        writer.field("channel", self.channel)
    }

    /// jade's `info_dial`, without what the dialing's own columns say.
    private func writeDialInfo(to writer: inout JSONWriter) {
        writer.beginObject("info_dial")
        writer.field("dial_type", self.destinationKind.rawValue)
        writer.field("uuid", self.entry)
        writer.field("dial_channel", self.dialChannel)
        writer.field("dial_addr", self.dialAddress)
        writer.field("dial_index", self.dialIndex)
        writer.field("dial_trycnt", self.dialTry)
        writer.field("dial_timeout", self.dialTimeout)
        writer.field("channelid", self.uuid)
        if let callerID = self.callerID { writer.field("callerid", callerID) }
        writer.endObject()
    }
}
