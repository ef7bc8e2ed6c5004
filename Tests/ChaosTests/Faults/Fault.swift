/// A way something breaks in the middle of a campaign.
enum Fault: String, CaseIterable, Sendable {
    /// `kill -9` of the engine, and a new start.
    case engineKilled = "engine killed"
    /// `kill -9` of PostgreSQL, and a new start a moment later.
    case databaseKilled = "PostgreSQL killed"
    /// The connection to the PBX cut, now and then in the middle of what is under way, and refused for a moment.
    case managerCut = "AMI cut"
    /// The connection to the PBX slow, or silent for a moment.
    case managerDelayed = "AMI delayed"
    /// SIGSTOP and SIGCONT.
    case engineStopped = "engine stopped"
    case databaseStopped = "PostgreSQL stopped"
    case floorStopped = "floor stopped"
    /// No room left on the disk the results file is on.
    case resultsDiskFull = "results disk full"
    /// No room left on the disk PostgreSQL is on.
    case databaseDiskFull = "PostgreSQL disk full"
    /// Whatever the engine, or PostgreSQL, wants to see on its disk takes long.
    case resultsDiskSlow = "results disk slow"
    case databaseDiskSlow = "PostgreSQL disk slow"
    /// The engine's wall clock stepped by an hour, forwards or back.
    case clockStepped = "clock stepped"
    /// `kill -9` of one of two engines; it starts again at once, or when the other works for all its campaigns.
    case oneOfTwoKilled = "one of two engines killed"
    /// SIGSTOP of one of two engines, for a moment or until the other works for all its campaigns, and SIGCONT.
    case oneOfTwoStopped = "one of two engines stopped"

    /// Whether it takes a second engine.
    var takesTwoEngines: Bool { self == .oneOfTwoKilled || self == .oneOfTwoStopped }

    /// About how long it takes until all is well again, in seconds; the campaign has to last that long.
    var seconds: Int { self.takesTwoEngines ? 10 : 2 }
}
