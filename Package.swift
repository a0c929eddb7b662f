// swift-tools-version: 6.2
import PackageDescription

// The floor plan. Arrows go down only: ground (pure rules) < crypto and media < storage < services < edge.
// `Sources/README.md` says in one line what each room is and what it may lean on.

let isCoreOnly = Context.environment["GUICHET_ONLY"] == "core"

let floors: [Target] = [
    // C: module maps and thin shims only.
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CDatagrams"),

    // Ground: rules without I/O, clock or randomness.
    .target(name: "Values", dependencies: ["COpenSSL"]),
    .target(name: "Ledger", dependencies: ["Values"]),
    .target(name: "BoxOffice", dependencies: ["Values", "Ledger"]),
    .target(name: "Stage", dependencies: ["Values"]),
    .target(name: "Payouts", dependencies: ["Values", "Ledger", "BoxOffice"]),
    .target(name: "BankFiles", dependencies: ["Values"]),

    // Crypto and media.
    .target(name: "Tickets", dependencies: ["Values", "COpenSSL"]),
    .target(name: "MediaWire", dependencies: ["COpenSSL"]),
    .target(name: "AudioRelay", dependencies: ["Values", "MediaWire", "COpenSSL"]),

    // Files that the code reads at run time, carried in the binary, and the modules that know what they are.
    .target(name: "CEmbedded"),
    .target(name: "Embedded", dependencies: ["CEmbedded"]),
    .target(name: "Schemas", dependencies: ["Embedded"], path: "Schemas", exclude: ["resources"]),
    .target(name: "Reports", dependencies: ["Embedded"], path: "Reports", exclude: ["resources"]),

    // Storage and sockets.
    .target(
        name: "Store",
        dependencies: ["Values", "Ledger", "BoxOffice", "Payouts", "Stage", "Schemas", "CSQLite", "CPostgreSQL"]),
    .target(name: "Datagrams", dependencies: ["CDatagrams", "MediaWire"]),
    .target(name: "RelayThreads", dependencies: ["MediaWire", "AudioRelay", "Datagrams"]),

    // Services.
    .target(name: "Reporting", dependencies: ["Values", "Ledger", "Reports", "CZlib"]),
    .target(name: "HTTPEdge", dependencies: ["Values", "Schemas", .hummingbird, .logging]),
    .target(
        name: "LedgerService",
        dependencies: [
            "Values", "Ledger", "BoxOffice", "Stage", "Payouts", "BankFiles", "Tickets", "Schemas", "Store",
            "Reporting",
            "HTTPEdge", "Embedded", .hummingbird, .httpClient, .mustache, .logging,
        ],
        exclude: ["Web/resources"]),
    .target(
        name: "RoomGateway",
        dependencies: [
            "Values", "Stage", "Tickets", "MediaWire", "AudioRelay", "Datagrams", "RelayThreads", "Schemas", "Store",
            "HTTPEdge", .hummingbird, .logging, .httpClient,
        ]),
    .target(
        name: "RoomClient",
        dependencies: ["Values", "MediaWire", "AudioRelay", "Datagrams", .httpClient, .logging]),

    // Edge: the CLI and the one place of wiring.
    .executableTarget(
        name: "guichet",
        dependencies: [
            "Values", "Ledger", "BoxOffice", "Stage", "Payouts", "BankFiles", "Tickets", "MediaWire", "AudioRelay",
            "RelayThreads", "Schemas", "Store", "Reporting", "HTTPEdge", "LedgerService", "RoomGateway", "RoomClient",
            .hummingbird, .hummingbirdCore, .logging, .httpClient, .argumentParser, .configuration, .lifecycle,
            .unixSignals,
        ]),

    // Workshop: what tests and benchmarks share, and the benchmarks that `Scripts/bench` runs.
    .executableTarget(
        name: "guichet-bench",
        dependencies: [
            "Values", "Ledger", "BoxOffice", "Payouts", "Tickets", "MediaWire", "AudioRelay", "Datagrams", "Schemas",
            "Store", "HTTPEdge", "LedgerService", "COpenSSL", "Engines", "Simulation", .hummingbird, .httpClient,
            .logging, .argumentParser,
        ],
        path: "Tests/Benchmarks"),
    .target(name: "Simulation", dependencies: ["Values"], path: "Tests/Simulation"),
    .target(name: "Engines", dependencies: ["Store", "CPostgreSQL"], path: "Tests/Engines"),
    // The order that a contended `Mutex` makes, told to the thread sanitizer.
    .target(name: "CMutexOrder", path: "Tests/Sanitizers"),
    // What must hold for any bytes: run by the tests below and, with libFuzzer around it, by `Scripts/fuzz`.
    .target(
        name: "Fuzzing", dependencies: ["Values", "MediaWire", "AudioRelay", "Tickets", "Stage", "HTTPEdge"],
        path: "Tests/Fuzzing/Bodies"),
]

let tests: [Target] = [
    .testTarget(name: "EmbeddedTests", dependencies: ["Embedded"]),
    .testTarget(name: "ValuesTests", dependencies: ["Values", "Simulation"]),
    .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Values", "Schemas", "Simulation"]),
    .testTarget(name: "BoxOfficeTests", dependencies: ["BoxOffice", "Ledger", "Values", "Schemas", "Simulation"]),
    .testTarget(name: "StageTests", dependencies: ["Stage", "Values", "Schemas", "Simulation"]),
    .testTarget(
        name: "PayoutsTests",
        dependencies: ["Payouts", "BoxOffice", "Ledger", "Values", "Schemas", "Simulation"],
        resources: [.copy("Cases")]),
    .testTarget(name: "BankFilesTests", dependencies: ["BankFiles", "Values", "Schemas", "Simulation"]),
    .testTarget(name: "TicketsTests", dependencies: ["Tickets", "Values", "Schemas", "Simulation"]),
    .testTarget(name: "MediaWireTests", dependencies: ["MediaWire", "Simulation"]),
    .testTarget(name: "DatagramsTests", dependencies: ["Datagrams", "MediaWire"]),
    .testTarget(
        name: "AudioRelayTests",
        dependencies: ["AudioRelay", "MediaWire", "Values", "Schemas", "Simulation"]),
    .testTarget(
        name: "RelayThreadsTests",
        dependencies: ["RelayThreads", "AudioRelay", "Datagrams", "MediaWire", "Simulation"]
            + (isCoreOnly ? ["CMutexOrder"] : [])),
    .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing", "HTTPEdge", "MediaWire", "Stage", "Simulation"]),
    .testTarget(
        name: "StoreTests",
        dependencies: ["Store", "Engines", "Values", "Ledger", "BoxOffice", "Schemas", "Simulation", "CPostgreSQL"]),
    .testTarget(
        name: "ReportingTests", dependencies: ["Reporting", "Values", "Ledger", "Reports", "Schemas", "Simulation"],
        exclude: ["Golden"]),
    .testTarget(
        name: "LedgerServiceTests",
        dependencies: [
            "LedgerService", "HTTPEdge", "Store", "Engines", "Tickets", "Values", "Ledger", "BoxOffice", "Payouts",
            "BankFiles", "Stage", "Reporting", "Schemas", "Simulation", .hummingbird, .hummingbirdTesting, .logging,
        ]),
    .testTarget(
        name: "RoomGatewayTests",
        dependencies: [
            "RoomGateway", "RoomClient", "RelayThreads", "Datagrams", "HTTPEdge", "Tickets", "Values", "Stage",
            "AudioRelay", "MediaWire", "Store",
            "Schemas", "Simulation", .hummingbird, .hummingbirdTesting, .logging, .httpClient,
        ]),
    .testTarget(
        name: "GuichetTests",
        dependencies: ["guichet", "Values", "MediaWire", "AudioRelay", "RoomClient", "Schemas", .argumentParser]),
]

// `Scripts/sanitize` builds the core alone: what strangers' bytes meet first, the media threads, and no HTTP library.
let core: Set = [
    "COpenSSL", "CDatagrams", "CEmbedded", "Embedded", "Values", "Stage", "Tickets", "MediaWire", "AudioRelay",
    "Datagrams", "Schemas", "RelayThreads", "Simulation", "CMutexOrder", "ValuesTests", "StageTests", "TicketsTests",
    "MediaWireTests",
    "AudioRelayTests", "DatagramsTests", "RelayThreadsTests",
]

let package = Package(
    name: "guichet",
    platforms: [.macOS(.v15)],
    products: isCoreOnly ? [] : [.executable(name: "guichet", targets: ["guichet"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: (floors + tests).filter { isCoreOnly ? core.contains($0.name) : $0.name != "CMutexOrder" },
    swiftLanguageModes: [.v6]
)

extension Target.Dependency {
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let logging = product(name: "Logging", package: "swift-log")
}

for target in package.targets where target.type != .system {
    let strict: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
