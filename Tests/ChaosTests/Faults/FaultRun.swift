import DialerModel
import Foundation
import TestSupport

/// One campaign with one kind of fault, again and again at random moments.
struct FaultRun {
    /// What came of it.
    struct Outcome: Sendable {
        var name: String
        var seed: UInt64
        var injected = 0
        var contacts = 0
        var calls = 0
        var results = 0
        /// Claims whose call the floor never saw.
        var unplaced = 0
        var discrepancies: [Discrepancy] = []
        var clockSpan = Duration.zero
        /// What waited for a slow disk.
        var slowed = 0
        /// From the mending to all parts working, sorted.
        var recoveries: [Duration] = []

        /// For people, and for the sum that scripts/chaos makes.
        var line: String {
            let seconds = { (time: Duration?) in String(format: "%.2f", (time ?? .zero) / .seconds(1)) }
            return """
                chaos: \(self.name), seed \(self.seed): \(self.injected) faults, \(self.contacts) contacts, \
                \(self.calls) calls, \(self.results) results, \(self.unplaced) claims never placed, \
                \(self.discrepancies.count) discrepancies; recovered in \
                \(seconds(self.recoveries.isEmpty ? nil : self.recoveries[self.recoveries.count / 2])) s, \
                at most \(seconds(self.recoveries.last)) s
                """
        }

        /// Prints the line, and appends it to the report when there is one.
        func tell(_ settings: ChaosSettings) throws {
            print(self.line)
            guard let report = settings.report else { return }
            if !FileManager.default.fileExists(atPath: report.path) {
                _ = FileManager.default.createFile(atPath: report.path, contents: nil)
            }
            let file = try FileHandle(forWritingTo: report)
            try file.seekToEnd()
            try file.write(contentsOf: Data((self.line + "\n").utf8))
            try file.close()
        }
    }

    var name: String
    /// Injected in turn.
    var faults: [Fault]
    var injections: Int
    var contacts: Int
    var settings: ChaosSettings = .shared

    /// Runs it to its end.
    func run() async throws -> Outcome {
        let index = UInt64(Fault.allCases.firstIndex(of: self.faults[0]) ?? 0) + UInt64(self.faults.count) * 100
        var dice = Dice(seed: self.settings.seed, stream: index)
        let tools = try FaultTools(for: self.faults)
        defer { tools.remove() }
        // The time the faults take, and a bit.
        let seconds = max(4, self.injections * (self.faults.map(\.seconds).max() ?? 0))
        var plan = ChaosStage.Plan(
            contacts: self.contacts, callsPerSecond: max(10, self.contacts * 3 / 2 / seconds), seed: dice.seed())
        tools.equip(&plan)
        if self.faults.contains(where: \.takesTwoEngines) {
            plan.engines = 2
            plan.queues = ["sales_1", "sales_2", "sales_3", "sales_4"]
        }
        if self.faults.contains(.resultsDiskFull) { plan.resultsDisk = 65_536 }
        if self.faults.contains(.databaseDiskFull) { plan.databaseDisk = 393_216 }
        let stage = try await ChaosStage(plan, binary: self.settings.binary)
        do {
            let outcome = try await self.run(on: stage, dice: &dice, tools: tools)
            await stage.tearDown(keepsFiles: !outcome.discrepancies.isEmpty)
            for discrepancy in outcome.discrepancies.prefix(20) {
                print("chaos:   \(discrepancy) (\(stage.folder.path))")
            }
            try outcome.tell(self.settings)
            return outcome
        } catch {
            print("chaos: \(self.name), seed \(self.settings.seed): failed, files in \(stage.folder.path): \(error)")
            await stage.tearDown(keepsFiles: true)
            throw error
        }
    }

    private func run(on stage: ChaosStage, dice: inout Dice, tools: FaultTools) async throws -> Outcome {
        var outcome = Outcome(name: self.name, seed: self.settings.seed, contacts: self.contacts)
        // Moments are counted in calls, so that they lie all over the campaign on a machine of any speed.
        let moments = (0..<self.injections).map { _ in dice.whole(1...(self.contacts * 9 / 10)) }.sorted()
        for (index, moment) in moments.enumerated() {
            let pause = dice.milliseconds(0...250)
            let isDue = try await eventually(within: .seconds(300)) {
                if try stage.floor.originates() >= moment { return true }
                return await stage.isRunning() == false
            }
            guard isDue else { throw StageError("the campaign stands still:\n\(stage.tail())") }
            try await Task.sleep(for: pause)
            if await stage.isRunning() == false { break }
            let fault = self.faults[index % self.faults.count]
            outcome.recoveries.append(try await stage.inject(fault, dice: &dice, tools: tools))
            outcome.injected += 1
        }
        try tools.clock?.step(to: .zero)
        let reckoning = try await stage.finish()
        outcome.recoveries.sort()
        outcome.calls = reckoning.floor.calls.count
        outcome.results = reckoning.books.rows.count
        outcome.unplaced =
            Set(reckoning.books.rows.map(\.dialing)).subtracting(reckoning.floor.calls.map(\.dialing))
            .count
        outcome.slowed = try tools.slowed
        outcome.clockSpan = Self.clockSpan(of: reckoning.files.values.joined())
        outcome.discrepancies = reckoning.discrepancies()
        return outcome
    }

    /// How far the first and the last of all claims' times are apart on the engine's own clock.
    private static func clockSpan(of file: String) -> Duration {
        let times = file.split(separator: "\n").compactMap { line in
            (try? JSONValue.parse(Array(line.utf8)))?.member("tm_create")?.word.flatMap { Timestamp(wire: $0) }
        }
        guard let first = times.min(), let last = times.max() else { return .zero }
        return last - first
    }
}
