import DialerModel

extension ObjectSchema {
    /// The schemas of uploads.
    static let uploads = [
        ObjectSchema(
            answer: "Upload", "A file of contacts on its way into a list.",
            [
                SchemaProperty("uuid", .string, format: "uuid", "Names it in /uploads."),
                SchemaProperty("dlma_uuid", .string, format: "uuid", "The list."),
                SchemaProperty("name", .string, nullable: true, "The file's name."),
                SchemaProperty("status", .string, "receiving, waiting, loading, done, failed or cancelled."),
                SchemaProperty("dry_run", .boolean),
                SchemaProperty("on_error", .string, "skip or abort."),
                SchemaProperty(
                    "duplicates", .string, nullable: true, "skip, update or error; null: none are looked for."),
                SchemaProperty("duplicate_key", .string, nullable: true, "ukey or number."),
                SchemaProperty("duplicate_scope", .string, nullable: true, "file, list or all."),
                SchemaProperty(
                    "bytes_total", .integer, nullable: true, "The body's size, where it was said beforehand."),
                SchemaProperty("bytes_read", .integer, "How much of it was read."),
                SchemaProperty("rows_read", .integer, "Rows read, the header line not counted."),
                SchemaProperty("rows_loaded", .integer, "New contacts; 0 until all of them are there."),
                SchemaProperty("rows_updated", .integer, "Contacts that were there and were changed."),
                SchemaProperty("rows_duplicate", .integer, "Rows passed over as duplicates."),
                SchemaProperty("rows_rejected", .integer, "Rows refused."),
                SchemaProperty("rows_per_second", .number, nullable: true, "The speed of what goes on."),
                SchemaProperty("seconds_left", .number, nullable: true, "An estimate; null when it cannot be told."),
                SchemaProperty("message", .string, nullable: true, "Why it failed, or what there is to know."),
                SchemaProperty("rejects", .array(of: "RejectedRow")),
                SchemaProperty("tm_create", .string, format: "date-time", "When it began."),
                SchemaProperty(
                    "tm_received", .string, nullable: true, format: "date-time", "When the file was complete."),
                SchemaProperty("tm_end", .string, nullable: true, format: "date-time", "When it ended."),
            ]
        ),
        ObjectSchema(
            answer: "RejectedRow", "A row that was refused.",
            [
                SchemaProperty("line", .integer, "The line it begins on, from 1."),
                SchemaProperty("field", .string, nullable: true, "The field at fault; null: the row as a whole."),
                SchemaProperty("reason", .string, "What is wrong."),
                SchemaProperty("row", .string, "The row's beginning."),
            ]
        ),
    ]
}
