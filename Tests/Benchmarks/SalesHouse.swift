import BoxOffice
import Foundation
import HTTPEdge
import LedgerService
import Schemas
import Store
import Tickets
import Values

/// A ledger on a new SQLite file with one large room on sale and a thousand wallets that can pay for it.
struct SalesHouse: Sendable {
    struct Wallet: Sendable {
        let holder: HolderID
        let key: String
    }

    static let price = Money(500, .eur)
    /// As many as one room sells; at 10,000 sales a second they last longer than ``maximumSeconds``.
    static let capacity = Room.maximumCapacity
    /// A longer run would sell the room out, and fill the disk.
    static let maximumSeconds = 20.0

    let service: LedgerService
    let key: SigningKey
    let room: RoomView
    /// Many, since the balance of a wallet is the sum of its postings: one that buys all would measure that sum.
    let wallets: [Wallet]

    /// - Parameters:
    ///   - capacity: seats of the room.
    ///   - buyers: wallets with money.
    static func open(
        in folder: URL, _ name: String, capacity: Int = capacity, buyers: Int = 1_000
    ) async throws -> SalesHouse {
        try await open(
            try Database.ledger(at: folder.appendingPathComponent("\(name).db").path), capacity: capacity,
            buyers: buyers)
    }

    static func open(
        _ database: Database, capacity: Int = capacity, buyers: Int = 1_000
    ) async throws -> SalesHouse {
        let (service, key) = try service(on: database)
        let host = try await service.createHost(name: "Benchmark", by: .operator).host.host
        let room = try await Self.room(of: host, capacity: capacity, in: service)
        // As many at a time as a group commit takes.
        let callers = 256
        let wallets = try await withThrowingTaskGroup(of: [Wallet].self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var made: [Wallet] = []
                    for _ in stride(from: caller, to: buyers, by: callers) {
                        made.append(try await wallet(in: service))
                    }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return SalesHouse(service: service, key: key, room: room, wallets: wallets)
    }

    /// A further room of the same host.
    func anotherRoom() async throws -> RoomView {
        try await Self.room(of: room.host, capacity: Self.capacity, in: service)
    }

    private static func room(of host: HostID, capacity: Int, in service: LedgerService) async throws -> RoomView {
        let now = service.clock.now()
        let draft = RoomDraft(
            title: "Benchmark", language: "en", doorsOpenAt: now.advanced(bySeconds: 3_600),
            startsAt: now.advanced(bySeconds: 7_200), endsAt: now.advanced(bySeconds: 10_800), capacity: capacity)
        return try await service.createRoom(draft, price: price, by: .host(host))
    }

    /// A service with a key of its own; several may serve one database.
    static func service(
        on database: Database, policy: String? = nil, clock: WallClock = .system
    ) throws -> (LedgerService, SigningKey) {
        let policies = try PolicyBook(json: PolicyPresets.json)
        let (issuer, audience) = ("https://tickets.example", "https://tickets.example/rooms")
        let settings =
            policy.map { LedgerSettings(issuer: issuer, audience: audience, policies: policies, policy: $0) }
            ?? LedgerSettings(issuer: issuer, audience: audience, policies: policies)
        guard let settings else { throw BaselineMissing(text: "The presets have no default policy.") }
        let key = SigningKey.generate()
        return (LedgerService(database: database, settings: settings, signingKey: key, clock: clock), key)
    }

    /// A wallet with 10,000.00: two thousand tickets.
    private static func wallet(in service: LedgerService) async throws -> Wallet {
        let (holder, issued) = try await service.createWallet()
        guard let once = IdempotencyKey("start-\(holder)") else { throw BaselineMissing(text: "No idempotency key.") }
        _ = try await service.topUp(holder, Money(1_000_000, .eur), key: once, by: .operator)
        return Wallet(holder: holder, key: issued.key)
    }

    /// Sells one ticket; the wallets take turns.
    func sell(_ number: Int) async throws {
        let wallet = wallets[number % wallets.count]
        guard let once = IdempotencyKey("sale-\(number)") else { throw BaselineMissing(text: "No idempotency key.") }
        _ = try await service.buy(room.room, at: Self.price, key: once, by: .wallet(wallet.holder))
    }

    func close() async { await service.database.close() }
}
