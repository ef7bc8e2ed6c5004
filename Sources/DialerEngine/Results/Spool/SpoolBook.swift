import DialerModel
import DialerStore

import struct Foundation.UUID

/// Which results are not committed yet, and which of them stand in the spool. Says what is to be done with the file next; a plain value.
struct SpoolBook: Sendable {
    /// What is to be done with the spool's file.
    enum Work: Sendable, Hashable {
        /// Put these at its end.
        case append([FinishedDialing])
        /// Leave only these in it; none, and it can go.
        case rewrite([FinishedDialing])
    }

    /// Results go to the disk because the database does not take them promptly.
    private(set) var isSpooling = false
    private var held: [UUID: FinishedDialing] = [:]
    private var onDisk: Set<UUID> = []
    /// On their way to the disk, in order.
    private var toSpool: [FinishedDialing] = []
    /// Records in the file, those of committed results among them.
    private var records = 0
    /// The file has at most twice as many records before it is written anew.
    private let recordLimit: Int

    /// Results for which room is kept at all times.
    private static let keptRoom = 512

    init(recordLimit: Int) {
        self.recordLimit = recordLimit
    }

    /// Results not committed.
    var count: Int { self.held.count }

    /// Results for which there is memory.
    var room: Int { self.held.capacity }

    /// Of these, the ones that would survive the end of this process.
    var countOnDisk: Int { self.onDisk.count }

    var isAllOnDisk: Bool { self.onDisk.count == self.held.count }

    func holds(_ dialing: UUID) -> Bool {
        self.held[dialing] != nil
    }

    /// A result that is not committed.
    func result(of dialing: UUID) -> FinishedDialing? {
        self.held[dialing]
    }

    mutating func took(_ finished: FinishedDialing) {
        self.held[finished.dialing] = finished
        if self.isSpooling { self.toSpool.append(finished) }
    }

    /// Everything that is held, and all that comes, is to be put on the disk.
    ///
    /// - Returns: false when that was so already.
    mutating func begin() -> Bool {
        guard !self.isSpooling else { return false }
        self.isSpooling = true
        self.toSpool = Self.inOrder(self.held.values.filter { !self.onDisk.contains($0.dialing) })
        return true
    }

    /// The database has these. Nothing more is put on the disk once it has all but the refused ones.
    ///
    /// - Parameter refused: how many are set apart.
    /// - Returns: whether the file has to be looked after: nothing more is put there from here on, or it holds more than is not committed.
    mutating func committed(_ dialings: some Sequence<UUID>, refused: Int) -> Bool {
        for dialing in dialings {
            self.held[dialing] = nil
            self.onDisk.remove(dialing)
        }
        self.giveRoomBack()
        if self.isSpooling {
            guard self.held.count <= refused else { return false }
            self.isSpooling = false
            return true
        }
        // What a former process left may be taken at the first try, without anything being put on the disk by this one.
        return self.records > self.onDisk.count
    }

    /// Takes over what a former process left in the file and the database refuses.
    mutating func adopt(_ refused: [FinishedDialing]) {
        for finished in refused {
            self.held[finished.dialing] = finished
            self.onDisk.insert(finished.dialing)
        }
        self.records += refused.count
    }

    /// What the file needs next; nil for nothing. Its outcome is told to ``done(_:)`` or ``failed(_:)`` before this is asked again.
    mutating func next() -> Work? {
        let missing = self.toSpool.filter { self.held[$0.dialing] != nil && !self.onDisk.contains($0.dialing) }
        self.toSpool = []
        if !missing.isEmpty { return .append(missing) }
        let isDrained = !self.isSpooling && self.records > self.onDisk.count
        let isOvergrown = self.records > self.recordLimit && self.records > 2 * self.onDisk.count
        guard isDrained || isOvergrown else { return nil }
        return .rewrite(Self.inOrder(self.onDisk.compactMap { self.held[$0] }))
    }

    /// The work is on the disk.
    mutating func done(_ work: Work) {
        switch work {
        case .append(let batch):
            self.records += batch.count
            // Some may have been committed meanwhile.
            for finished in batch where self.held[finished.dialing] != nil { self.onDisk.insert(finished.dialing) }
        case .rewrite(let batch):
            self.records = batch.count
        }
    }

    /// The work is to be done again.
    mutating func failed(_ work: Work) {
        if case .append(let batch) = work { self.toSpool = batch + self.toSpool }
    }

    /// A table keeps the room of the most it ever held: after an outage that is megabytes for a handful of results. What is left is far
    /// below what brings this about, so that it does not happen with every batch.
    private mutating func giveRoomBack() {
        guard self.room > 4 * Self.keptRoom, self.held.count * 8 < self.room else { return }
        var held: [UUID: FinishedDialing] = [:]
        held.reserveCapacity(max(Self.keptRoom, 2 * self.held.count))
        for (dialing, finished) in self.held { held[dialing] = finished }
        self.held = held
    }

    private static func inOrder(_ results: [FinishedDialing]) -> [FinishedDialing] {
        results.sorted { $0.result.endedAt < $1.result.endedAt }
    }
}
