/// Why a fault could not be injected or the stage did not come to rest.
struct StageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
