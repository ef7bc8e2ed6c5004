/// Where an upload stands.
package enum UploadStatus: Int, Sendable, Hashable, CaseIterable {
    /// The file is being read.
    case receiving = 0
    /// The file is read; the rows wait to be loaded.
    case waiting
    /// The rows are being moved into the list.
    case loading
    case done
    /// Nothing was loaded.
    case failed
    /// Nothing was loaded, because somebody said so.
    case cancelled

    package var word: String { "\(self)" }

    /// Whether nothing more will happen.
    package var isOver: Bool { self.rawValue >= Self.done.rawValue }
}
