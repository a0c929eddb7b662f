import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Simulation
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// A room on sale and buyers, in process.
private struct Sale {
    let house: House
    let service: LedgerService
    let host: HostID
    let room: RoomID

    init(capacity: Int, price: Int64 = 500) async throws {
        house = try await House()
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
}

@Suite struct BoxOfficeTests {
    @Test func `a held seat is nobody else's until its time is over`() async throws {
        let sale = try await Sale(capacity: 2)
        let (first, second) = (try await sale.buyer(), try await sale.buyer())
        let held = try await sale.hold(2, by: first)
        #expect(held.state == "held")
        #expect(held.seats == [1, 2])
        #expect(held.total == Money(1_000, .eur))
        #expect(try await sale.seatsLeft() == 0)
        let buy: @Sendable () async throws -> Void = {
            _ = try await sale.service.buy(sale.order(), key: try sale.once("buy"), by: .wallet(second))
        }
        #expect(await sale.code(buy) == "sold_out")
        sale.house.time.advance(bySeconds: 599)
        #expect(await sale.code(buy) == "sold_out")
        sale.house.time.advance(bySeconds: 1)
        #expect(try await sale.seatsLeft() == 2)
        #expect(await sale.code(buy) == "done")
        let pay: @Sendable () async throws -> Void = {
            _ = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(first))
        }
        #expect(await sale.code(pay) == "hold_expired")
        #expect(try await sale.balance(first) == Money(10_000, .eur))
        let states = try await sale.service.database.read { try $0.holdStates(of: held.hold).map(\.state) }
        #expect(states == [.held, .expired])
        await sale.close()
    }

    @Test func `a hold is paid from the wallet, once, at the price that was held`() async throws {
        let sale = try await Sale(capacity: 3)
        let buyer = try await sale.buyer()
        let held = try await sale.hold(2, by: buyer)
        _ = try await sale.service.setPrice(Money(900, .eur), of: sale.room, by: .host(sale.host))
        let paid = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(buyer))
        let again = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(buyer))
        #expect(paid == again)
        #expect(paid.state == "ticketed")
        #expect(paid.tickets?.map(\.seat) == [1, 2])
        #expect(try await sale.balance(buyer) == Money(9_000, .eur))
        #expect(try await sale.seatsLeft() == 1)
        let other = await sale.code {
            _ = try await sale.service.payHold(held.hold, key: try sale.once("again"), by: .wallet(buyer))
        }
        #expect(other == "hold_paid")
        // Each ticket is an order of its own: one of them is given back, the other stays.
        let ticket = try #require(paid.tickets?.first?.ticket)
        _ = try await sale.service.refund(ticket, key: try sale.once("r"), by: .wallet(buyer))
        #expect(try await sale.balance(buyer) == Money(9_500, .eur))
        #expect(try await sale.seatsLeft() == 2)
        await sale.close()
    }

    @Test func `a cancelled hold gives its seats back, and a stranger does not see it`() async throws {
        let sale = try await Sale(capacity: 1)
        let (buyer, stranger) = (try await sale.buyer(), try await sale.buyer())
        let held = try await sale.hold(1, by: buyer)
        let look = await sale.code { _ = try await sale.service.hold(held.hold, by: .wallet(stranger)) }
        #expect(look == "hold_unknown")
        let cancelled = try await sale.service.cancelHold(held.hold, key: try sale.once("c"), by: .wallet(buyer))
        #expect(cancelled.state == "cancelled")
        #expect(cancelled.seats == [])
        #expect(try await sale.seatsLeft() == 1)
        #expect(try await sale.hold(1, by: stranger).seats == [1])
        await sale.close()
    }

    @Test func `money of a provider makes tickets once, however often it is reported`() async throws {
        let sale = try await Sale(capacity: 2)
        let buyer = try await sale.buyer(0)
        let held = try await sale.hold(2, by: buyer)
        for key in ["a", "b"] {
            let view = try await sale.service.receive(
                sale.money(1_000, "pi_1"), for: held.hold, key: try sale.once(key), by: .operator)
            #expect(view.state == "ticketed")
            #expect(view.payments.map(\.outcome) == ["tickets"])
        }
        let conflict = await sale.code {
            _ = try await sale.service.receive(
                sale.money(999, "pi_1"), for: held.hold, key: try sale.once("c"), by: .operator)
        }
        #expect(conflict == "payment_conflict")
        let mine = try await sale.service.hold(held.hold, by: .wallet(buyer))
        #expect(mine.tickets?.count == 2)
        #expect(try await sale.balance(buyer) == Money(0, .eur))
        let kinds = try await sale.service.database.read { transaction in
            try transaction.entries(after: 0, through: .max, limit: 10).map(\.entry.kind)
        }
        #expect(kinds == [.topup, .sale, .sale])
        // A second payment for the same tickets is kept apart.
        let twice = try await sale.service.receive(
            sale.money(1_000, "pi_2"), for: held.hold, key: try sale.once("d"), by: .operator)
        #expect(twice.payments.map(\.reason) == [nil, "paid_twice"])
        #expect(try await sale.suspense() == Money(1_000, .eur))
        await sale.close()
    }

    @Test func `late money finds other seats, or waits and goes back`() async throws {
        let sale = try await Sale(capacity: 2)
        let (late, quick) = (try await sale.buyer(0), try await sale.buyer())
        let first = try await sale.hold(1, by: late, "first")
        let second = try await sale.hold(1, by: late, "second")
        sale.house.time.advance(bySeconds: 600)
        _ = try await sale.service.buy(sale.order(), key: try sale.once("q"), by: .wallet(quick))
        // One seat is left for two late payments.
        let lucky = try await sale.service.receive(
            sale.money(500, "pi_1"), for: first.hold, key: try sale.once("1"), by: .operator)
        #expect(lucky.state == "ticketed")
        let unlucky = try await sale.service.receive(
            sale.money(500, "pi_2"), for: second.hold, key: try sale.once("2"), by: .operator)
        #expect(unlucky.state == "suspended")
        #expect(unlucky.payments.map(\.reason) == ["no_seat"])
        #expect(try await sale.suspense() == Money(500, .eur))
        #expect(try await sale.balance(late) == Money(0, .eur))
        for key in ["r", "s"] {
            let back = try await sale.service.refundHold(second.hold, key: try sale.once(key), by: .operator)
            #expect(back.state == "refunded")
        }
        #expect(try await sale.suspense() == Money(0, .eur))
        #expect(try await sale.balance(late) == Money(500, .eur))
        let states = try await sale.service.database.read { transaction in
            (
                try transaction.holdStates(of: first.hold).map(\.state),
                try transaction.holdStates(of: second.hold).map(\.state)
            )
        }
        #expect(states.0 == [.held, .expired, .paid, .ticketed])
        #expect(states.1 == [.held, .expired, .suspended, .refunded])
        await sale.close()
    }

    @Test func `a group is bought whole or not at all, and repeated as a whole`() async throws {
        let sale = try await Sale(capacity: 5)
        let (buyer, poor) = (try await sale.buyer(), try await sale.buyer(1_999))
        let four = await sale.code {
            _ = try await sale.service.buy(sale.order(4), key: try sale.once("g"), by: .wallet(poor))
        }
        #expect(four == "insufficient_funds")
        #expect(try await sale.seatsLeft() == 5)
        let bought = try await sale.service.buy(sale.order(4), key: try sale.once("g"), by: .wallet(buyer))
        let again = try await sale.service.buy(sale.order(4), key: try sale.once("g"), by: .wallet(buyer))
        #expect(bought == again)
        #expect(bought.tickets?.map(\.seat) == [1, 2, 3, 4])
        #expect(Set(bought.tickets?.map(\.token) ?? []).count == 4)
        #expect(bought.total == Money(2_000, .eur))
        #expect(try await sale.balance(buyer) == Money(8_000, .eur))
        let two = await sale.code {
            _ = try await sale.service.buy(sale.order(2), key: try sale.once("h"), by: .wallet(buyer))
        }
        #expect(two == "not_enough_seats")
        let many = await sale.code {
            _ = try await sale.service.buy(sale.order(21), key: try sale.once("i"), by: .wallet(buyer))
        }
        #expect(many == "count_out_of_range")
        await sale.close()
    }

    @Test func `a quote posts what it says and holds for nothing else`() async throws {
        let sale = try await Sale(capacity: 5)
        let (buyer, other) = (try await sale.buyer(), try await sale.buyer())
        let quote = try await sale.service.quote(sale.order(2), by: .wallet(buyer))
        #expect(quote.total == Money(1_000, .eur))
        #expect(quote.vat == Money(83, .eur))
        // 97 % of 4.17.
        #expect(quote.hostShare == Money(404, .eur))
        #expect(try await sale.service.quote(sale.order(2), by: .anybody).quote == nil)
        let token = try #require(quote.quote)
        let theft = await sale.code {
            _ = try await sale.service.buy(quote: token, key: try sale.once("x"), by: .wallet(other))
        }
        #expect(theft == "quote_holder")
        let bought = try await sale.service.buy(quote: token, key: try sale.once("q"), by: .wallet(buyer))
        #expect(bought.tickets?.count == 2)
        let entries = try await sale.service.database.read { try $0.entries(after: 2, through: .max, limit: 10) }
        #expect(entries.count == 2)
        for entry in entries { #expect(entry.entry.legs.map { LegView($0) } == quote.postings) }
        // A ticket is no quote and a quote no ticket.
        let ticket = await sale.code {
            _ = try await sale.service.buy(quote: bought.token, key: try sale.once("y"), by: .wallet(buyer))
        }
        #expect(ticket == "quote_invalid")
        #expect(try await sale.service.verify(token).code == "ticket_type")
        let next = try #require(try await sale.service.quote(sale.order(), by: .wallet(buyer)).quote)
        _ = try await sale.service.setPrice(Money(600, .eur), of: sale.room, by: .host(sale.host))
        let changed = await sale.code {
            _ = try await sale.service.buy(quote: next, key: try sale.once("z"), by: .wallet(buyer))
        }
        #expect(changed == "quote_price")
        let late = try #require(try await sale.service.quote(sale.order(price: 600), by: .wallet(buyer)).quote)
        sale.house.time.advance(bySeconds: 300)
        let expired = await sale.code {
            _ = try await sale.service.buy(quote: late, key: try sale.once("w"), by: .wallet(buyer))
        }
        #expect(expired == "quote_expired")
        // One that was bought in time is answered for ever.
        #expect(try await sale.service.buy(quote: token, key: try sale.once("q"), by: .wallet(buyer)) == bought)
        await sale.close()
    }

    @Test func `early places are as many as were promised, and a hold that runs out gives its place back`() async throws
    {
        let sale = try await Sale(capacity: 10, price: 800)
        let buyer = try await sale.buyer()
        _ = try await sale.service.setTier(
            TierDraft(tier: "early", price: Money(500, .eur), places: 2), of: sale.room, by: .host(sale.host))
        #expect(try await sale.service.room(sale.room).price == Money(500, .eur))
        let held = try await sale.hold(1, by: buyer)
        _ = try await sale.service.buy(sale.order(), key: try sale.once("1"), by: .wallet(buyer))
        #expect(try await sale.service.room(sale.room).price == Money(800, .eur))
        let full: @Sendable () async throws -> Void = {
            var order = sale.order()
            order.tier = "early"
            _ = try await sale.service.buy(order, key: try sale.once("2"), by: .wallet(buyer))
        }
        #expect(await sale.code(full) == "tier_full")
        sale.house.time.advance(bySeconds: 600)
        #expect(await sale.code(full) == "done")
        #expect(try await sale.service.hold(held.hold, by: .wallet(buyer)).state == "expired")
        let tiers = try await sale.service.prices(of: sale.room)
        #expect(tiers.map(\.tier) == ["early", "regular"])
        #expect(tiers.map(\.placesLeft) == [0, nil])
        await sale.close()
    }

    @Test func `a voucher makes so many tickets, a free one without an entry, each with a seat`() async throws {
        let sale = try await Sale(capacity: 3)
        let buyer = try await sale.buyer(250)
        let draft = VoucherDraft(benefit: .free, uses: 2)
        let made = try await sale.service.createVoucher(draft, key: try sale.once("v"), by: .host(sale.host))
        let code = try #require(made.code)
        #expect(code.count == 16)
        var order = sale.order(2)
        order.voucher = code.lowercased()
        let free = try await sale.service.buy(order, key: try sale.once("f"), by: .wallet(buyer))
        #expect(free.price == Money(0, .eur))
        #expect(free.tickets?.map(\.seat) == [1, 2])
        #expect(try await sale.seatsLeft() == 1)
        #expect(try await sale.balance(buyer) == Money(250, .eur))
        // A free ticket is given back for nothing: its seat is free, its voucher is not.
        let back = try await sale.service.refund(
            try #require(free.tickets?.last?.ticket), key: try sale.once("back"), by: .wallet(buyer))
        #expect(back.revoked)
        #expect(back.amount == Money(0, .eur))
        #expect(try await sale.seatsLeft() == 2)
        order.count = 1
        let used = order
        let empty = await sale.code {
            _ = try await sale.service.buy(used, key: try sale.once("g"), by: .wallet(buyer))
        }
        #expect(empty == "voucher_used_up")
        let half = VoucherDraft(
            room: sale.room, benefit: .percent(BasisPoints(5_000)), uses: 5, code: "FRIENDS")
        let friends = try await sale.service.createVoucher(half, key: try sale.once("w"), by: .host(sale.host))
        let taken = await sale.code {
            _ = try await sale.service.createVoucher(half, key: try sale.once("x"), by: .host(sale.host))
        }
        #expect(taken == "voucher_code_taken")
        order.voucher = "friends"
        let cheap = order
        #expect(try await sale.service.quote(cheap, by: .anybody).discount == Money(250, .eur))
        let bought = try await sale.service.buy(cheap, key: try sale.once("h"), by: .wallet(buyer))
        #expect(bought.price == Money(250, .eur))
        #expect(try await sale.service.revokeVoucher(friends.voucher, by: .host(sale.host)).revoked)
        let revoked = await sale.code { _ = try await sale.service.quote(cheap, by: .anybody) }
        #expect(revoked == "voucher_over")
        let list = try await sale.service.vouchers(by: .host(sale.host))
        #expect(list.map(\.used).sorted() == [1, 2])
        #expect(list.allSatisfy { $0.code == nil })
        await sale.close()
    }

    @Test func `a thousand buyers, holders and vouchers at once get exactly the seats`() async throws {
        let capacity = 37
        let sale = try await Sale(capacity: capacity)
        var generator = SeededGenerator(seed: 1_123)
        let made = try await sale.service.createVoucher(
            VoucherDraft(benefit: .free, uses: 11), key: try sale.once("v"), by: .host(sale.host))
        let code = try #require(made.code)
        var buyers: [HolderID] = []
        for _ in 0..<25 { buyers.append(try await sale.buyer(100_000)) }
        let acts = (0..<1_000).map { index in
            (index, Int.random(in: 0...2, using: &generator), Int.random(in: 1...3, using: &generator))
        }
        let taken = try await withThrowingTaskGroup(of: [Int].self) { group in
            for (index, kind, count) in acts {
                let holder = buyers[index % buyers.count]
                group.addTask {
                    do {
                        if kind == 0 { return try await sale.hold(count, by: holder, "h\(index)").seats }
                        var order = sale.order(count)
                        if kind == 1 { order.voucher = code }
                        let bought = try await sale.service.buy(
                            order, key: try sale.once("b\(index)"), by: .wallet(holder))
                        return bought.tickets?.map(\.seat) ?? [bought.seat]
                    } catch let refusal as any Refusal {
                        let known = [
                            "sold_out", "not_enough_seats", "voucher_used_up", "hold_limit", "insufficient_funds",
                        ]
                        #expect(known.contains(refusal.code))
                        return []
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.sorted() == Array(1...capacity), "seed \(generator.seed)")
        #expect(try await sale.seatsLeft() == 0)
        let list = try await sale.service.vouchers(by: .host(sale.host))
        #expect((list.first?.used ?? 99) <= 11)
        await sale.close()
    }

    /// Random commands against plain arrays.
    @Test func `whatever is held, paid, cancelled and left to time, the seats are those of a naive model`() async throws
    {
        struct Kept {
            var count: Int
            var until: Instant
            let holder: HolderID
        }
        let capacity = 9
        let sale = try await Sale(capacity: capacity)
        var generator = SeededGenerator(seed: 42_1123)
        var buyers: [HolderID] = []
        for _ in 0..<3 { buyers.append(try await sale.buyer(1_000_000)) }
        var open: [PurchaseID: Kept] = [:]
        var over: [PurchaseID: Kept] = [:]
        var sold = 0
        var spent: [HolderID: Int64] = [:]
        for step in 0..<150 {
            let now = sale.service.clock.now()
            for (id, kept) in open where kept.until <= now {
                over[id] = kept
                open[id] = nil
            }
            let left = capacity - sold - open.values.reduce(0) { $0 + $1.count }
            #expect(try await sale.seatsLeft() == left, "seed \(generator.seed), step \(step)")
            let holder = buyers[Int.random(in: 0...2, using: &generator)]
            let count = Int.random(in: 1...3, using: &generator)
            let key = try sale.once("k\(step)")
            let pick = open.keys.sorted().randomElement(using: &generator)
            let expected: String
            let result: String
            switch Int.random(in: 0...5, using: &generator) {
            case 0:
                expected = left >= count ? "done" : left == 0 ? "sold_out" : "not_enough_seats"
                result = await sale.code {
                    let view = try await sale.service.hold(sale.order(count), key: key, by: .wallet(holder))
                    open[view.hold] = Kept(count: count, until: view.expiresAt, holder: holder)
                }
            case 1 where sold < 7:
                expected = left >= count ? "done" : left == 0 ? "sold_out" : "not_enough_seats"
                result = await sale.code {
                    _ = try await sale.service.buy(sale.order(count), key: key, by: .wallet(holder))
                }
                if result == "done" {
                    sold += count
                    spent[holder, default: 0] += Int64(500 * count)
                }
            case 2:
                guard let id = pick, let kept = open[id] else { continue }
                expected = "done"
                result = await sale.code {
                    _ = try await sale.service.payHold(id, key: key, by: .wallet(kept.holder))
                }
                open[id] = nil
                sold += kept.count
                spent[kept.holder, default: 0] += Int64(500 * kept.count)
            case 3:
                guard let id = pick, let kept = open[id] else { continue }
                expected = "done"
                result = await sale.code {
                    _ = try await sale.service.cancelHold(id, key: key, by: .wallet(kept.holder))
                }
                open[id] = nil
            case 4:
                guard let id = over.keys.sorted().randomElement(using: &generator), let kept = over[id] else {
                    continue
                }
                // Late money: tickets while there are seats, else suspense.
                expected = left >= kept.count ? "ticketed" : "suspended"
                let view = try await sale.service.receive(
                    sale.money(Int64(500 * kept.count), "late\(step)"), for: id, key: key, by: .operator)
                result = view.state
                over[id] = nil
                if result == "ticketed" { sold += kept.count }
            default:
                sale.house.time.advance(bySeconds: Int64.random(in: 1...400, using: &generator) / 10)
                expected = ""
                result = ""
            }
            #expect(result == expected, "seed \(generator.seed), step \(step)")
        }
        for holder in buyers {
            #expect(try await sale.balance(holder) == Money(1_000_000 - (spent[holder] ?? 0), .eur))
        }
        let (entries, rows, head) = try await sale.service.database.read { transaction in
            (
                try transaction.entries(after: 0, through: .max, limit: 1_000),
                try transaction.balances(through: .max), try transaction.journalHead()
            )
        }
        #expect(try verifyChain(entries) == head.chain)
        #expect(Balances(of: entries.map(\.entry)).rows == rows)
        await sale.close()
    }
}

extension Sale {
    fileprivate func suspense() async throws -> Money {
        try await service.database.read { try $0.amount(in: .unplaced, .eur) }
    }
}
