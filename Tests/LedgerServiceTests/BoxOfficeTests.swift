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

@Suite struct BoxOfficeTests {
    @Test func `a group is bought whole or not at all, and repeated as a whole`() async throws {
        let sale = try await SaleRoom(capacity: 5)
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
        let sale = try await SaleRoom(capacity: 5)
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
        let sale = try await SaleRoom(capacity: 10, price: 800)
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
        let sale = try await SaleRoom(capacity: 3)
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
        let sale = try await SaleRoom(capacity: capacity)
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
        let sale = try await SaleRoom(capacity: capacity)
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
