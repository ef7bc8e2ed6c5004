/// Why an ``EventLoop`` could not be started.
public struct EventLoopError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public var operation: String
    /// The C library's `errno`, 0 where there is none.
    public var errorNumber: CInt

    public var description: String {
        "event loop: \(operation) failed (errno \(errorNumber)); check the limit of open files and threads"
    }
}
