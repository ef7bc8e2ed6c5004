/// Who hears what an ``AMIClient`` receives.
///
/// The client calls one function at a time, from the task that reads the socket: as long as a call has not returned nothing more is
/// read, so that a slow handler slows the server down instead of filling memory. A call must therefore never wait for an answer of the
/// same client; ``AMIClient/post(_:actionID:)`` is fine, its answer arrives here.
public protocol AMIClientHandler: Sendable {
    /// Logged in and fully booted: actions work from here on.
    func clientDidBecomeReady() async

    /// Everything that was not an answer to ``AMIClient/send(_:timeout:)``, in the order the server sent it: events, and the answers
    /// and list items of posted actions.
    func clientDidReceive(_ messages: [AMIMessage]) async

    /// The connection that was ready is gone; the client will connect again.
    func clientDidDisconnect(_ error: AMIError) async
}
