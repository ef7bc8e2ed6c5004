import DialerEngine
import HTTPTypes

extension APIError {
    /// What a client may know of an engine's refusal. `subject` is what was asked for, in words.
    init(_ error: EngineError, subject: String) {
        switch error {
        case .notFound:
            self = .notFound("there is no \(subject)")
        case .wrongState(let explanation):
            self = .conflict(explanation)
        case .pbxUnavailable(let name):
            self = .unavailable("the PBX \(name) cannot be reached at the moment; try again", retryAfter: 5)
        case .atCapacity:
            self = .unavailable(
                "a limit of calls in progress or calls a second is reached; try again shortly", retryAfter: 1)
        case .engineSilent(let name):
            self = .unavailable(
                "the engine \(name), whose work this is, does not answer; look whether it was done, or try again",
                retryAfter: 2)
        case .store(let error):
            self.init(error)
        }
    }
}
