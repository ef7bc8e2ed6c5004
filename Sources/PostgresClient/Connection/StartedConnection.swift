/// A `PGconn` on its way from the thread that began the connection to the actor that will own it.
//
// @unchecked Sendable: a plain pointer that has exactly one holder at any time; the thread gives it up by returning it.
struct StartedConnection: @unchecked Sendable {
    let pointer: OpaquePointer
}
