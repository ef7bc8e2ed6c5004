import Foundation
import NIOConcurrencyHelpers

/// The wall clock of one process, which a test may step while the process runs. Steady clocks and timers go on as they are.
final class SteppedClock: Sendable {
    /// Built beside the tests; see Tests/ClockStep.
    private static let library = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "libClockStep.so")

    private let file: URL
    private let current = NIOLockedValueBox(Duration.zero)

    /// What it shows beyond the true time.
    var offset: Duration { self.current.withLockedValue { $0 } }

    init(in folder: URL) throws {
        guard FileManager.default.fileExists(atPath: Self.library.path) else {
            throw StageError("\(Self.library.path) is missing: run swift build --build-tests")
        }
        self.file = folder.appending(path: "clock")
        try Data(count: 8).write(to: self.file)
    }

    /// What makes a process go by this clock.
    var environment: [String: String] { ["LD_PRELOAD": Self.library.path, "CLOCK_STEP_FILE": self.file.path] }

    /// Sets the clock to the true time and this, whole seconds.
    func step(to offset: Duration) throws {
        self.current.withLockedValue { $0 = offset }
        // In place: the process has the file mapped.
        let handle = try FileHandle(forWritingTo: self.file)
        let bytes = withUnsafeBytes(of: offset.components.seconds.littleEndian) { Data($0) }
        try handle.write(contentsOf: bytes)
        try handle.close()
    }
}
