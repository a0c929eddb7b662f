// swift-tools-version: 6.2
import PackageDescription
let ts: [Target] = [
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "CDatagrams"),
    .target(name: "Values", dependencies: ["COpenSSL"]),
    .target(name: "Ledger", dependencies: ["Values"]),
    .target(name: "BoxOffice", dependencies: ["Values", "Ledger"]),
    .target(name: "Stage", dependencies: ["Values"]),
    .target(name: "Payouts", dependencies: ["Values", "Ledger", "BoxOffice"]),
    .target(name: "Tickets", dependencies: ["Values", "COpenSSL"]),
    .target(name: "MediaWire", dependencies: ["COpenSSL"]),
    .target(name: "AudioRelay", dependencies: ["Values", "MediaWire", "COpenSSL"]),
    .target(name: "Schemas", path: "Schemas", resources: [.embedInCode("resources")]),
    .target(name: "Reports", path: "Reports", resources: [.embedInCode("resources")]),
    .target(
        name: "Store",
        dependencies: ["Values", "Ledger", "BoxOffice", "Payouts", "Stage", "Schemas", "CSQLite", "CPostgreSQL"]),
    .target(name: "Datagrams", dependencies: ["CDatagrams", "MediaWire"]),
    .target(name: "Reporting", dependencies: ["Values", "Ledger", "Payouts", "Reports"]),
    .target(name: "Simulation", dependencies: ["Values"], path: "Tests/Simulation"),
    .target(name: "Engines", dependencies: ["Store", "CPostgreSQL"], path: "Tests/Engines"),
    .testTarget(
        name: "StoreTests",
        dependencies: ["Store", "Engines", "Values", "Ledger", "BoxOffice", "Schemas", "Simulation", "CPostgreSQL"]),
]
let package = Package(name: "mini", targets: ts, swiftLanguageModes: [.v6])
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
