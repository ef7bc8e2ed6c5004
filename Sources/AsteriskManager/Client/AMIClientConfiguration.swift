/// Where an Asterisk manager listens and how to behave there.
public struct AMIClientConfiguration: Sendable {
    /// How the secret is proved.
    public enum Authentication: Sendable, Hashable {
        /// The secret never crosses the wire: an MD5 of challenge and secret does.
        case md5
        /// The secret crosses the wire as it is; use it with TLS only.
        case plain
    }

    /// Encryption of the connection.
    public struct TLS: Sendable, Hashable {
        /// A PEM file of certificate authorities; `nil` means the system's.
        public var certificateAuthorityFile: String?
        /// `false` accepts any certificate: the line is encrypted but the server not known.
        public var verifiesCertificate: Bool
        /// The name the certificate must bear; `nil` means the host.
        public var serverName: String?

        public init(
            certificateAuthorityFile: String? = nil, verifiesCertificate: Bool = true, serverName: String? = nil
        ) {
            self.certificateAuthorityFile = certificateAuthorityFile
            self.verifiesCertificate = verifiesCertificate
            self.serverName = serverName
        }
    }

    public var host: String
    /// 5038 by Asterisk's default, 5039 with TLS.
    public var port: Int
    public var username: String
    /// Never logged.
    public var secret: String
    public var authentication: Authentication
    /// `nil` for plain TCP.
    public var tls: TLS?
    /// Event classes to receive (`system,call,agent`); `nil` leaves what the manager user may read.
    public var eventMask: String?
    /// Names of the only events wanted; empty for all. Needs `write = system`; a refusal is accepted.
    public var eventNames: [String]
    /// Regular expressions (POSIX extended) for more events, by any part of their text. Needs ``eventNames``, and is granted like it.
    public var eventExpressions: [String]
    public var decodingLimits = AMIDecodingLimits()
    public var connectTimeout = Duration.seconds(5)
    /// From the connection to the accepted login. Asterisk itself takes one second to refuse.
    public var loginTimeout = Duration.seconds(10)
    /// From the accepted login to a fully booted server.
    public var bootTimeout = Duration.seconds(300)
    /// How long ``AMIClient/send(_:timeout:)`` waits unless told otherwise.
    public var actionTimeout = Duration.seconds(10)
    /// Silence after which the server is pinged.
    public var pingInterval = Duration.seconds(5)
    /// Silence after a ping that means the connection is dead.
    public var pingTimeout = Duration.seconds(4)
    /// How often deadlines are looked at.
    public var tick = Duration.milliseconds(250)
    public var backoff = AMIBackoff()
    /// Items of one list answer.
    public var maxListItems = 100_000
    /// Actions that wait for an answer at once.
    public var maxPendingActions = 10_000

    public init(
        host: String,
        port: Int = 5038,
        username: String,
        secret: String,
        authentication: Authentication = .md5,
        tls: TLS? = nil,
        eventMask: String? = nil,
        eventNames: [String] = [],
        eventExpressions: [String] = []
    ) {
        self.host = host
        self.port = port
        self.username = username
        self.secret = secret
        self.authentication = authentication
        self.tls = tls
        self.eventMask = eventMask
        self.eventNames = eventNames
        self.eventExpressions = eventExpressions
    }
}

extension AMIClientConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the secret.
    public var description: String { "\(self.username)@\(self.host):\(self.port)\(self.tls == nil ? "" : " (TLS)")" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: ["server": self.description]) }
}
