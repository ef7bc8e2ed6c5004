import Glibc

/// Why the results file or the spool could not be used. Of the results file nothing is lost: the rows stay in PostgreSQL.
struct ResultsFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried: `open`, `write`, `fsync`…
    var operation: String
    var path: String
    /// The system's error number.
    var errno: Int32

    /// Words for an operator.
    var description: String {
        "cannot \(self.operation) \(self.path): \(self.isInUse ? "another program has it" : Self.text(of: self.errno))"
    }

    /// Another process holds the file's lock.
    var isInUse: Bool { self.operation == "lock" && self.errno == EWOULDBLOCK }

    private static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
