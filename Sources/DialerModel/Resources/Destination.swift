import struct Foundation.UUID

/// Who takes the call after the customer answers.
package struct Destination: Sendable, Hashable {
    /// The wire value of `type`.
    package enum Kind: Int, Sendable, Hashable, CaseIterable {
        /// The call goes to `context`, `exten`, `priority` of the dialplan.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case `extension` = 0
        /// The call runs `application` with `data`.
        case application = 1
    }

    package var uuid: UUID
    package var name: String?
    package var detail: String?
    package var inUse = true
    package var kind = Kind.extension
    package var context: String?
    package var exten: String?
    /// A dialplan priority; text on the wire, "1" when null.
    package var priority: String?
    package var application: String?
    package var data: String?
    package var variables = JSONValue.null
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }
}
