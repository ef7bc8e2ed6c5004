import DialerModel

extension Destination: StoredResource {
    static let table = "destination"

    static let columns: [StoredColumn<Destination>] =
        [
            .uuid("uuid", \.uuid),
            .text("name", \.name),
            .text("detail", \.detail),
            .boolean("in_use", \.inUse),
            .enumeration("type", \.kind),
            .text("context", \.context),
            .text("exten", \.exten),
            .text("priority", \.priority),
            .text("application", \.application),
            .text("data", \.data),
            .variables("variables", \.variables),
            .text("queue", \.queue),
        ] + Self.timeColumns
}
