import DialerModel
import PostgresClient

extension SQLState {
    /// As `hold_lease` raises it.
    static let leaseLost = SQLState(rawValue: "OL001")
    /// As `renew_leases` raises it.
    static let engineReplaced = SQLState(rawValue: "OL002")
}

extension StoreError {
    /// What a failure of the database means for the caller.
    ///
    /// Values the server cannot store are the sender's mistake, whatever let them through; a lost connection, a full disk, a
    /// standby that cannot write and a transaction that lost a race are the server's state; the rest is a mistake of this program.
    init(_ error: PostgresError) {
        switch error.code {
        case .connectionFailed, .notSent, .connectionLost, .commitOutcomeUnknown, .timeout, .poolExhausted, .closed,
            .cancelled:
            self = .unavailable(error)
        case .invalidParameter:
            self = .invalid(ValidationError(message: "a text cannot hold the character NUL"))
        default:
            self = error.isTransient ? .unavailable(error) : StoreError(refusal: error)
        }
    }

    private init(refusal error: PostgresError) {
        guard let state = error.sqlState else {
            self = .database(error)
            return
        }
        switch state {
        case .readOnlyTransaction, .insufficientResources, .operatorIntervention, .systemError:
            self = .unavailable(error)
        case .leaseLost:
            self = .leaseLost
        case .engineReplaced:
            self = .engineReplaced
        case .dataException:
            self = .invalid(Self.validation(error.column, "the database cannot store this value: \(error.message)"))
        case .checkViolation:
            self = .invalid(Self.validation(Self.field(of: error), "this value is not allowed"))
        case .notNullViolation:
            self = .invalid(Self.validation(error.column, "must not be null"))
        case .uniqueViolation where error.constraint?.hasSuffix("_pkey") == true:
            self = .invalid(Self.validation("uuid", "is in use already"))
        case .foreignKeyViolation:
            self = .invalid(Self.validation(Self.field(of: error), "names something that does not exist"))
        default:
            self = .database(error)
        }
    }

    /// Whether the transaction lost a race with another and may win when run again from its start.
    var isLostRace: Bool {
        guard case .unavailable(let error) = self else { return false }
        return error.sqlState?.stateClass == .transactionRollback
    }

    /// The column in a constraint's name: `plan_retry_delay_check` of table `plan`.
    private static func field(of error: PostgresError) -> String? {
        guard let constraint = error.constraint, let table = error.table, constraint.hasPrefix(table + "_") else {
            return nil
        }
        let rest = constraint.dropFirst(table.count + 1)
        for suffix in ["_check", "_fkey"] where rest.hasSuffix(suffix) {
            return String(rest.dropLast(suffix.count))
        }
        return nil
    }

    private static func validation(_ field: String?, _ problem: String) -> ValidationError {
        ValidationError(field: field, message: field.map { "\($0): \(problem)" } ?? problem)
    }
}
