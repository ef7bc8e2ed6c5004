import struct Foundation.UUID

extension Field where R: Resource {
    static func uuid() -> Self {
        Field("uuid", .uuid, .uuid(), access: .readOnly, "The resource's id, made by the server.")
    }

    static func inUse() -> Self {
        Field("in_use", .inUse, .flag(), access: .readOnly, "1, or 0 after deletion.")
    }

    /// `tm_create`, `tm_delete`, `tm_update`.
    static func times() -> [Self] {
        [
            Field(
                "tm_create", .createdAt, .optional(.timestamp()), access: .readOnly,
                "When the resource was created, UTC."
            ),
            Field("tm_delete", .deletedAt, .optional(.timestamp()), access: .readOnly, "When it was deleted, UTC."),
            Field(
                "tm_update", .updatedAt, .optional(.timestamp()), access: .readOnly, "When it last changed, UTC."
            ),
        ]
    }
}
