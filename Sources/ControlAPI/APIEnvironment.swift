import DialerEngine
import DialerModel
import DialerStore
import Logging

/// What every handler works with.
struct APIEnvironment: Sendable {
    let store: DialerStore
    let engine: any EngineControl
    let configuration: ControlAPIConfiguration
    let envelope: Envelope
    /// The wall clock.
    let now: @Sendable () -> Timestamp
    let logger: Logger

    init(
        store: DialerStore,
        engine: any EngineControl,
        configuration: ControlAPIConfiguration,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.engine = engine
        self.configuration = configuration
        self.envelope = Envelope(now: now)
        self.now = now
        self.logger = logger
    }
}
