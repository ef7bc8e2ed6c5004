import DialerModel
import Pacing

/// How an engine works. Every value has a default that suits one machine with a few hundred agents.
package struct EngineConfiguration: Sendable {
    /// The JSON-lines file results are appended to. Its folder is made when missing.
    package var resultsFile: String

    /// What this engine is called among those that share the database; no two that run have the same.
    package var name = "outpace"

    /// How long its leases are good without its saying that it lives; after that another engine takes its campaigns over.
    package var leaseTime: Duration = .seconds(10)

    /// How much earlier it is silent itself.
    package var leaseMargin: Duration = .seconds(2)

    /// How often it says that it lives.
    package var heartbeatInterval: Duration = .seconds(2)

    /// How long handing campaigns over may wait for calls that are about to be sent.
    package var handOverTime: Duration = .seconds(2)

    /// The folder for results PostgreSQL does not take promptly, of this engine alone; made when needed. nil keeps them in memory alone.
    package var spoolFolder: String?

    /// Contacts claimed in one round trip to the database, 1…1000.
    package var claimBatch = 100

    /// The least time between two claims of a campaign that waits for no agents (robo, park): calls that end within it are replaced together.
    package var unpacedClaimInterval: Duration = .milliseconds(10)

    /// Results written in one transaction, from 1.
    package var resultBatch = 200

    /// How long a result may wait for others to share its transaction.
    package var resultDelay: Duration = .milliseconds(20)

    /// Calls in progress and results not written yet, together, from 1. At this number no further call is placed, so memory and the spool
    /// stay bounded while PostgreSQL is away.
    package var unwrittenLimit = 20_000

    /// How long a result may wait for its commit before it is put on the disk as well: what the end of this process can lose at most
    /// while PostgreSQL hangs. After a write that failed it is put there at once.
    package var spoolDelay: Duration = .seconds(1)

    /// Lines of the results file written with one `fsync`, from 1.
    package var exportBatch = 500

    /// How often the results file is looked at while nothing is written: how soon it is noticed that it was moved or removed.
    package var fileCheckInterval: Duration = .seconds(1)

    /// The pause after a failed write to PostgreSQL or the results file; doubled at each failure up to ``longestRetryDelay``.
    package var retryDelay: Duration = .milliseconds(100)

    /// See ``retryDelay``.
    package var longestRetryDelay: Duration = .seconds(5)

    /// How often an idle campaign looks at its list and its agents without being told to: what catches a contact added by another
    /// program or a lost notification.
    package var idleCheckInterval: Duration = .seconds(5)

    /// How often statuses and schedules are looked at without being told to; also how soon a stepped wall clock is noticed.
    package var superviseInterval: Duration = .seconds(10)

    /// How long a preview reservation holds a contact.
    package var reservationTime: Duration = .seconds(600)

    /// How long another engine may take to do what it is asked, hanging up for one.
    package var orderPatience: Duration = .seconds(5)

    /// How long another engine may take to say what only it knows.
    package var questionPatience: Duration = .seconds(1)

    /// How long a shutdown waits for results to be written.
    package var shutdownTime: Duration = .seconds(4)

    /// How long a call may ring beyond its plan's time-out before the PBX is asked whether it still exists.
    package var ringMargin: Duration = .seconds(10)

    /// How often a PBX is asked for its live calls while some are answered; what ends calls whose end nobody reported.
    package var reconcileInterval: Duration = .seconds(60)

    /// Ceilings of trunks, and the PBXs they are pinned to. A trunk that is not named here is held by its PBX's limits alone.
    package var trunks: [TrunkLimits] = []

    /// When a PBX or trunk that answers congestion gets no calls, and for how long.
    package var lineHealth = LineHealth.Rules()

    package init(resultsFile: String, spoolFolder: String? = nil) {
        self.resultsFile = resultsFile
        self.spoolFolder = spoolFolder
    }
}
