/// A five-character error code of the SQL standard, as PostgreSQL sends it with every error
/// (PostgreSQL documentation, appendix A).
public struct SQLState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    /// The first two characters: the kind of error.
    public struct Class: RawRepresentable, Sendable, Hashable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let connectionException = Class(rawValue: "08")
        public static let dataException = Class(rawValue: "22")
        public static let integrityConstraintViolation = Class(rawValue: "23")
        public static let invalidTransactionState = Class(rawValue: "25")
        public static let invalidAuthorization = Class(rawValue: "28")
        public static let invalidCatalogName = Class(rawValue: "3D")
        public static let transactionRollback = Class(rawValue: "40")
        public static let syntaxErrorOrAccessRuleViolation = Class(rawValue: "42")
        public static let insufficientResources = Class(rawValue: "53")
        public static let objectNotInPrerequisiteState = Class(rawValue: "55")
        public static let operatorIntervention = Class(rawValue: "57")
        public static let systemError = Class(rawValue: "58")
        public static let internalError = Class(rawValue: "XX")
    }

    /// The class this state belongs to.
    public var stateClass: Class { Class(rawValue: String(rawValue.prefix(2))) }

    /// `case .integrityConstraintViolation` matches every state of that class.
    public static func ~= (pattern: Class, state: SQLState) -> Bool { state.stateClass == pattern }

    public static let featureNotSupported = SQLState(rawValue: "0A000")
    public static let stringDataRightTruncation = SQLState(rawValue: "22001")
    public static let numericValueOutOfRange = SQLState(rawValue: "22003")
    public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    public static let badCopyFileFormat = SQLState(rawValue: "22P04")
    public static let divisionByZero = SQLState(rawValue: "22012")
    public static let notNullViolation = SQLState(rawValue: "23502")
    public static let foreignKeyViolation = SQLState(rawValue: "23503")
    public static let uniqueViolation = SQLState(rawValue: "23505")
    public static let checkViolation = SQLState(rawValue: "23514")
    public static let exclusionViolation = SQLState(rawValue: "23P01")
    public static let activeTransaction = SQLState(rawValue: "25001")
    public static let readOnlyTransaction = SQLState(rawValue: "25006")
    public static let inFailedTransaction = SQLState(rawValue: "25P02")
    public static let invalidStatementName = SQLState(rawValue: "26000")
    public static let invalidPassword = SQLState(rawValue: "28P01")
    public static let invalidAuthorization = SQLState(rawValue: "28000")
    public static let invalidCatalogName = SQLState(rawValue: "3D000")
    public static let serializationFailure = SQLState(rawValue: "40001")
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    public static let syntaxError = SQLState(rawValue: "42601")
    public static let undefinedColumn = SQLState(rawValue: "42703")
    public static let undefinedTable = SQLState(rawValue: "42P01")
    public static let duplicateTable = SQLState(rawValue: "42P07")
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    public static let diskFull = SQLState(rawValue: "53100")
    public static let outOfMemory = SQLState(rawValue: "53200")
    public static let tooManyConnections = SQLState(rawValue: "53300")
    public static let objectInUse = SQLState(rawValue: "55006")
    public static let lockNotAvailable = SQLState(rawValue: "55P03")
    public static let queryCanceled = SQLState(rawValue: "57014")
    public static let adminShutdown = SQLState(rawValue: "57P01")
    public static let crashShutdown = SQLState(rawValue: "57P02")
    public static let cannotConnectNow = SQLState(rawValue: "57P03")
}
