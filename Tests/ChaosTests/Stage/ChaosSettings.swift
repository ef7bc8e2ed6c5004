import Foundation

/// How much is broken, and with which luck. Everything comes from the environment, so that `make test` and `make chaos` run the same tests.
struct ChaosSettings: Sendable {
    /// Faults of each kind; nil for the short run of `make test`.
    var injections: Int?
    /// Contacts of the campaign each kind of fault meets.
    var contacts: Int
    /// Calls of the soak; nil for none, as in `make test`.
    var soakCalls: Int?
    /// The most calls a second in the soak.
    var soakRate: Int
    /// What all moments and lengths are drawn from; printed with each run.
    var seed: UInt64
    /// Whether figures are held to their limits: only where nothing else uses the machine.
    var isStrict: Bool
    /// The `outpace` that is tested.
    var binary: URL
    /// Each run's outcome is appended to this file, for the sum over all of them.
    var report: URL?

    /// Short where nothing is said, as in `make test`.
    static let shared: ChaosSettings = {
        let environment = ProcessInfo.processInfo.environment
        let number = { (key: String) in environment[key].flatMap { Int($0) } }
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return ChaosSettings(
            injections: number("CHAOS_INJECTIONS"),
            contacts: number("CHAOS_CONTACTS") ?? 100,
            soakCalls: number("CHAOS_CALLS"),
            soakRate: number("CHAOS_RATE") ?? 2_500,
            seed: environment["CHAOS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999),
            isStrict: environment["CHAOS_STRICT"] == "1",
            binary: environment["CHAOS_BINARY"].map { URL(fileURLWithPath: $0) } ?? beside.appending(path: "outpace"),
            report: environment["CHAOS_REPORT"].map { URL(fileURLWithPath: $0) }
        )
    }()
}
