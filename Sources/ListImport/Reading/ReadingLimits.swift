/// What a file may hold. Everything that grows while a file is read ends at one of these.
package struct ReadingLimits: Sendable, Hashable {
    /// The longest field in bytes.
    package var fieldBytes = 65_536
    /// The longest record in bytes, quotes and separators not counted.
    package var recordBytes = 262_144
    /// The most columns of a record.
    package var columns = 256

    package init() {}
}
