import Foundation
import RoomClient
import Values

/// A room for a load test, with everybody's tickets, by the operator's key and test money.
struct LoadTrial {
    struct TrialRoom {
        let id: RoomID
        let host: Views.Host
        let voices, listeners: [String]
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
        let count: Int
    }

    /// The cheapest that the presets let anybody sell.
    private static let price = Money(100, .eur)
    /// Tickets an order, the most there are.
    private static let ticketsAnOrder = 20

    let client: APIClient

    func open(_ plan: LoadPlan) async throws -> TrialRoom {
        guard client.key != nil else {
            throw CommandFailure(.usage, "Give the operator's key: --data, --key-file or GUICHET_KEY. Or --tickets.")
        }
        let host: Views.Host = try APIClient.decode(try await client.post("/v1/hosts", ["name": "Load test"]))
        let hosts = APIClient(address: client.address, key: host.key)
        let now = WallTime.now()
        let length = Double(plan.listeners) / plan.joinsPerSecond + plan.warmUpSeconds + plan.seconds + 600
        let body = NewRoom(
            title: "Load test", startsAt: now, endsAt: now.advanced(bySeconds: Int64(length)), doorsOpenAt: now,
            capacity: plan.listeners, price: Self.price, language: "en")
        let room: Views.Room = try APIClient.decode(try await hosts.post("/v1/rooms", body))
        _ = try await hosts.post("/v1/rooms/\(room.room)/open", [String: String]())
        var voices: [String] = []
        for number in 0..<plan.voices {
            let pass: Views.Pass = try APIClient.decode(
                try await hosts.post("/v1/rooms/\(room.room)/passes", ["role": number == 0 ? "host" : "speaker"]))
            voices.append(pass.token)
        }
        return TrialRoom(
            id: room.room, host: host, voices: voices, listeners: try await buy(plan.listeners, room.room))
    }

    func close(_ room: TrialRoom) async throws {
        _ = try await APIClient(address: client.address, key: room.host.key)
            .post("/v1/rooms/\(room.id)/close", [String: String]())
    }

    private func buy(_ count: Int, _ room: RoomID) async throws -> [String] {
        let wallet: Views.NewWallet = try APIClient.decode(
            try await APIClient(address: client.address, key: nil).post("/v1/wallets", [String: String]()))
        _ = try await client.post(
            "/v1/wallets/\(wallet.holder)/topups", ["amount": Money(Int64(count) * 100, .eur)],
            idempotencyKey: IdempotencyKey.fresh())
        let buyer = APIClient(address: client.address, key: wallet.key)
        var tokens: [String] = []
        while tokens.count < count {
            let order = Order(room: room, price: Self.price, count: min(Self.ticketsAnOrder, count - tokens.count))
            let sale: Views.Purchase = try APIClient.decode(
                try await buyer.post("/v1/orders", order, idempotencyKey: IdempotencyKey.fresh()))
            tokens += sale.tickets?.map(\.token) ?? [sale.token]
        }
        return tokens
    }

    // MARK: Tickets of a file

    static func read(_ path: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.file, "\(path) can't be read.")
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    static func split(_ tokens: [String], _ plan: LoadPlan) throws -> (voices: [String], listeners: [String]) {
        guard tokens.count >= plan.voices + plan.listeners else {
            throw CommandFailure(
                .usage, "The file has \(tokens.count) tickets; \(plan.voices) and \(plan.listeners) are needed.")
        }
        return (
            Array(tokens.prefix(plan.voices)), Array(tokens.dropFirst(plan.voices).prefix(plan.listeners))
        )
    }
}
