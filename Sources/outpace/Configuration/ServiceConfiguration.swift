/// Everything `outpace serve` can be told. Keys, defaults and ranges are in ``ServiceConfiguration/load(from:)`` and the README's table.
struct ServiceConfiguration: Sendable {
    var http = HTTP()
    var engine = Engine()
    var database = Database()
    /// Where the service keeps its private PostgreSQL, results PostgreSQL does not take and, by default, the results file.
    var dataDirectory = "var"
    var asterisk: [Asterisk] = []
    var trunks: [Trunk] = []
    var results = Results()
    var dialing = Dialing()
    var log = Log()

    /// The REST surface.
    struct HTTP: Sendable {
        var host = "127.0.0.1"
        /// 0 picks a free port and says which.
        var port = 8081
        var maximumBodyBytes = 1_048_576
        var requestTimeout: Duration = .seconds(30)
    }

    /// What tells it from others that share its database.
    struct Engine: Sendable {
        /// Empty: see ``EngineName``.
        var name = ""
    }

    /// PostgreSQL.
    struct Database: Sendable {
        /// A libpq URL or connection string; empty: a private PostgreSQL under ``ServiceConfiguration/dataDirectory``.
        var url = ""
        var maximumConnections = 8
        var statementTimeout: Duration = .seconds(30)
        var connectTimeout: Duration = .seconds(10)
    }

    /// One Asterisk.
    struct Asterisk: Sendable {
        var name = "pbx1"
        var host = "127.0.0.1"
        var port = 5038
        var username = "outpace"
        var secret = "change-me"
        var maximumCalls = 200
        var maximumCallsPerSecond = 20.0
        /// Its part of the calls that may go by any Asterisk.
        var weight = 1
        /// Events that may wait for the engine before the socket is read more slowly.
        var eventBuffer = 16_384
        var usesTLS = false
        var tlsCertificateAuthorities = ""
        var verifiesTLS = true
        /// Wrap-up seconds of queues whose members have none of their own: AMI does not tell a queue's own value.
        var queueWrapup: [String: Int] = [:]
    }

    /// One trunk with limits of its own.
    struct Trunk: Sendable {
        /// A plan's `trunk_name`.
        var name = ""
        /// The Asterisk its calls go by; empty for any.
        var asterisk = ""
        /// nil: no ceiling but the Asterisks'.
        var maximumCalls: Int?
        /// nil: no ceiling but the Asterisks'.
        var maximumCallsPerSecond: Double?
    }

    /// The results file.
    struct Results: Sendable {
        var file = "var/outbound_result.json"
    }

    /// How calls are made, over all campaigns.
    struct Dialing: Sendable {
        var defaultTechnology = "PJSIP"
        /// How long a contact stays reserved for a preview.
        var previewReservation: Duration = .seconds(600)
        /// Calls in progress and results not written, together, above which no call is placed.
        var maximumOpenCalls = 20_000
        /// So many congestions in a row drain a line.
        var congestionRow = 10
        /// How long a line is drained at first, and at most.
        var congestionPause: Duration = .seconds(5)
        var congestionLongestPause: Duration = .seconds(300)
    }

    /// The service's own log, on standard error.
    struct Log: Sendable {
        var level = "info"
    }
}
