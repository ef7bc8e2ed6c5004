import AsteriskManager
import Telephony

/// One Asterisk server as the driver sees it.
package struct AsteriskServerConfiguration: Sendable {
    /// Unique within the service.
    package var name: String
    package var host: String
    package var port: Int
    package var username: String
    /// Never logged.
    package var secret: String
    /// MD5 unless told otherwise.
    package var authentication: AMIClientConfiguration.Authentication
    /// `nil` for plain TCP.
    package var tls: AMIClientConfiguration.TLS?
    package var limits: LineLimits
    /// Wrap-up per queue in seconds, for queues whose members have none of their own: AMI does not tell a queue's setting.
    package var queueWrapUp: [String: Int]
    /// For queues that ``queueWrapUp`` does not name.
    package var defaultWrapUp: Int
    /// Whether a member whose device state is unknown counts as idle, as Asterisk's own queues do.
    package var countsUnknownAsIdle: Bool
    /// How often the picture of calls and queues is checked against the server.
    package var resyncInterval: Duration
    /// How long the server may take to tell its calls and queues.
    package var resyncTimeout: Duration
    /// Events that may wait for the engine before the socket is read more slowly.
    package var eventCapacity: Int
    /// Timers and limits of the connection.
    package var tune: @Sendable (inout AMIClientConfiguration) -> Void

    package init(
        name: String,
        host: String,
        port: Int = 5038,
        username: String,
        secret: String,
        authentication: AMIClientConfiguration.Authentication = .md5,
        tls: AMIClientConfiguration.TLS? = nil,
        limits: LineLimits = LineLimits(),
        queueWrapUp: [String: Int] = [:],
        defaultWrapUp: Int = 0,
        countsUnknownAsIdle: Bool = false,
        resyncInterval: Duration = .seconds(30),
        resyncTimeout: Duration = .seconds(30),
        eventCapacity: Int = 16_384,
        tune: @escaping @Sendable (inout AMIClientConfiguration) -> Void = { _ in }
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.username = username
        self.secret = secret
        self.authentication = authentication
        self.tls = tls
        self.limits = limits
        self.queueWrapUp = queueWrapUp
        self.defaultWrapUp = defaultWrapUp
        self.countsUnknownAsIdle = countsUnknownAsIdle
        self.resyncInterval = resyncInterval
        self.resyncTimeout = resyncTimeout
        self.eventCapacity = eventCapacity
        self.tune = tune
    }

    /// The connection's configuration: only the classes and events the driver uses are asked for, which cuts what a call sends from
    /// about a hundred events to less than twenty.
    var client: AMIClientConfiguration {
        var client = AMIClientConfiguration(
            host: self.host,
            port: self.port,
            username: self.username,
            secret: self.secret,
            authentication: self.authentication,
            tls: self.tls,
            eventMask: "system,call,agent,dialplan",
            eventNames: [
                "FullyBooted", "Shutdown", "Newchannel", "Hangup", "DialBegin", "DialState", "DialEnd",
                "OriginateResponse",
                "QueueCaller", "QueueMember", "AgentC", "AgentRingNoAnswer", "ParkedCall",
            ],
            // What Asterisk's AMD found is told by these variables alone; of the class's other events none is wanted.
            eventExpressions: ["Variable: AMD(STATUS|CAUSE)"]
        )
        // One connection a second is nothing to an Asterisk; agents who wait for it to be tried again are dear.
        client.backoff.maximum = .seconds(1)
        self.tune(&client)
        return client
    }
}

extension AsteriskServerConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the secret.
    package var description: String { "\(self.name) (\(self.username)@\(self.host):\(self.port))" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: ["server": self.description]) }
}
