import AsteriskManager
import NIOConcurrencyHelpers

/// Looks at every message a client hands over and measures how fast they come.
final class AMIDecodingCounter: AMIClientHandler {
    private struct State {
        var messages = 0
        var begin: ContinuousClock.Instant?
        var rate: Double?
        var waiter: CheckedContinuation<Double, Never>?
    }

    private let expected: Int
    private let state = NIOLockedValueBox(State())

    init(expected: Int) {
        self.expected = expected
    }

    /// Messages a second, from the first to the last.
    func rate() async -> Double {
        await withCheckedContinuation { continuation in
            let rate = self.state.withLockedValue { state -> Double? in
                if state.rate == nil { state.waiter = continuation }
                return state.rate
            }
            if let rate { continuation.resume(returning: rate) }
        }
    }

    func clientDidBecomeReady() async {}

    func clientDidReceive(_ messages: [AMIMessage]) async {
        var found = 0
        for message in messages { found += AMIDecodingCorpus.look(at: message) }
        let now = ContinuousClock.now
        let waiter = self.state.withLockedValue { state -> (CheckedContinuation<Double, Never>, Double)? in
            if state.begin == nil { state.begin = now }
            state.messages += found
            guard state.messages >= self.expected, state.rate == nil, let begin = state.begin else { return nil }
            let components = begin.duration(to: now).components
            let rate = Double(state.messages) / (Double(components.seconds) + Double(components.attoseconds) / 1e18)
            state.rate = rate
            defer { state.waiter = nil }
            return state.waiter.map { ($0, rate) }
        }
        if let (continuation, rate) = waiter { continuation.resume(returning: rate) }
    }

    func clientDidDisconnect(_ error: AMIError) async {}
}
