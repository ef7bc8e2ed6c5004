import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Why the store refused or failed.
package enum StoreError: Error, Sendable {
    /// Nothing in use has this uuid.
    case notFound(ResourceKind, UUID)
    /// Others refer to it, so it cannot be deleted without force; some of them are named.
    case referenced(ResourceKind, UUID, by: [Reference])
    /// A field names a resource that does not exist or is deleted.
    case danglingReference(field: String, ResourceKind, UUID)
    /// Another job of the list, of this kind, is not over.
    case jobInProgress(String, list: UUID, job: UUID)
    /// A value cannot be stored; the text names the field and says what would be right.
    case invalid(ValidationError)
    /// Somebody asked for the work to be stopped, and it was undone.
    case cancelled
    /// Another engine works for the campaign: nothing was claimed.
    case leaseLost
    /// Another engine has started under this one's name.
    case engineReplaced
    /// The database cannot be reached or cannot work now; the same call may succeed later.
    case unavailable(PostgresError)
    /// The database refused a statement: a mistake of the program.
    case database(PostgresError)
    /// The database was written by a newer program.
    case newerSchema(found: Int, known: Int)
    /// The database does not fit this program: a migration that was applied has another text, or the encoding is not UTF-8.
    case incompatibleSchema(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let kind, let uuid):
            "no \(kind.rawValue) \(uuid.wire)"
        case .referenced(let kind, let uuid, let references):
            "\(kind.rawValue) \(uuid.wire) is referred to by "
                + references.map { "\($0.kind.rawValue) \($0.uuid.wire)" }.joined(separator: ", ")
        case .danglingReference(let field, let kind, let uuid):
            "\(field): there is no \(kind.rawValue) \(uuid.wire)"
        case .jobInProgress(let kind, let list, let job):
            "dlma \(list.wire) has the \(kind) job \(job.wire) in progress"
        case .invalid(let error):
            error.message
        case .cancelled:
            "cancelled on request"
        case .leaseLost:
            "another engine works for the campaign"
        case .engineReplaced:
            "another engine has started under this one's name"
        case .unavailable(let error):
            "the database is unavailable: \(error)"
        case .database(let error):
            "the database refused: \(error)"
        case .newerSchema(let found, let known):
            "the database has schema version \(found), this program knows \(known): start a newer program, "
                + "or restore a backup made before the upgrade"
        case .incompatibleSchema(let reason):
            reason
        }
    }
}
