import DialerModel
import DialerStore

/// Why the engine could not do what it was asked.
package enum EngineError: Error, Sendable {
    /// No such call, contact or campaign here.
    case notFound
    /// The campaign is not in a state that allows it; the text says why and what to do.
    case wrongState(String)
    /// The PBX that carries the call cannot be reached.
    case pbxUnavailable(name: String)
    /// A ceiling of calls in progress or calls a second is reached; try again shortly.
    case atCapacity
    /// The engine that works for it was asked and did not answer; whether it did what it was asked is not known.
    case engineSilent(name: String)
    case store(StoreError)
}
