import CMalloc
import Foundation
import ServiceLifecycle

/// Gives memory back to the system, so that the service is as large as what it holds and not as what it held in its worst minute.
///
/// glibc by itself keeps most of what a peak leaves: it spreads over as many as eight arenas a core, gives back only what lies at an
/// arena's end, and raises its own limits with every large block that was freed; see mallopt(3).
struct MemoryUpkeep: Service {
    /// Bytes. A block of this size is the system's again as soon as it is freed, and so is as much at the end of an arena.
    private static let largeBlock: Int32 = 1 << 20

    /// The shortest time between two looks at the whole.
    var interval = Duration.seconds(2)

    /// A look takes a millisecond where there are some ten megabytes, and halts whoever allocates meanwhile: no more than this share of
    /// the time is spent on it.
    private static let share = 0.001

    /// Sets malloc's limits. They hold for what is allocated from here on.
    static func prepare() {
        mallopt(M_ARENA_MAX, Int32(min(max(2, ProcessInfo.processInfo.activeProcessorCount), 8)))
        mallopt(M_MMAP_THRESHOLD, Self.largeBlock)
        mallopt(M_TRIM_THRESHOLD, Self.largeBlock)
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            let clock = ContinuousClock()
            var pause = self.interval
            while true {
                try await clock.sleep(for: pause)
                let time = clock.measure { malloc_trim(0) }
                pause = max(self.interval, time / Self.share)
            }
        }
    }
}
