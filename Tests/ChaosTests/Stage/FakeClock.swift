import Foundation
import NIOConcurrencyHelpers

/// The wall clock of one process, which a test may step while the process runs. Steady clocks go on as they are.
final class FakeClock: Sendable {
    /// Debian's libfaketime, a variant for programs with threads.
    static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    private let file: URL
    private let current = NIOLockedValueBox(Duration.zero)

    /// What it shows beyond the true time.
    var offset: Duration { self.current.withLockedValue { $0 } }

    init(in folder: URL) throws {
        self.file = folder.appending(path: "clock")
        try self.step(to: .zero)
    }

    /// What makes a process go by this clock.
    var environment: [String: String] {
        [
            "LD_PRELOAD": Self.library, "FAKETIME_TIMESTAMP_FILE": self.file.path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// Sets the clock to the true time and this.
    func step(to offset: Duration) throws {
        self.current.withLockedValue { $0 = offset }
        let seconds = offset.components.seconds
        try "\(seconds < 0 ? "" : "+")\(seconds)s\n".write(to: self.file, atomically: true, encoding: .utf8)
    }
}
