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
    /// The queue an extension ends in; ignored for an application.
    package var queue: String?
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }

    /// The name of the queue that takes the calls: of the application Queue (compared without case) the data up to the first comma,
    /// of an extension its `queue`. Nil when there is none, empty when the application lacks it.
    package var queueName: String? {
        switch self.kind {
        case .extension: return self.queue.flatMap { $0.isEmpty ? nil : $0 }
        case .application:
            guard self.application?.lowercased() == "queue" else { return nil }
            return String(self.data?.prefix { $0 != "," } ?? "")
        }
    }
}
