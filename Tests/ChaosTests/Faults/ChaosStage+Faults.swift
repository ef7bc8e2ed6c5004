import Foundation
import TestSupport

extension ChaosStage {
    /// Breaks something, mends it, and waits until all parts work again.
    ///
    /// - Returns: how long that took, from the mending on.
    func inject(_ fault: Fault, dice: inout Dice, tools: FaultTools) async throws -> Duration {
        switch fault {
        case .engineKilled:
            await self.engine.kill()
            try self.engine.start()
        case .databaseKilled:
            try await self.postgres.stop(.kill)
            try await Task.sleep(for: dice.milliseconds(0...800))
            try await self.postgres.restart()
        case .managerCut:
            try await self.cutManager(&dice)
        case .managerDelayed:
            try await self.delayManager(&dice)
        case .engineStopped:
            self.engine.signal(SIGSTOP)
            try await Task.sleep(for: dice.milliseconds(200...2_500))
            self.engine.signal(SIGCONT)
        case .databaseStopped:
            let tree = try ProcessTree(postgresIn: self.postgres.directory)
            tree.signal(SIGSTOP)
            try await Task.sleep(for: dice.milliseconds(200...2_500))
            tree.signal(SIGCONT)
        case .floorStopped:
            self.floor.signal(SIGSTOP)
            try await Task.sleep(for: dice.milliseconds(200...2_500))
            self.floor.signal(SIGCONT)
        case .resultsDiskFull:
            try await self.fill(self.resultsDisk, for: dice.milliseconds(300...2_000))
        case .databaseDiskFull:
            try await self.fill(self.databaseDisk, for: dice.milliseconds(300...2_000))
            // A server that found no room for its log ends; whether it has is its own matter.
            try await self.postgres.stop(.immediate)
            try await self.postgres.restart()
        case .resultsDiskSlow:
            try await self.slow(tools.engineDisk, &dice)
        case .databaseDiskSlow:
            try await self.slow(tools.databaseDisk, &dice)
        case .clockStepped:
            guard let clock = tools.clock else { throw StageError("no clock to step") }
            try clock.step(
                to: dice.pick([.zero, .seconds(3600), .seconds(-3600)].filter { $0 != clock.offset }) ?? .zero)
            try await Task.sleep(for: dice.milliseconds(200...1_000))
        case .oneOfTwoKilled:
            return try await self.bringDown(
                dice.whole(0...1), for: dice.happens(0.5) ? .zero : nil, down: { await $0.kill() },
                up: { try $0.start() })
        case .oneOfTwoStopped:
            return try await self.bringDown(
                dice.whole(0...1), for: dice.happens(0.5) ? dice.milliseconds(200...2_500) : nil,
                down: { $0.signal(SIGSTOP) }, up: { $0.signal(SIGCONT) })
        }
        return try await self.waitUntilReady()
    }

    /// Takes one of two engines away and brings it back.
    ///
    /// - Parameter time: how long it is away; nil: until the other works for every campaign.
    /// - Returns: how long the other took for that; where nobody waited for it, how long until all parts work again.
    private func bringDown(
        _ index: Int, for time: Duration?, down: (EngineUnderFault) async throws -> Void,
        up: (EngineUnderFault) async throws -> Void
    ) async throws -> Duration {
        let (engine, other) = (self.engines[index], self.engines[1 - index])
        let clock = ContinuousClock()
        let begin = clock.now
        try await down(engine)
        if let time {
            try await Task.sleep(for: time)
            try await up(engine)
            return try await self.waitUntilReady()
        }
        let isTakenOver = await eventually(within: .seconds(60)) { await self.hasAll(other) }
        guard isTakenOver else { throw StageError("nobody works for \(engine.name)'s campaigns:\n\(self.tail())") }
        let takeover = clock.now - begin
        try await up(engine)
        try await self.waitUntilReady()
        return takeover
    }

    /// Ends the connection: sometimes with what is under way lost, sometimes with orders that arrive after the end was seen.
    private func cutManager(_ dice: inout Dice) async throws {
        let isLate = dice.happens(0.3)
        let isBlind = !isLate && dice.happens(0.4)
        if isLate { try await self.proxy.behave(.init(delay: 100...600)) }
        if isBlind { try await self.proxy.behave(.init(holds: true)) }
        if isLate || isBlind { try await Task.sleep(for: dice.milliseconds(50...500)) }
        try await self.proxy.behave(.init(refuses: true, delay: isLate ? 100...600 : 0...0))
        try await self.proxy.cut(isLate: isLate)
        try await Task.sleep(for: dice.milliseconds(0...1_000))
        try await self.proxy.behave(.init())
    }

    /// Holds the connection up: all of it late, or nothing for a moment and then everything at once.
    private func delayManager(_ dice: inout Dice) async throws {
        let slowest = dice.whole(50...800)
        let manner = dice.happens(0.5) ? ManagerProxy.Manner(delay: 0...slowest) : ManagerProxy.Manner(holds: true)
        try await self.proxy.behave(manner)
        try await Task.sleep(for: dice.milliseconds(300...2_500))
        try await self.proxy.behave(.init())
    }

    private func slow(_ disk: SlowDisk?, _ dice: inout Dice) async throws {
        guard let disk else { throw StageError("no disk to slow down") }
        try disk.slow(by: dice.milliseconds(50...1_500))
        try await Task.sleep(for: dice.milliseconds(500...3_000))
        try disk.slow(by: .zero)
    }

    private func fill(_ disk: SmallDisk?, for time: Duration) async throws {
        guard let disk else { throw StageError("no disk to fill") }
        try disk.fill()
        try await Task.sleep(for: time)
        try disk.free()
    }
}
