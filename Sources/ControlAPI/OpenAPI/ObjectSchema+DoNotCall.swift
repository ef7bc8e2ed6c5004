import DialerModel
import ListImport

extension ObjectSchema {
    /// The schemas of the do-not-call list.
    static let doNotCall = [
        ObjectSchema(
            answer: "DoNotCallEntry", "A number that is not dialed.",
            [
                SchemaProperty("number", .string, "As it is dialed: in international form, or as a list gives it."),
                SchemaProperty("reason", .string, nullable: true, "Why, in words."),
                SchemaProperty(
                    "expire", .string, nullable: true, format: "date-time",
                    "From when it may be dialed again; null: never."),
                SchemaProperty("tm_create", .string, format: "date-time", "When it was added."),
                SchemaProperty(
                    "tm_update", .string, nullable: true, format: "date-time", "When it was last added again."),
            ]
        ),
        ObjectSchema(
            request: "NewDoNotCallEntry", "What puts a number on the list, or replaces what it says of it.",
            [
                SchemaProperty("number", .string, "A national number needs a region."),
                SchemaProperty("reason", .string, nullable: true, "Why, in up to 255 characters."),
                SchemaProperty(
                    "expire", .string, nullable: true,
                    "From when it may be dialed again: a time, or a day for its beginning in UTC; null: never."),
                SchemaProperty(
                    "region", .string, nullable: true, "Whose national number it is: a country's code like DE."),
            ],
            required: ["number"]
        ),
        ObjectSchema(
            answer: "DoNotCallUpload", "What became of a file of numbers.",
            [
                SchemaProperty("rows_read", .integer, "Rows read, the header line not counted."),
                SchemaProperty("rows_added", .integer, "Numbers that were not on the list."),
                SchemaProperty("rows_updated", .integer, "Numbers that were, and what it says of them was replaced."),
                SchemaProperty("rows_duplicate", .integer, "Rows whose number comes again close behind."),
                SchemaProperty("rows_rejected", .integer, "Rows refused."),
                SchemaProperty("rejects", .array(of: "RejectedRow")),
            ]
        ),
    ]
}
