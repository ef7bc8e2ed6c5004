/// Where the database is and how it is used.
public struct PostgresConfiguration: Sendable {
    /// Any libpq connection string or URL: several hosts, unix sockets and all TLS options included. Empty means
    /// libpq's own defaults and environment variables.
    public var url: String
    /// Connections in the pool, 1 or more; `listen` uses one more while anybody listens.
    public var maximumConnections = 8
    /// Connections that ``PostgresClient/run()`` keeps open without work, 0 to `maximumConnections`.
    public var minimumConnections = 1
    /// The server ends a statement after this time; the client gives up on the connection a little later. Zero: no limit.
    public var statementTimeout: Duration = .seconds(30)
    /// For one attempt to connect, name look-up included.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a caller waits for a connection before it gets ``PostgresError/Code/poolExhausted``, or
    /// ``PostgresError/Code/connectionFailed`` if there was none to be had.
    public var acquireTimeout: Duration = .seconds(15)
    /// Callers that may wait at once; more are refused.
    public var maximumWaiters = 100_000
    /// Shown in `pg_stat_activity` unless the URL names one.
    public var applicationName = "outpace"
    /// Prepared statements kept per connection; 0 prepares none (for poolers that can't).
    public var statementCacheCapacity = 256
    /// How often idle connections are looked after.
    public var healthCheckInterval: Duration = .seconds(5)
    /// An idle connection above the minimum is closed after this time.
    public var idleTimeout: Duration = .seconds(300)
    /// Time between attempts to reconnect: doubles from the first to the last, each shortened at random by up to half.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)
    /// How long ``PostgresClient/close()`` lets work in progress finish.
    public var shutdownGrace: Duration = .seconds(5)
    /// Where the URL names several servers: how long one may be silent before it is asked whether it still takes connections, and
    /// how long it may take to answer that. If it doesn't, the connection is given up and another server sought.
    public var silenceLimit: Duration = .seconds(3)
    /// What the client adds to `statementTimeout` before it gives a silent connection up.
    var deadlineGrace: Duration = .seconds(5)

    public init(url: String) {
        self.url = url
    }
}
