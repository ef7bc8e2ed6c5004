/// The peer sent what cannot be an AMI message. The connection cannot be used any more.
public enum AMIDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A message grew beyond ``AMIDecodingLimits/maxMessageBytes``.
    case messageTooLong(limit: Int)
    /// A line grew beyond ``AMIDecodingLimits/maxLineBytes``.
    case lineTooLong(limit: Int)
    /// A message has more lines than ``AMIDecodingLimits/maxHeaders``.
    case tooManyHeaders(limit: Int)

    public var description: String {
        switch self {
        case .messageTooLong(let limit): "AMI message longer than \(limit) bytes"
        case .lineTooLong(let limit): "AMI line longer than \(limit) bytes"
        case .tooManyHeaders(let limit): "AMI message with more than \(limit) headers"
        }
    }
}
