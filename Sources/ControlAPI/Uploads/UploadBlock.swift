import DialerModel
import DialerStore
import ListImport

/// Rows of an upload that follow one another, and what cleaning them needs.
struct UploadBlock: Sendable {
    let rows: ListBlock
    /// The first contact's; the next ones have the next.
    let key: ContactKey
    /// Bytes of the body up to the block's end.
    let bytesRead: Int

    /// The rows for the staging table. Takes some ten milliseconds.
    func cleaned(for upload: Upload) -> StagedRows {
        var staged = StagedRows()
        var key = self.key
        self.rows.clean(
            accept: { row in
                staged.append(row, key)
                key.advance()
            },
            reject: { staged.append($0, of: upload) }
        )
        return staged
    }
}
