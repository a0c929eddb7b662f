import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Schemas
import Stage
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// A room on sale, its host and buyers, in process: for tests of what happens after the sale. The room starts in two
/// hours and lasts one.
final class Stall: Sendable {
    let house: House
    let service: LedgerService
    let host: HostID
    let room: RoomID
    let start: Instant
    private let keys = Mutex(0)

    init(
        capacity: Int, price: Int64 = 500, policy: String = "guichet-demo-2026", terms: String? = nil,
        startsIn: Int64 = 7_200
    ) async throws {
        house = try await House(policy: policy)
        service = house.service
        host = try await service.createHost(name: "Ana", by: .operator).host.host
        start = service.clock.now().advanced(bySeconds: startsIn)
        let draft = RoomDraft(
            title: "Soirée", language: "fr", doorsOpenAt: start.advanced(bySeconds: -600), startsAt: start,
            endsAt: start.advanced(bySeconds: 3_600), capacity: capacity)
        room = try await service.createRoom(draft, price: Money(price, .eur), terms: terms, by: .host(host)).room
    }

    /// A new idempotency key.
    func once() -> IdempotencyKey {
        let number = keys.withLock { number in
            number += 1
            return number
        }
        guard let key = IdempotencyKey("key-\(number)") else { preconditionFailure("A number makes a key.") }
        return key
    }

    func buyer(_ cents: Int64 = 10_000) async throws -> HolderID {
        let holder = try await service.createWallet().holder
        if cents > 0 { _ = try await service.topUp(holder, Money(cents, .eur), key: once(), by: .operator) }
        return holder
    }

    func order(_ count: Int = 1, price: Int64 = 500) -> TicketOrder {
        TicketOrder(room: room, count: count, price: Money(price, .eur))
    }

    func buy(by holder: HolderID, price: Int64 = 500) async throws -> PurchaseView {
        try await service.buy(order(price: price), key: once(), by: .wallet(holder))
    }

    /// Passes a ticket on: its holder offers it, somebody else accepts.
    func pass(_ ticket: TicketID, to holder: HolderID) async throws -> AcceptedView {
        let subject = try await service.database.read { try $0.ticket(ticket)?.subject }
        guard case .holder(let giver) = subject else { throw TransferRefusal.ticketUnknown }
        let offer = try await service.offerTransfer(of: ticket, key: once(), by: .wallet(giver))
        let code = try #require(offer.code)
        return try await service.acceptTransfer(code: code, key: once(), by: .wallet(holder))
    }

    /// A gateway lets somebody in now, and its receipt arrives.
    func enter(_ ticket: TicketID, by holder: HolderID) async throws {
        let gateway = GatewayID.derived(at: start, from: "gateway")
        let before = try await service.database.read { transaction in
            let last = try transaction.lastReceipt(of: gateway)
            return try last == 0 ? nil : transaction.receipt(last, of: gateway)
        }
        var chain = ReceiptChain(gateway: gateway)
        if let before {
            let receipt = try JSONDecoder().decode(Receipt.self, from: Data(before.utf8))
            chain = ReceiptChain(gateway: gateway, sequence: receipt.sequence, hash: receipt.hash)
        }
        let now = service.clock.now()
        let seat = Seat(
            admission: .derived(at: now, from: ticket.text), ticket: ticket, holder: .holder(holder), role: .listener,
            direction: .listening, since: now)
        let receipt = chain.append(.entered, of: seat, room: room, at: now)
        _ = try await service.accept(ReceiptBatch(gateway: gateway, receipts: [receipt]), by: .gateway(gateway))
    }

    func seatsLeft() async throws -> Int { try await service.room(room).seatsLeft }

    func balance(_ holder: HolderID) async throws -> Money {
        try await service.database.read { try $0.amount(in: .wallet(holder), .eur) }
    }

    /// The code of the refusal, or `done`.
    func code(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch let refusal as any Refusal { return refusal.code } catch { return "\(error)" }
    }

    /// That the audit finds nothing.
    func isClean() async throws {
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let report = try await service.database.read { try $0.auditBooks(chart: chart) }
        #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
    }

    /// Which tables the audit finds broken after somebody with the file and an editor has changed something: in a
    /// transaction that is taken back. On SQLite, where keys and triggers can be put aside.
    func broken(after sql: StaticString) async throws -> Set<String> {
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let found = Mutex<Set<String>>([])
        await #expect(throws: TakenBack.self) {
            try await service.database.write { transaction in
                try transaction.execute("PRAGMA defer_foreign_keys = ON")
                for drop in Self.drops { try transaction.execute(drop) }
                try transaction.execute("PRAGMA ignore_check_constraints = ON")
                let changed = try transaction.execute(sql)
                #expect(changed > 0, "\(sql) plants nothing")
                let report = try transaction.auditBooks(chart: chart)
                found.withLock { $0 = Set(report.lines.flatMap(\.findings).map(\.table)) }
                throw TakenBack()
            }
        }
        return found.withLock { $0 }
    }

    private struct TakenBack: Error {}

    /// The second fence, for the tables that the tests change.
    private static let drops: [StaticString] = [
        "DROP TRIGGER settled_orders_stay", "DROP TRIGGER settled_orders_last", "DROP TRIGGER successions_stay",
        "DROP TRIGGER successions_last", "DROP TRIGGER transfers_stay", "DROP TRIGGER transfer_ends_last",
        "DROP TRIGGER room_terms_stay", "DROP TRIGGER room_terms_last", "DROP TRIGGER deliveries_stay",
        "DROP TRIGGER delivery_orders_stay", "DROP TRIGGER delivery_orders_last",
    ]

    func close() async { await service.database.close() }
}
