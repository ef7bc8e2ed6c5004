import OrderedCollections

extension Dialing.Snapshot {
    /// Writes `info_camp`, `info_plan`, `info_dlma`, `info_dest` and `info_dl_list` into an open object.
    package func writeFields(to writer: inout JSONWriter) {
        writer.key("info_camp")
        self.campaign.write(to: &writer)
        writer.key("info_plan")
        self.plan.write(to: &writer)
        writer.key("info_dlma")
        self.dlma.write(to: &writer)
        writer.key("info_dest")
        self.destination.write(to: &writer)
        writer.key("info_dl_list")
        self.entry.write(to: &writer)
    }

    /// The five resources as one object, for storage.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        self.writeFields(to: &writer)
        writer.endObject()
    }

    /// Reads back what ``write(to:)`` wrote.
    ///
    /// - Throws: ``ValidationError`` naming the resource and the field at fault.
    package init(json: JSONValue) throws(ValidationError) {
        func part<R: Resource>(_ name: String, _: R.Type) throws(ValidationError) -> R {
            do throws(ValidationError) {
                return try R(json: json[name] ?? .null)
            } catch {
                throw ValidationError(field: name, message: "\(name): \(error.message)")
            }
        }
        self.init(
            campaign: try part("info_camp", Campaign.self),
            plan: try part("info_plan", Plan.self),
            dlma: try part("info_dlma", DialListMaster.self),
            destination: try part("info_dest", Destination.self),
            entry: try part("info_dl_list", DialListEntry.self)
        )
    }
}
