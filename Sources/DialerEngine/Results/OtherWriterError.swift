/// Another service writes a file this one is to write. The text says which, and the way out.
package enum OtherWriterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The results file, by its path.
    case resultsFile(String)
    /// The folder of the results kept on the disk.
    case spool(String)

    package var description: String {
        switch self {
        case .resultsFile(let path):
            "another service writes \(path): stop it, or give this one a results.file of its own"
        case .spool(let folder):
            "another service uses \(folder): stop it, or give this one a data_dir of its own"
        }
    }
}
