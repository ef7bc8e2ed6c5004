import Pacing
import Telephony
import TestSupport
import Testing

@testable import DialerEngine

@Suite("The predictive pacing of one queue")
struct QueuePacingTests {
    private let risk = QueuePacing.Risk(target: 0.03, grace: 2, windows: nil)

    /// Grants and settles, as a claim that finds everybody at once does.
    private func place(_ pacing: inout QueuePacing, at time: Double, firstCall: Int) -> Int {
        let count = pacing.grant(self.risk, at: time, atMost: pacing.look(self.risk, at: time, atMost: 100))
        pacing.settle(count)
        for call in firstCall..<firstCall + count { pacing.take(.placed, of: call, at: time) }
        return count
    }

    @Test("while nothing is known: one call for each free agent, none without agents")
    func learning() {
        var pacing = QueuePacing()
        #expect(pacing.look(self.risk, at: 0, atMost: 100) == 0)
        pacing.see(.idle("q", agents: 3), waiting: 0, at: 0)
        #expect(self.place(&pacing, at: 0, firstCall: 1) == 3)
        #expect(pacing.look(self.risk, at: 0.1, atMost: 100) == 0)
        pacing.take(.unanswered(.busy), of: 1, at: 1)
        #expect(pacing.look(self.risk, at: 1, atMost: 100) == 1)
        #expect(pacing.state == .learning)
    }

    @Test("an agent whose phone rings and the caller it rings for are one; callers of others take agents, too")
    func callersAndRinging() {
        var pacing = QueuePacing()
        var queue = QueueSnapshot.idle("q", agents: 3)
        pacing.see(queue, waiting: 0, at: 0)
        pacing.take(.placed, of: 1, at: 0)
        pacing.take(.answered, of: 1, at: 5)
        queue.callersWaiting = 1
        for index in queue.members.indices { queue.members[index].state = .ringing }
        pacing.see(queue, waiting: 1, at: 5)
        #expect(pacing.look(self.risk, at: 5, atMost: 100) == 2)
        // Somebody calls the queue.
        queue.callersWaiting = 2
        pacing.see(queue, waiting: 1, at: 5)
        #expect(pacing.look(self.risk, at: 5, atMost: 100) == 1)
        // And is served.
        queue.callersWaiting = 1
        queue.members[2].state = .talking
        pacing.see(queue, waiting: 1, at: 6)
        #expect(pacing.look(self.risk, at: 6, atMost: 100) == 1)
    }

    @Test("a conversation between two pictures of the queue leaves its agent free")
    func unseenConversation() {
        var pacing = QueuePacing()
        let queue = QueueSnapshot.idle("q", agents: 1)
        pacing.see(queue, waiting: 0, at: 0)
        pacing.take(.placed, of: 1, at: 0)
        pacing.take(.answered, of: 1, at: 5)
        pacing.take(.withAgent(queue.members[0].interface), of: 1, at: 5)
        #expect(pacing.look(self.risk, at: 5, atMost: 100) == 0)
        pacing.take(.over, of: 1, at: 6)
        pacing.see(queue, waiting: 0, at: 6)
        #expect(pacing.look(self.risk, at: 6, atMost: 100) == 1)
    }

    @Test("agents who pause, leave or are out of sight are not counted on, and nobody twice when they are back")
    func comingAndGoing() {
        var pacing = QueuePacing()
        var queue = QueueSnapshot.idle("q", agents: 4)
        pacing.see(queue, waiting: 0, at: 0)
        queue.members[0].isPaused = true
        queue.members[1].state = .unavailable
        queue.members.removeLast()
        pacing.see(queue, waiting: 0, at: 1)
        #expect(pacing.look(self.risk, at: 1, atMost: 100) == 1)
        pacing.forgetAgents()
        #expect(pacing.look(self.risk, at: 2, atMost: 100) == 0)
        pacing.see(.idle("q", agents: 4), waiting: 0, at: 3)
        #expect(pacing.look(self.risk, at: 3, atMost: 100) == 4)
    }

    @Test(
        "a pause after a conversation is after-call work if its reason says so, or if there is none and it does not last",
        arguments: [("Wrap-up", true), ("acw", true), (nil, true), ("lunch", false)])
    func wrapUpByPause(reason: String?, isWrapUp: Bool) {
        var pacing = QueuePacing()
        var queue = QueueSnapshot.idle("q", agents: 1)
        pacing.see(queue, waiting: 0, at: 0)
        queue.members[0].state = .talking
        pacing.see(queue, waiting: 0, at: 1)
        queue.members[0].state = .idle
        queue.members[0].isPaused = true
        queue.members[0].pauseReason = reason
        pacing.see(queue, waiting: 0, at: 60)
        #expect(pacing.workingAgents == (isWrapUp ? 1 : 0))
        #expect(pacing.look(self.risk, at: 60, atMost: 100) == 0)
        pacing.see(queue, waiting: 0, at: 400)
        #expect(pacing.workingAgents == (isWrapUp && reason != nil ? 1 : 0))
        queue.members[0].isPaused = false
        queue.members[0].pauseReason = nil
        pacing.see(queue, waiting: 0, at: 401)
        #expect(pacing.look(self.risk, at: 401, atMost: 100) == 1)
    }

    @Test("what a slow claim is about to place is not placed twice")
    func slowClaim() {
        var pacing = QueuePacing()
        pacing.see(.idle("q", agents: 5), waiting: 0, at: 0)
        #expect(pacing.grant(self.risk, at: 0, atMost: 100) == 5)
        for time in [0.5, 1.5, 30] { #expect(pacing.look(self.risk, at: time, atMost: 100) == 0) }
        // It found two contacts.
        pacing.settle(5)
        for call in 1...2 { pacing.take(.placed, of: call, at: 30) }
        #expect(pacing.look(self.risk, at: 31.5, atMost: 100) == 3)
    }

    @Test("once it knows the answers it places ahead; a spent budget takes that back, for its own campaign alone")
    func predicting() {
        var pacing = QueuePacing()
        var queue = QueueSnapshot.idle("q", agents: 20)
        var call = 0
        var ringing: [(call: Int, endsAt: Double, isAnswered: Bool)] = []
        var talks: [(call: Int, member: Int, endsAt: Double)] = []
        var ahead = 0
        for step in 0..<3600 {
            let time = Double(step) / 2
            for talk in talks where talk.endsAt <= time {
                pacing.take(.over, of: talk.call, at: time)
                queue.members[talk.member].state = .idle
            }
            talks.removeAll { $0.endsAt <= time }
            for line in ringing where line.endsAt <= time {
                guard line.isAnswered else {
                    pacing.take(.unanswered(.noanswer), of: line.call, at: time)
                    continue
                }
                pacing.take(.answered, of: line.call, at: time)
                guard let free = queue.members.firstIndex(where: { $0.state == .idle }) else {
                    pacing.take(.abandoned, of: line.call, at: time)
                    continue
                }
                pacing.take(.withAgent(queue.members[free].interface), of: line.call, at: time)
                queue.members[free].state = .talking
                talks.append((line.call, free, time + 60 + Double(line.call % 60)))
            }
            ringing.removeAll { $0.endsAt <= time }
            pacing.see(queue, waiting: 0, at: time)
            let count = self.place(&pacing, at: time, firstCall: call + 1)
            for number in call + 1..<call + 1 + count {
                ringing.append((number, time + 8 + Double(number % 9), number % 4 == 0))
            }
            call += count
            ahead = max(ahead, ringing.count - queue.idleMembers)
        }
        #expect(pacing.state == .predicting)
        #expect(ahead > 5)

        var spent = self.risk
        spent.windows = [.init(live: 1000, abandoned: 60)]
        let free = max(0, queue.idleMembers - ringing.count)
        #expect(pacing.look(spent, at: 1800, atMost: 100) == free)
        #expect(pacing.state == .spent)
        _ = pacing.look(self.risk, at: 1800, atMost: 100)
        #expect(pacing.state == .predicting)
    }
}
