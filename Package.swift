// swift-tools-version: 6.2

import Foundation
import PackageDescription

/// One set of rules for every room; a warning is an error.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTestUtils = Target.Dependency.product(name: "NIOTestUtils", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "outpace",
    products: [
        .executable(name: "outpace", targets: ["outpace"]),
        // For tests: preloaded into a process whose wall clock is to be stepped.
        .library(name: "ClockStep", type: .dynamic, targets: ["ClockStep"]),
        // The same for a process whose disk is to be slow.
        .library(name: "SlowDisk", type: .dynamic, targets: ["SlowDisk"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    ],
    targets: [
        // System libraries: a module map and a shim, nothing else.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CLibevent", linkerSettings: [.linkedLibrary("event_core")]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // libphonenumber is C++; this shows Swift a C function of it.
        .target(
            name: "CPhoneNumber",
            linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("protobuf"), .linkedLibrary("stdc++")]
        ),

        // Infrastructure that knows nothing of dialing.
        .target(
            name: "EventLoop",
            dependencies: [
                "CLibevent", nioLocks, collections,
            ],
            swiftSettings: house),
        .target(
            name: "PostgresClient",
            dependencies: ["CLibpq", "EventLoop", nioLocks, nioPosix, collections, logging, lifecycle],
            swiftSettings: house
        ),
        .target(
            name: "AsteriskManager",
            dependencies: [
                "COpenSSL", nioCore, nioPosix, nioSSL, nioLocks, logging,
            ],
            swiftSettings: house
        ),

        // The dialer, from plain values upwards.
        .target(name: "DialerModel", dependencies: [collections], swiftSettings: house),
        .target(
            name: "ListImport",
            dependencies: ["DialerModel", "CZlib", "CPhoneNumber", collections],
            swiftSettings: house
        ),
        .target(
            name: "Pacing",
            dependencies: [
                "DialerModel", collections,
            ],
            swiftSettings: house),
        .target(
            name: "Telephony",
            dependencies: [
                "DialerModel", nioLocks, collections,
            ],
            swiftSettings: house
        ),
        .target(
            name: "DialerStore",
            dependencies: [
                "PostgresClient", "DialerModel", "ListImport", subprocess, logging, collections, nioLocks,
                systemPackage,
            ],
            swiftSettings: house,
            plugins: ["EmbedMigrations"]
        ),
        .target(
            name: "AsteriskDriver",
            dependencies: ["AsteriskManager", "Telephony", "DialerModel", nioLocks, collections, logging, lifecycle],
            swiftSettings: house
        ),
        .target(
            name: "DialerEngine",
            dependencies: [
                "DialerStore", "Telephony", "Pacing", "DialerModel", nioLocks, nioPosix, collections, logging, metrics,
                lifecycle, coreMetrics,
            ],
            swiftSettings: house
        ),
        // Worlds to try the dialer in.
        .target(name: "Chance", swiftSettings: house),
        .target(
            name: "Simulation", dependencies: ["Chance", "Pacing", "DialerModel", collections], swiftSettings: house),
        .target(
            name: "CallFloor",
            dependencies: [
                "Chance", nioCore, nioPosix, nioLocks, collections, logging, lifecycle,
            ],
            swiftSettings: house
        ),
        .target(
            name: "ControlAPI",
            dependencies: [
                "DialerEngine", "DialerStore", "Pacing", "DialerModel", "ListImport", hummingbird, nioCore, nioPosix,
                nioLocks,
                logging,
                metrics, lifecycle, collections, coreMetrics, httpTypes, hummingbirdCore, nioHTTP1, nioHTTPTypes,
            ],
            swiftSettings: house
        ),
        .executableTarget(
            name: "outpace",
            dependencies: [
                "ControlAPI", "CallFloor", "DialerEngine", "AsteriskDriver", "AsteriskManager", "DialerStore",
                "PostgresClient", "EventLoop", "Telephony", "Pacing", "Simulation", "Chance", "DialerModel",
                "CMalloc", argumentParser, configuration, yams,
                httpClient, systemPackage, logging, metrics, lifecycle, unixSignals, nioCore, nioHTTP1, collections,
            ],
            swiftSettings: house
        ),

        // Migrations are compiled into the binary, so a deployment is one file.
        .executableTarget(name: "embed-migrations", path: "Plugins/embed-migrations"),
        .plugin(
            name: "EmbedMigrations",
            capability: .buildTool(),
            dependencies: ["embed-migrations"],
            path: "Plugins/EmbedMigrations"
        ),

        // Tests: one target a room, then the real parts together.
        .target(
            name: "TestSupport",
            dependencies: [
                "DialerStore", "PostgresClient", "EventLoop", "DialerModel", "Telephony", "AsteriskManager",
                subprocess, nioLocks, nioCore, nioPosix, logging,
            ],
            path: "Tests/TestSupport",
            swiftSettings: house
        ),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: house),
        .testTarget(
            name: "PostgresClientTests",
            dependencies: ["PostgresClient", "EventLoop", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "AsteriskManagerTests",
            dependencies: [
                "AsteriskManager", "TestSupport", nioCore, nioPosix, nioTestUtils, nioSSL, nioLocks, logging,
            ],
            swiftSettings: house
        ),
        .testTarget(name: "DialerModelTests", dependencies: ["DialerModel"], swiftSettings: house),
        .testTarget(
            name: "PacingTests", dependencies: ["Pacing", "Simulation", "Chance", "DialerModel"], swiftSettings: house),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "Chance", "Pacing", "DialerModel"],
            swiftSettings: house),
        .testTarget(name: "ChanceTests", dependencies: ["Chance"], swiftSettings: house),
        .testTarget(
            name: "ListImportTests", dependencies: ["ListImport", "DialerModel", "CZlib"], swiftSettings: house),
        .testTarget(
            name: "DialerStoreTests",
            dependencies: [
                "DialerStore", "PostgresClient", "DialerModel", "ListImport", "Chance", "TestSupport", logging,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "AsteriskDriverTests",
            dependencies: [
                "AsteriskDriver", "AsteriskManager", "Telephony", "DialerModel", "TestSupport", nioCore, nioLocks,
                logging,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "DialerEngineTests",
            dependencies: [
                "DialerEngine", "DialerStore", "Telephony", "Pacing", "DialerModel", "TestSupport", logging, nioLocks,
                nioPosix, "PostgresClient",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "CallFloorTests",
            dependencies: [
                "CallFloor", "Chance", "AsteriskManager", "AsteriskDriver", "Telephony", "DialerModel",
                "TestSupport",
                nioCore, nioPosix, nioLocks, logging, lifecycle,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "ControlAPI", "DialerStore", "Pacing", "DialerModel", "TestSupport", hummingbirdTesting, hummingbird,
                "DialerEngine", "PostgresClient", logging, nioLocks, nioCore, nioPosix, collections, lifecycle,
                subprocess, coreMetrics, httpTypes,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "outpace", "ControlAPI", "CallFloor", "DialerEngine", "AsteriskDriver", "AsteriskManager",
                "DialerStore", "PostgresClient", "Telephony", "DialerModel", "TestSupport", httpClient, subprocess,
                nioCore, nioHTTP1, nioLocks, collections,
            ],
            swiftSettings: house
        ),
        .target(name: "ClockStep", path: "Tests/ClockStep"),
        .target(name: "SlowDisk", path: "Tests/SlowDisk"),
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "outpace", "Chance", "DialerModel", "PostgresClient", "TestSupport", httpClient, nioCore, nioPosix,
                nioHTTP1, nioLocks, collections,
            ],
            swiftSettings: house
        ),

        // Benchmarks: one command runs them all (make bench).
        .executableTarget(
            name: "outpace-bench",
            dependencies: [
                "AsteriskManager", "Chance", "Pacing", "Simulation", "DialerModel", "DialerStore", "EventLoop",
                "PostgresClient",
                argumentParser, nioCore, nioPosix, logging,
            ],
            path: "bench/outpace-bench",
            swiftSettings: house
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// Built by scripts/fuzz alone: these need libFuzzer and code that counts its own branches.
if ProcessInfo.processInfo.environment["FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .executableTarget(
            name: "fuzz-manager-messages", dependencies: ["AsteriskManager", "CFuzzer", nioCore],
            path: "Fuzz/ManagerMessages", swiftSettings: house),
        .executableTarget(
            name: "fuzz-list-rows", dependencies: ["ListImport", "CFuzzer"], path: "Fuzz/ListRows",
            swiftSettings: house),
    ]
}
