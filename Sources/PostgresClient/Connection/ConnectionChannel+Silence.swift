import EventLoop

// A server that was frozen, or cut off without a word, keeps its connections open and answers nothing. Where there are others to go to,
// the statement's time-out is too long to wait for it.
extension ConnectionChannel {
    /// Begins to wait for the answer to the request at the head. As with the deadline, the timer is set once and looks at the
    /// head when it runs out.
    func expectAnswer() {
        guard isServerAlive != nil, !isSilenceWatched else { return }
        isSilenceWatched = true
        silence?.schedule(after: configuration.silenceLimit)
    }

    /// Asks a server that has been silent for too long whether it still takes connections, and gives it up if not. One that does
    /// has a long statement.
    func checkSilence() {
        isSilenceWatched = false
        guard let isServerAlive, !inFlight.isEmpty else { return }
        let rest = configuration.silenceLimit - lastProgress.duration(to: .now)
        guard rest <= .zero else {
            isSilenceWatched = true
            silence?.schedule(after: rest)
            return
        }
        isSilenceWatched = true
        let since = lastProgress
        inquiry = Task { [weak self] in
            let isAlive = await isServerAlive()
            await self?.serverWasAsked(isAlive: isAlive, since: since)
        }
    }

    private func serverWasAsked(isAlive: Bool, since: ContinuousClock.Instant) {
        inquiry = nil
        guard connection != nil else { return }
        isSilenceWatched = false
        if !isAlive, lastProgress == since, !inFlight.isEmpty {
            shut(PostgresError(.connectionLost, "closed: the server stopped answering and takes no new connection"))
        } else if !inFlight.isEmpty {
            expectAnswer()
        }
    }
}
