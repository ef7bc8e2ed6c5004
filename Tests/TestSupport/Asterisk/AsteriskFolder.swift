import Foundation

/// The Debian folder with a real Asterisk in it, made by `scripts/asterisk-folder`.
///
/// It is `.asterisk` at the root of the repository, or what `ASTERISK_FOLDER` names.
package struct AsteriskFolder: Sendable {
    /// The root of the Debian in it: what Asterisk sees as `/`.
    package let root: URL

    /// As `asterisk -V` says it, for example `Asterisk 22.10.1+dfsg`.
    package let version: String

    /// 22, 16 …
    package let majorVersion: Int

    /// Where its modules lie, as a path inside the root: Debian has moved them.
    let modules: String

    /// The root of the repository, which holds the folder and the floor's configuration.
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder in place.
    ///
    /// - Throws: ``AsteriskServerError/noFolder(path:)`` when it was not made, or was left half-made.
    package static func find() throws(AsteriskServerError) -> AsteriskFolder {
        let folder =
            ProcessInfo.processInfo.environment["ASTERISK_FOLDER"].map { URL(filePath: $0) }
            ?? repository.appending(path: ".asterisk")
        let root = folder.appending(path: "root")
        guard
            let stamp = try? String(contentsOf: folder.appending(path: "complete"), encoding: .utf8),
            let version = stamp.split(whereSeparator: \.isNewline).first,
            let major = version.split(separator: " ").last?.prefix(while: \.isNumber), let majorVersion = Int(major),
            let modules = [
                "/usr/lib/x86_64-linux-gnu/asterisk/modules", "/usr/lib/aarch64-linux-gnu/asterisk/modules",
                "/usr/lib/asterisk/modules",
            ].first(where: {
                FileManager.default.fileExists(atPath: root.path + $0 + "/app_queue.so")
            })
        else {
            throw .noFolder(path: folder.path)
        }
        return AsteriskFolder(root: root, version: String(version), majorVersion: majorVersion, modules: modules)
    }
}
