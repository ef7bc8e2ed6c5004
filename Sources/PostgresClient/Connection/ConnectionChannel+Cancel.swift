extension ConnectionChannel {
    /// Gives up on a request: taken back if it waits, and if the server works on it, the server is asked to stop. What
    /// stands in line behind another is marked and stopped when its turn comes.
    func cancel(_ id: UInt64) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            let request = waiting.remove(at: index)
            request.resolve(.failure(PostgresError(.cancelled, "the task was cancelled before the statement was sent")))
            pump()
            return
        }
        guard let request = inFlight.first(where: { $0.id == id }), !request.wasCancelled else { return }
        request.wasCancelled = true
        if inFlight.first === request { sendCancel() }
    }

    /// Asks the server to stop the head request, from another thread; nothing new is sent until that is through.
    func sendCancel() {
        guard let cancelHandle else { return }
        cancelsInFlight += 1
        lastCancel = .now
        // Ends by itself within the time one connection takes; holds nothing but the handle and this actor.
        Task { [self] in
            await cancelHandle.send()
            cancelsInFlight -= 1
            lastCancel = .now
            pump()
        }
    }
}
