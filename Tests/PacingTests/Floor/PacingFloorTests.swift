import Chance
import Testing

@testable import Pacing

@Suite("The floor as pacing sees it") struct PacingFloorTests {
    private var floor = PacingFloor()

    private mutating func tell(_ events: (Double, PacingEvent)...) -> [FloorLesson] {
        events.map { self.floor.apply($1, at: $0) }
    }

    @Test("a call from its placing to the agent's return")
    mutating func wholeCall() {
        let lessons = self.tell(
            (0, .agent(7, .idle)), (1, .dialed(100)), (9, .outcome(100, .human)), (10, .connected(100, agent: 7)),
            (70, .talkEnded(100)), (70, .agent(7, .wrapup)), (85, .agent(7, .idle)))
        #expect(lessons[2].outcome == .human)
        #expect(lessons[2].age == 8)
        #expect(lessons[2].isLiveAnswer)
        #expect(!lessons[3].isLiveAnswer, "a person is counted once")
        #expect(lessons[4].talk == 60)
        #expect(lessons[5].talk == nil, "a conversation is counted once")
        #expect(lessons[6].wrap == 15)
        #expect(self.floor.idle == 1)
        #expect(self.floor.busy == 0)
        #expect(self.floor.callsInProgress == 0)
    }

    @Test("an answered caller without an agent waits, and is abandoned")
    mutating func abandoned() {
        _ = self.tell((0, .agent(1, .talking)), (1, .dialed(2)), (5, .outcome(2, .human)))
        #expect(self.floor.waiting == 1)
        let lessons = self.tell((7, .abandoned(2)), (8, .connected(2, agent: 1)), (9, .abandoned(2)))
        #expect(lessons.map(\.isAbandoned) == [true, false, false])
        #expect(self.floor.waiting == 0)
        #expect(self.floor.callsInProgress == 0)
    }

    @Test("what comes in another order counts the same")
    mutating func orders() {
        // Connected before the answer is told, and the agent's state before the end of the talk.
        let lessons = self.tell(
            (0, .agent(1, .idle)), (0, .dialed(9)), (6, .connected(9, agent: 1)), (6.1, .outcome(9, .human)),
            (20, .agent(1, .wrapup)), (20.1, .talkEnded(9)), (30, .agent(1, .idle)))
        #expect(lessons.count { $0.isLiveAnswer } == 1)
        #expect(lessons.compactMap(\.talk) == [14])
        #expect(lessons.compactMap(\.wrap) == [10])
        #expect(self.floor.idle == 1)
        // An outcome before the placing, and another after the end.
        let late = self.tell((40, .outcome(10, .busy)), (41, .dialed(10)), (42, .outcome(9, .human)))
        #expect(late.count { $0.isLiveAnswer || $0.isPlaced } == 0)
        #expect(self.floor.ringing.count == 0)
    }

    @Test("a person taken for a machine who is told of as abandoned counts as both")
    mutating func mistaken() {
        let lessons = self.tell((0, .dialed(1)), (5, .outcome(1, .machine)), (5, .abandoned(1)), (6, .abandoned(1)))
        #expect(lessons.map(\.isLiveAnswer) == [false, false, true, false])
        #expect(lessons.map(\.isAbandoned) == [false, false, true, false])
    }

    @Test("agents come, take breaks and leave")
    mutating func agents() {
        _ = self.tell((0, .agent(1, .idle)), (0, .agent(2, .idle)), (0, .agent(3, .offline)))
        #expect(self.floor.working == 2)
        let lessons = self.tell((1, .agent(1, .break)), (2, .agent(2, .talking)), (30, .agent(2, .offline)))
        #expect(lessons[2].isLeaving)
        #expect(lessons[2].talk == 28)
        #expect(self.floor.working == 0)
        _ = self.tell((40, .agent(4, .idle)), (41, .agent(1, .idle)))
        #expect(self.floor.working == 2)
        #expect(self.floor.agents.count == 2, "whoever left gives their place to the next")
    }

    @Test("a call nobody hears of any more is forgotten")
    mutating func lostCalls() {
        _ = self.tell((0, .dialed(1)), (0, .dialed(2)), (3, .outcome(2, .human)))
        #expect(self.floor.ringing.count == 1)
        #expect(self.floor.waiting == 1)
        _ = self.tell((PacingFloor.longestRinging + 100, .agent(1, .idle)))
        #expect(self.floor.ringing.count == 0)
        #expect(self.floor.waiting == 1)
        _ = self.tell((PacingFloor.longestWaiting + 200, .agent(1, .break)))
        #expect(self.floor.waiting == 0)
        #expect(self.floor.callsInProgress == 0)
    }

    @Test("lines are counted by age whatever order they come and go in")
    func ringingLines() {
        var random = Chance(seed: 5)
        var lines = RingingLines()
        var placed: [Double] = []
        var time = 0.0
        for _ in 0..<20_000 {
            time += random.unit() * 3
            if random.unit() < 0.6 || placed.isEmpty {
                lines.add(placedAt: time)
                placed.append(time)
            } else {
                lines.remove(placedAt: placed.remove(at: Int(random.unit() * Double(placed.count))))
            }
            if placed.count > 300 { placed.removeFirst(100).forEach { lines.remove(placedAt: $0) } }
            #expect(lines.count == placed.count)
            var ages: [Int: Int] = [:]
            lines.forEachAge(at: time) { age, count in ages[age, default: 0] += count }
            var expected: [Int: Int] = [:]
            for one in placed {
                expected[
                    min(RingingLines.steps - 1, Int(time / RingingLines.step) - Int(one / RingingLines.step)),
                    default: 0] += 1
            }
            #expect(ages == expected)
        }
    }
}

extension Array {
    fileprivate mutating func removeFirst(_ count: Int) -> [Element] {
        let first = Array(self.prefix(count))
        self = Array(self.dropFirst(count))
        return first
    }
}
