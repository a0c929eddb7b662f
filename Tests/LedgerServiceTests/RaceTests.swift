import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// Many who want the same at the same moment: what each of them is told, and what the books say afterwards.
@Suite(.timeLimit(.minutes(20))) struct RaceTests {
    private func isClean(_ house: House) async throws {
        let report = try await house.service.audit(by: .operator)
        for line in report.lines { #expect(line.findings.isEmpty, "\(line.check) \(line.findings)") }
    }

    @Test func `one intention from fifty connections at once is one sale and fifty equal answers`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 100)
            let buyer = try await api.wallet(50_000)
            let answers = try await withThrowingTaskGroup(of: API.Answer.self) { group in
                for _ in 0..<50 { group.addTask { try await api.buy(room, key: buyer.key, once: "one-intention") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(Set(answers.map(\.bytes)).count == 1)
            let (orders, held) = try await house.service.database.read { transaction in
                (
                    try transaction.row("SELECT count(*) FROM orders") { row throws(StoreFault) in try row.int(0) },
                    try transaction.amount(in: .wallet(try #require(HolderID(buyer.holder))), .eur)
                )
            }
            #expect(orders == 1)
            #expect(held == Money(49_500, .eur))
            // The same name for something else, in the same rush, is refused each time.
            let others = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await api.buy(room, key: buyer.key, price: 501, once: "one-intention").code }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(others == ["idempotency_mismatch"])
            try await isClean(house)
        }
    }

    /// Bounded by the debug build of a small machine: 10,000 wallets with money, one attempt each, all of them at once.
    @Test func `ten thousand buyers of the last hundred seats get a hundred tickets and plain words`() async throws {
        let house = try await House()
        let service = house.service
        let host = try await service.createHost(name: "Ana", by: .operator).host.host
        let start = service.clock.now().advanced(bySeconds: 3_600)
        let draft = RoomDraft(
            title: "Rush", language: "en", doorsOpenAt: start, startsAt: start,
            endsAt: start.advanced(bySeconds: 3_600), capacity: 100)
        let room = try await service.createRoom(draft, price: Money(500, .eur), by: .host(host)).room
        let once = try #require(IdempotencyKey("once"))
        let buyers = try await withThrowingTaskGroup(of: HolderID.self) { group in
            for _ in 0..<10_000 {
                group.addTask {
                    let holder = try await service.createWallet().holder
                    _ = try await service.topUp(holder, Money(500, .eur), key: once, by: .wallet(holder))
                    return holder
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(buyers).count == 10_000)
        let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
            for buyer in buyers {
                group.addTask {
                    do {
                        let sale = try await service.buy(room, at: Money(500, .eur), key: once, by: .wallet(buyer))
                        return "seat \(sale.seat)"
                    } catch let refusal as PurchaseRefusal { return refusal.code }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes["sold_out"] == 9_900)
        #expect(outcomes.count == 101)
        #expect((1...100).allSatisfy { outcomes["seat \($0)"] == 1 })
        try await isClean(house)
        await service.database.close()
    }

    @Test func `a ticket that holder, host and operator give back at once is given back once`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 40)
            let gateway = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            let id = try #require(GatewayID(gateway.text("subject")))
            for number in 0..<10 {
                let buyer = try await api.wallet(500)
                let sale = try await api.buy(room, key: buyer.key)
                let ticket = sale.text("ticket")
                let receipt = try self.receipt(number, of: id, ticket, room, buyer.holder, house)
                let codes = try await withThrowingTaskGroup(of: String.self) { group in
                    for (name, key) in [("a", buyer.key), ("b", host.key), ("c", House.operatorKey)] {
                        for half in ["1", "2"] {
                            group.addTask {
                                let answer = try await api.post(
                                    "/v1/tickets/\(ticket)/refund", key: key, once: "\(name)\(half)-\(number)")
                                return answer.status == 201 ? "refunded" : answer.code
                            }
                        }
                    }
                    // Whoever came in at that very moment was seen, whatever became of the ticket.
                    group.addTask {
                        let answer = try await api.post("/v1/gateway/receipts", receipt, key: gateway.text("key"))
                        return answer.int("acceptedThrough") == number + 1 ? "entered" : answer.code
                    }
                    return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                }
                #expect(codes == ["refunded": 1, "already_refunded": 5, "entered": 1], "\(codes)")
                let wallet = try await api.get("/v1/wallets/\(buyer.holder)", key: buyer.key)
                #expect(
                    String(decoding: wallet.bytes, as: UTF8.self).contains(
                        #""balances":[{"amount":500,"currency":"EUR"}]"#))
            }
            // Every seat is free again, and each ticket was told to the gateways once.
            #expect(try await api.get("/v1/rooms/\(room)").int("seatsLeft") == 40)
            let told = try await house.service.database.read { transaction in
                try transaction.feed(after: 0, limit: 1_000).filter { $0.kind == "revoked" }.count
            }
            #expect(told == 10)
            try await isClean(house)
        }
    }

    /// The next receipt of a gateway whose receipts all come from here.
    private func receipt(
        _ number: Int, of gateway: GatewayID, _ ticket: String, _ room: String, _ holder: String, _ house: House
    ) throws -> String {
        let now = house.service.clock.now()
        var chain = ReceiptChain(gateway: gateway, sequence: Int64(number), hash: lastHash.value)
        var generator = SystemRandomNumberGenerator()
        let seat = Seat(
            admission: .make(at: now, using: &generator), ticket: try #require(TicketID(ticket)),
            holder: .holder(try #require(HolderID(holder))), role: .listener, direction: .listening, since: now)
        let receipt = chain.append(.entered, of: seat, room: try #require(RoomID(room)), at: now)
        lastHash.value = chain.hash
        let batch = ReceiptBatch(gateway: gateway, receipts: [receipt])
        return String(decoding: try JSONEncoder().encode(batch), as: UTF8.self)
    }

    /// `@unchecked Sendable`: one test of the suite uses it, between its rounds.
    private final class Hash: @unchecked Sendable { var value = ReceiptChain.firstPreviousHash }
    private let lastHash = Hash()
}
