import Foundation
import Logging

// Nobody else looks after this server: one that was killed, or ended for want of room, is started again.
extension PrivatePostgres {
    private static let watchInterval = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(5)

    /// Starts the server again whenever it has ended, until the task is cancelled. To be called after ``start()`` and to have returned
    /// before ``stop()``.
    package func keepRunning() async {
        var pause = Self.watchInterval
        var isAway = false
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled, isStarted else { return }
            guard postmaster() == nil else {
                (pause, isAway) = (Self.watchInterval, false)
                continue
            }
            if !isAway {
                logger.error(
                    "The private PostgreSQL has ended and is started again", metadata: ["says": "\(lastWords())"])
            }
            do throws(PrivatePostgresError) {
                try await startAgain()
                (pause, isAway) = (Self.watchInterval, false)
            } catch {
                if Task.isCancelled { return }
                // Processes of the one before may take a moment to go; a disk without room takes longer.
                if isAway {
                    logger.error("The private PostgreSQL cannot be started again", metadata: ["error": "\(error)"])
                }
                isAway = true
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }
}
