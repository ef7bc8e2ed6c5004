/// Why the configuration cannot be used. The text names the key, where it was read, and the fix.
struct ConfigurationError: Error, CustomStringConvertible {
    /// The key as written in the file (`http.port`), or the file's path.
    var key: String
    var message: String

    var description: String { "\(self.key): \(self.message)" }
}
