import EventLoop
import Logging

extension ConnectionChannel {
    /// Opens a connection to the first of the URL's hosts that gives one: name look-up on a thread for blocking calls,
    /// the rest on the event loop.
    ///
    /// A `connect_timeout` in the URL is each address's own. Without it the configuration's time-out is for all together. A
    /// silent host has a second's start on the next one, so that it can't hide the rest; as long as it may still answer the
    /// others are asked again, for one of them may be promoted meanwhile.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed``, ``PostgresError/Code/invalidConfiguration`` or
    ///   ``PostgresError/Code/cancelled``.
    static func open(
        id: UInt64, configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger,
        onClosed: @escaping @Sendable (PostgresError) -> Void
    ) async throws(PostgresError) -> ConnectionChannel {
        let parameters = try ConnectionParameters(configuration: configuration)
        let hosts = parameters.servers().flatMap { $0.hosts() }
        let opening = ConnectionOpening(
            id: id, configuration: configuration, eventLoop: eventLoop, logger: logger,
            hasAlternatives: parameters.hosts().count > 1,
            onClosed: onClosed)
        return try await ConnectionRace(hosts: hosts, within: configuration.connectTimeout, opening).run()
    }
}
