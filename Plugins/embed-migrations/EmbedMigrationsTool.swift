import Foundation

/// Writes one Swift file that holds every numbered migration, so that the binary carries its own schema.
///
/// Arguments: the output file, then the `.sql` files.
@main
struct EmbedMigrationsTool {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first else {
            FileHandle.standardError.write(Data("usage: embed-migrations OUTPUT FILE...\n".utf8))
            exit(64)
        }
        var source = "enum EmbeddedMigrations {\n    static let files: [(name: String, sql: String)] = [\n"
        for path in arguments.dropFirst().sorted() {
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let sql = try String(contentsOfFile: path, encoding: .utf8)
            source += "        (name: \"\(name)\", sql: ####\"\"\"\n\(sql)\n\"\"\"####),\n"
        }
        source += "    ]\n}\n"
        try source.write(toFile: output, atomically: true, encoding: .utf8)
    }
}
