/// What becomes of a row of a staging table.
enum StagedVerdict: Int {
    case insert = 0
    /// Another row or a contact is the same, and this row is dropped or refused.
    case duplicate
    /// It changes the contact it found.
    case update
    /// It has changed it.
    case updated
}
