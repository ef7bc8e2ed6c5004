import AsteriskManager
import DialerModel
import NIOCore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

/// Runs text from a server through decoder and driver state machine, in random pieces.
struct Replay {
    var machine: DriverStateMachine
    private(set) var events: [TelephonyEvent] = []
    private(set) var hangUps: [String] = []
    private(set) var now = Duration.zero
    private var decoder = AMIMessageDecoder()
    private var random: SeededGenerator

    /// - Parameter serverTime: The server's clock at this side's zero; `nil` when it does not tell.
    init(
        settings: QueueBoard.Settings = QueueBoard.Settings(),
        seed: UInt64 = 1,
        channels: String = "",
        queues: String = "",
        dialplan: String = "",
        serverTime: Double? = nil
    ) throws {
        self.machine = DriverStateMachine(
            idPrefix: "sync-",
            settings: settings,
            resyncInterval: .seconds(30),
            resyncTimeout: .seconds(30)
        )
        self.random = SeededGenerator(seed: seed)
        _ = self.machine.connected(now: .zero)
        try self.answerCheck(
            1, channels: channels, queues: queues, dialplan: dialplan, serverTime: serverTime)
    }

    /// Answers a check with lists whose items lack their `ActionID`.
    mutating func answerCheck(
        _ number: Int, channels: String = "", queues: String = "", dialplan: String = "", serverTime: Double? = nil
    ) throws {
        if let serverTime {
            try self.receive(
                "Response: Success\r\nActionID: sync-\(number)p\r\nPing: Pong\r\nTimestamp: \(serverTime)\r\n\r\n")
        }
        func list(_ items: String, _ id: String, _ complete: String) -> String {
            let start = "Response: Success\r\nActionID: \(id)\r\nEventList: start\r\n\r\n"
            let end = "Event: \(complete)\r\nActionID: \(id)\r\nEventList: Complete\r\n\r\n"
            return start + items.replacing("\r\n\r\n", with: "\r\nActionID: \(id)\r\n\r\n") + end
        }
        try self.receive(list(channels, "sync-\(number)c", "CoreShowChannelsComplete"))
        try self.receive(list(queues, "sync-\(number)q", "QueueStatusComplete"))
        try self.receive(list(dialplan, "sync-\(number)d", "ShowDialPlanComplete"))
    }

    mutating func receive(_ text: String) throws {
        var buffer = ByteBuffer()
        for chunk in randomChunks(Array(text.utf8), upTo: 700, using: &self.random) {
            buffer.writeImmutableBuffer(chunk)
            var batch: [AMIMessage] = []
            while let message = try self.decoder.decode(buffer: &buffer) { batch.append(message) }
            self.take(self.machine.received(batch, now: self.now))
        }
    }

    mutating func advance(by duration: Duration) {
        self.now += duration
        self.take(self.machine.tick(now: self.now).output)
    }

    private mutating func take(_ output: DriverStateMachine.Output) {
        self.events += output.events
        self.hangUps += output.hangUps
    }

    mutating func place(_ dialing: UUID, actionID: String? = nil, hasDialplan: Bool = false) {
        self.machine.placed(
            dialing, actionID: actionID ?? dialing.uuidString, hasDialplan: hasDialplan, now: self.now)
    }

    /// Events of one dialing, in order.
    func calls(_ dialing: UUID) -> [CallEvent] {
        self.events.compactMap { event in
            guard case .call(dialing, let call) = event else { return nil }
            return call
        }
    }

    /// The last picture of a queue that was told.
    func queue(_ name: String) -> QueueSnapshot? {
        self.events.reversed().lazy.compactMap { event -> QueueSnapshot? in
            guard case .queue(let snapshot) = event, snapshot.name == name else { return nil }
            return snapshot
        }.first
    }

    /// Every state a member was told to be in, one after the other.
    func states(of interface: String, in name: String) -> [QueueMember.State] {
        var states: [QueueMember.State] = []
        for event in self.events {
            guard case .queue(let snapshot) = event, snapshot.name == name,
                let state = snapshot.members.first(where: { $0.interface == interface })?.state, state != states.last
            else { continue }
            states.append(state)
        }
        return states
    }
}

func memberLine(
    _ queue: String,
    _ interface: String,
    status: Int = 1,
    lastCall: Int = 0,
    wrapUp: Int = 0,
    paused: Int = 0,
    inCall: Int = 0,
    event: String = "QueueMember"
) -> String {
    let isItem = event == "QueueMember"
    return "Event: \(event)\r\nQueue: \(queue)\r\n\(isItem ? "Name" : "MemberName"): The \(interface)\r\n"
        + "\(isItem ? "Location" : "Interface"): \(interface)\r\nLastCall: \(lastCall)\r\nInCall: \(inCall)\r\n"
        + "Status: \(status)\r\nPaused: \(paused)\r\nWrapuptime: \(wrapUp)\r\n\r\n"
}

func queueLine(_ queue: String) -> String { "Event: QueueParams\r\nQueue: \(queue)\r\nCalls: 0\r\n\r\n" }

extension UUID {
    /// A uuid for tests that ends in these digits.
    static func test(_ number: Int) -> UUID {
        let digits = String(number)
        let text = "0f0e0d0c-1111-4222-8333-" + String(repeating: "0", count: 12 - digits.count) + digits
        return UUID(uuidString: text) ?? UUID()
    }

    var wire: String { self.uuidString.lowercased() }
}
