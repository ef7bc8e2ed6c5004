extension CallFloorServer {
    /// How the floor shows itself on the network, and the world behind it.
    package struct Configuration: Sendable {
        package var world: FloorWorld.Configuration
        package var host: String
        /// 0 asks for any free port.
        package var port: Int
        package var username: String
        package var secret: String
        /// The classes the manager user may read and write.
        package var read: AMIClasses = .all
        package var write: AMIClasses = .all
        /// Floor seconds per second of the wall clock; 60 makes an hour pass in a minute. Timeouts a client sends and
        /// durations in events are floor seconds; times of day are the wall clock's.
        package var speed: Double = 1
        /// With a manual clock nothing happens by itself until `advance(by:)` is called.
        package var isClockManual = false
        /// Where to write one JSON line per originate and per call end; nil for nowhere.
        package var log: String?

        /// How long a refused login waits for its answer, in seconds of the wall clock.
        package var loginDelay: Double = 1
        /// Unauthenticated connections are closed after this many seconds of the wall clock.
        package var loginTimeout: Double = 30
        /// How many unauthenticated connections may be open at once.
        package var unauthenticatedLimit = 50
        /// A session that has this many bytes unread is dropped, as Asterisk drops it.
        package var backlogLimit = 3 << 20

        package init(
            world: FloorWorld.Configuration = .init(), host: String = "127.0.0.1", port: Int = 5038,
            username: String = "outpace", secret: String = "change-me"
        ) {
            self.world = world
            self.host = host
            self.port = port
            self.username = username
            self.secret = secret
        }
    }
}
