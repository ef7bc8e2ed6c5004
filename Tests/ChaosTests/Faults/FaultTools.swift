import Foundation

/// What some faults need beside the stage. Each is there for the faults it serves, and otherwise nil.
struct FaultTools: Sendable {
    private(set) var clock: SteppedClock?
    private(set) var engineDisk: SlowDisk?
    private(set) var databaseDisk: SlowDisk?
    private let folder: URL

    init(for faults: [Fault]) throws {
        self.folder = URL(fileURLWithPath: "/tmp/outpace-tools-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        if faults.contains(.clockStepped) { self.clock = try SteppedClock(in: self.folder) }
        if faults.contains(.resultsDiskSlow) { self.engineDisk = try SlowDisk(in: self.makeFolder("engine")) }
        if faults.contains(.databaseDiskSlow) { self.databaseDisk = try SlowDisk(in: self.makeFolder("database")) }
    }

    /// Makes the stage one they work on.
    func equip(_ plan: inout ChaosStage.Plan) {
        plan.environment = self.clock?.environment ?? self.engineDisk?.environment ?? [:]
        plan.databaseEnvironment = self.databaseDisk?.environment ?? [:]
        // A try of an hour ahead holds the contact for an hour.
        if self.clock != nil { plan.tries = 1 }
    }

    /// How many times something waited for a slow disk, for the one where that happened least; 0 without one.
    var slowed: Int {
        get throws { try [self.engineDisk, self.databaseDisk].compactMap { try $0?.slowed }.min() ?? 0 }
    }

    func remove() {
        try? FileManager.default.removeItem(at: self.folder)
    }

    private func makeFolder(_ name: String) throws -> URL {
        let folder = self.folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self.folder.path)
        return folder
    }
}
