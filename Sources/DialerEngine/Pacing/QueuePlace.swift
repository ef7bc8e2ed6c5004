/// A queue at one PBX.
struct QueuePlace: Sendable, Hashable {
    var queue: String
    var pbx: String
}
