import BoxOffice
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A room on sale and buyers, in process.
struct SaleRoom {
    let house: House
    let service: LedgerService
    let host: HostID
    let room: RoomID

    init(
        capacity: Int, price: Int64 = 500, settings: (inout LedgerSettings) -> Void = { _ in }
    ) async throws {
        house = try await House(settings: settings)
        service = house.service
        let made = try await service.createHost(name: "Ana", by: .operator)
        host = made.host.host
        let start = service.clock.now().advanced(bySeconds: 7_200)
        let draft = RoomDraft(
            title: "Soirée", language: "fr", doorsOpenAt: start, startsAt: start,
            endsAt: start.advanced(bySeconds: 3_600), capacity: capacity)
        room = try await service.createRoom(draft, price: Money(price, .eur), by: .host(host)).room
    }

    func buyer(_ cents: Int64 = 10_000) async throws -> HolderID {
        let holder = try await service.createWallet().holder
        if cents > 0 {
            _ = try await service.topUp(holder, Money(cents, .eur), key: try once("top-\(holder)"), by: .operator)
        }
        return holder
    }

    func once(_ text: String) throws -> IdempotencyKey { try #require(IdempotencyKey(text)) }

    func order(_ count: Int = 1, price: Int64 = 500) -> TicketOrder {
        TicketOrder(room: room, count: count, price: Money(price, .eur))
    }

    func hold(_ count: Int, by holder: HolderID, _ key: String = "hold") async throws -> HoldView {
        try await service.hold(order(count), key: try once(key), by: .wallet(holder))
    }

    func money(_ cents: Int64, _ reference: String) -> HoldMoney {
        HoldMoney(provider: "bank", reference: reference, amount: Money(cents, .eur))
    }

    func seatsLeft() async throws -> Int { try await service.room(room).seatsLeft }

    func balance(_ holder: HolderID) async throws -> Money {
        try await service.database.read { try $0.amount(in: .wallet(holder), .eur) }
    }

    func code(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch let refusal as any Refusal { return refusal.code } catch { return "\(error)" }
    }

    func close() async { await service.database.close() }

    func suspense() async throws -> Money {
        try await service.database.read { try $0.amount(in: .unplaced, .eur) }
    }
}
