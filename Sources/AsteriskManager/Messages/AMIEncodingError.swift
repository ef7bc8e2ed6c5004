/// A header that may not go on the wire. Nothing of its message was written.
public enum AMIEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The value holds CR, LF or NUL: it would end the header and start another.
    case forbiddenCharacter(header: String)
    /// The name is empty, or holds anything but letters, digits, `-`, `_`, `.`, `(` and `)`.
    case invalidName
    /// The line has more bytes than Asterisk reads in one piece.
    case lineTooLong(header: String, bytes: Int, limit: Int)
    /// The message has more lines than Asterisk takes.
    case tooManyHeaders(count: Int, limit: Int)

    /// The header at fault, where there is one.
    public var header: String? {
        switch self {
        case .forbiddenCharacter(let header), .lineTooLong(let header, _, _): header
        case .invalidName, .tooManyHeaders: nil
        }
    }

    /// Never holds a value: it could be a secret.
    public var description: String {
        switch self {
        case .forbiddenCharacter(let header): "\(header): carriage return, line feed and NUL are not allowed"
        case .invalidName: "a header name may hold letters, digits and -_.() only"
        case .lineTooLong(let header, let bytes, let limit):
            "\(header): the line has \(bytes) bytes, \(limit) are allowed; shorten the value"
        case .tooManyHeaders(let count, let limit): "\(count) header lines, \(limit) are allowed"
        }
    }
}
