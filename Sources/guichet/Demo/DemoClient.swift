import AsyncHTTPClient
import Foundation
import RoomClient
import Values

/// The story's people at the server: each call one HTTP request, as the CLI and the pages make it.
struct DemoClient: Sendable {
    struct Person: Sendable {
        let name: String
        let wallet: Views.NewWallet
    }

    private struct NewRoom: Encodable {
        let title: String
        let startsAt, endsAt, doorsOpenAt: Instant
        let capacity: Int
        let price: Money
        let language: String
    }

    private struct Order: Encodable {
        let room: RoomID
        let price: Money
    }

    let address: String
    let operatorKey: String

    func client(_ key: String?) -> APIClient { APIClient(address: address, key: key) }

    func addHost(_ name: String) async throws -> Views.Host {
        try APIClient.decode(try await client(operatorKey).post("/v1/hosts", ["name": name]))
    }

    /// A room that is open from now for `seconds`.
    func openRoom(
        _ title: String, host: Views.Host, seconds: Int64, capacity: Int, price: Money
    ) async throws -> Views.Room {
        let now = WallTime.now()
        let body = NewRoom(
            title: title, startsAt: now, endsAt: now.advanced(bySeconds: seconds), doorsOpenAt: now,
            capacity: capacity, price: price, language: "en")
        let made: Views.Room = try APIClient.decode(try await client(host.key).post("/v1/rooms", body))
        return try APIClient.decode(
            try await client(host.key).post("/v1/rooms/\(made.room)/open", [String: String]()))
    }

    func close(_ room: RoomID, host: Views.Host) async throws {
        _ = try await client(host.key).post("/v1/rooms/\(room)/close", [String: String]())
    }

    func hostPass(_ room: RoomID, host: Views.Host) async throws -> Views.Pass {
        try APIClient.decode(try await client(host.key).post("/v1/rooms/\(room)/passes", ["role": "host"]))
    }

    func newWallet(_ name: String, holding amount: Money) async throws -> Person {
        let wallet: Views.NewWallet = try APIClient.decode(
            try await client(nil).post("/v1/wallets", [String: String]()))
        _ = try await client(wallet.key).post(
            "/v1/wallets/\(wallet.holder)/topups", ["amount": amount], idempotencyKey: IdempotencyKey.fresh())
        return Person(name: name, wallet: wallet)
    }

    func balance(_ person: Person) async throws -> [Money] {
        let answer = try await client(person.wallet.key).get("/v1/wallets/\(person.wallet.holder)")
        let wallet: Views.Wallet = try APIClient.decode(answer)
        return wallet.balances
    }

    func buy(_ room: RoomID, _ person: Person, price: Money, key: String) async throws -> Views.Purchase {
        let answer = try await client(person.wallet.key).post(
            "/v1/orders", Order(room: room, price: price), idempotencyKey: key)
        return try APIClient.decode(answer)
    }

    /// Gives a ticket back; returns the moment of the server's answer on CLOCK_MONOTONIC, in nanoseconds.
    func refund(_ ticket: TicketID, _ person: Person) async throws -> UInt64 {
        _ = try await client(person.wallet.key).post(
            "/v1/tickets/\(ticket)/refund", [String: String](), idempotencyKey: IdempotencyKey.fresh())
        return DispatchTime.now().uptimeNanoseconds
    }

    func whep(_ room: RoomID, _ token: String, _ http: HTTPClient) -> WHEPListener {
        WHEPListener(url: "\(address)/rooms/\(room)/whep", token: token, http: http)
    }

    func whip(_ room: RoomID, _ token: String, _ http: HTTPClient) -> WHIPPublisher {
        WHIPPublisher(url: "\(address)/rooms/\(room)/whip", token: token, http: http)
    }
}
