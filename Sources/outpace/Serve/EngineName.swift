import Foundation

/// What this engine is called among those that share its database.
///
/// Unless it is configured, the first start makes it of the machine's name and the REST port, and leaves it in the data folder: whatever
/// changes later, the results of one engine go to one file.
struct EngineName {
    var configured: String
    var dataDirectory: String
    var port: Int

    init(_ configuration: ServiceConfiguration) {
        self.configured = configuration.engine.name
        self.dataDirectory = configuration.dataDirectory
        self.port = configuration.http.port
    }

    /// Whether a name can be told from others in logs and messages: 1 to 100 bytes, no spaces, no control characters.
    static func isValid(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && name.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    }

    /// The name, from now on.
    ///
    /// - Throws: when the data folder cannot be written.
    func resolve() throws -> String {
        guard self.configured.isEmpty else { return self.configured }
        let file = self.dataDirectory + "/engine_name"
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            let kept = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if Self.isValid(kept) { return kept }
        }
        let host = ProcessInfo.processInfo.hostName
        let name = "\(Self.isValid(host) ? String(host.prefix(90)) : "localhost"):\(self.port)"
        do {
            try FileManager.default.createDirectory(atPath: self.dataDirectory, withIntermediateDirectories: true)
            try (name + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                key: "data_dir", message: "the engine's name cannot be kept in \(file): \(error.localizedDescription)")
        }
        return name
    }
}
