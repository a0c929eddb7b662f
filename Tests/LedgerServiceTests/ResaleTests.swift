import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

extension Queue {
    func putUp(_ ticket: TicketID, by holder: HolderID) async throws {
        _ = try await service.putUp(ticket, key: try once(), by: .wallet(holder))
    }
    func keep(_ ticket: TicketID, by holder: HolderID) async -> String {
        await code { _ = try await service.keep(ticket, key: try once(), by: .wallet(holder)) }
    }
    func resale(_ ticket: TicketID) async throws -> ResaleView { try await service.resale(of: ticket, by: .operator) }
    func balance(_ holder: HolderID) async throws -> Int64 {
        try await service.database.read { try $0.amount(in: .wallet(holder), .eur).minorUnits }
    }
    func ticket(_ id: TicketID) async throws -> TicketRow {
        try #require(try await service.database.read { try $0.ticket(id) })
    }
}

@Suite struct ResaleTests {
    @Test func `a buyer takes a seat over when no other is left, and its holder is paid and out`() async throws {
        let queue = try await Queue(capacity: 3, terms: "resale")
        let (seller, buyer) = (try await queue.person(), try await queue.person())
        let tickets = try await queue.buy(2, by: seller)
        try await queue.putUp(tickets[1], by: seller)
        try await queue.putUp(tickets[0], by: seller)
        #expect(try await queue.resale(tickets[0]).position == 2)
        // An ordinary seat is left: that one is sold.
        #expect(try await queue.ticket(try await queue.buy(by: buyer)[0]).seat == 3)
        #expect(try await queue.balance(seller) == 49_000)
        #expect(try await queue.service.room(queue.room).seatsLeft == 2)
        let bought = try await queue.buy(by: buyer)[0]
        #expect(try await queue.ticket(bought).seat == 2)
        #expect(try await queue.balance(seller) == 49_500)
        #expect(try await queue.resale(tickets[1]).state == "resold")
        #expect(try await queue.ticket(tickets[1]).revoked?.reason == "resold")
        let told = try await queue.service.database.read { try $0.feed(after: 0, limit: 100).map(\.body) }
        #expect(told.contains { $0.contains(tickets[1].text) && $0.contains("resold") })
        // The other one is taken back in time.
        #expect(await queue.keep(tickets[0], by: seller) == "done")
        #expect(await queue.keep(tickets[0], by: seller) == "done")
        #expect(await queue.keep(tickets[1], by: seller) == "resale_sold")
        #expect(await queue.buying(by: buyer) == "sold_out")
        #expect(await queue.keep(bought, by: buyer) == "resale_not_offered")
        try await queue.close()
    }

    @Test func `a group takes what is free and what was put up, all or nothing`() async throws {
        let queue = try await Queue(capacity: 3, terms: "resale")
        let (seller, buyer, poor) = (try await queue.person(), try await queue.person(), try await queue.person(900))
        let tickets = try await queue.buy(2, by: seller)
        try await queue.putUp(tickets[0], by: seller)
        #expect(await queue.buying(3, by: buyer) == "not_enough_seats")
        try await queue.putUp(tickets[1], by: seller)
        #expect(await queue.buying(3, by: poor) == "insufficient_funds")
        #expect(try await queue.resale(tickets[0]).state == "offered")
        let quote = try await queue.service.quote(queue.order(3), by: .wallet(buyer))
        #expect(quote.total == Money(1_500, .eur))
        #expect(await queue.buying(3, by: buyer) == "done")
        #expect(try await queue.balance(seller) == 50_000)
        try await queue.close()
    }

    @Test func `a seat is lent to a hold and comes back if nobody pays`() async throws {
        let queue = try await Queue(capacity: 1, terms: "resale")
        let (seller, buyer, friend) = (try await queue.person(), try await queue.person(), try await queue.person())
        let ticket = try await queue.buy(by: seller)[0]
        let offer = try await queue.service.offerTransfer(
            of: ticket, until: nil, key: try queue.once(), by: .wallet(seller))
        try await queue.putUp(ticket, by: seller)
        let hold = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer))
        #expect(hold.seats == [1])
        #expect(try await queue.resale(ticket).state == "lent")
        // The holder still comes in, but sells, keeps and passes on nothing while somebody pays.
        #expect(try await queue.ticket(ticket).revoked == nil)
        #expect(await queue.keep(ticket, by: seller) == "resale_lent")
        let refund = await queue.code { try await queue.giveBack(ticket, by: seller) }
        #expect(refund == "resale_lent")
        let passed = await queue.code {
            _ = try await queue.service.acceptTransfer(
                code: try #require(offer.code), key: try queue.once(), by: .wallet(friend))
        }
        #expect(passed == "resale_lent")
        #expect(await queue.buying(by: friend) == "sold_out")
        queue.house.time.advance(bySeconds: 600)
        #expect(try await queue.resale(ticket).state == "offered")
        #expect(await queue.keep(ticket, by: seller) == "done")
        #expect(try await queue.balance(seller) == 49_500)
        // Again, and this time the buyer pays.
        try await queue.putUp(ticket, by: seller)
        let second = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer))
        let paid = try await queue.service.payHold(second.hold, key: try queue.once(), by: .wallet(buyer))
        #expect(paid.tickets?.map(\.seat) == [1])
        #expect(try await queue.resale(ticket).state == "resold")
        #expect(try await queue.balance(seller) == 50_000)
        let gone = await queue.code {
            _ = try await queue.service.acceptTransfer(
                code: try #require(offer.code), key: try queue.once(), by: .wallet(friend))
        }
        #expect(gone == "ticket_ended")
        try await queue.close()
    }

    @Test func `whoever waits comes first, and a lapsed offer leaves the ticket with its holder`() async throws {
        let queue = try await Queue(capacity: 2, terms: "resale")
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        let tickets = try await queue.buy(2, by: people[0])
        let pair = try await queue.join(2, by: people[1])
        try await queue.putUp(tickets[0], by: people[0])
        #expect(await queue.buying(by: people[2]) == "waiting_first")
        try await queue.putUp(tickets[1], by: people[0])
        #expect(try await queue.state(pair) == "offered")
        #expect(try await queue.resale(tickets[1]).state == "lent")
        queue.house.time.advance(bySeconds: 1_800)
        try await queue.service.settleWaits()
        #expect(try await queue.state(pair) == "lapsed")
        #expect(try await queue.resale(tickets[1]).state == "offered")
        #expect(await queue.buying(by: people[2]) == "done")
        let again = try await queue.join(2, by: people[1])
        #expect(try await queue.state(again) == "waiting")
        _ = try await queue.service.refund(
            try #require(
                try await queue.service.database.read { try $0.tickets(of: .holder(people[2]), limit: 1) }.first
            )
            .ticket, key: try queue.once(), by: .operator)
        #expect(try await queue.pay(again, by: people[1]).tickets?.map(\.seat) == [1, 2])
        #expect(try await queue.balance(people[0]) == 50_000)
        try await queue.close()
    }

    @Test func `a checkout takes the seat when the money comes, and a buyer stays whose seller lost the ticket`()
        async throws
    {
        let queue = try await Queue(capacity: 1, terms: "resale")
        let (seller, buyer) = (try await queue.person(), try await queue.person(0))
        let desk = queue.house.desk
        for isLost in [false, true] {
            let ticket = try await queue.buy(by: seller)[0]
            try await queue.putUp(ticket, by: seller)
            let charge = try await desk.checkout(
                queue.order(), through: .sandbox, key: try queue.once(), by: .wallet(buyer))
            #expect(try await queue.resale(ticket).state == "lent")
            if isLost {
                _ = try await queue.service.refund(ticket, key: try queue.once(), by: .operator)
                #expect(try await queue.resale(ticket).state == "void")
            }
            _ = try await desk.play(.pay, on: "sandbox_\(charge.charge)")
            for _ in 0..<10 {
                queue.house.time.advance(bySeconds: 1)
                _ = try await desk.turn()
            }
            let hold = try await queue.service.hold(try #require(charge.hold), by: .wallet(buyer))
            #expect(hold.state == "ticketed" && hold.tickets?.map(\.seat) == [1])
            #expect(try await queue.resale(ticket).state == (isLost ? "void" : "resold"))
            #expect(try await queue.balance(seller) == 50_000)
            let bought = try #require(hold.tickets?.first?.ticket)
            _ = try await queue.service.refund(bought, key: try queue.once(), by: .operator)
        }
        try await queue.close()
    }

    @Test func `a part of the price stays where the terms say so, and a gift comes back for nothing`() async throws {
        let queue = try await Queue(capacity: 2, price: 999, terms: "resale-95")
        _ = try await queue.service.createVoucher(
            VoucherDraft(benefit: .free, uses: 1, code: "GRATIS"), key: try queue.once(), by: .host(queue.host))
        let (seller, buyer) = (try await queue.person(), try await queue.person())
        let priced = try await queue.buy(price: 999, by: seller)[0]
        var order = queue.order(price: 999)
        order.voucher = "GRATIS"
        let free = try await queue.service.buy(order, key: try queue.once(), by: .wallet(seller)).ticket
        for ticket in [priced, free] { try await queue.putUp(ticket, by: seller) }
        #expect(try await queue.resale(priced).amount == Money(949, .eur))
        #expect(try await queue.resale(free).amount == Money(0, .eur))
        #expect(await queue.buying(2, price: 999, by: buyer) == "done")
        #expect(try await queue.balance(seller) == 50_000 - 999 + 949)
        #expect(try await queue.resale(free).state == "resold")
        try await queue.close()
    }

    @Test func `a ticket that ends or changes hands otherwise is not for sale any more`() async throws {
        let queue = try await Queue(capacity: 4, terms: "resale")
        let (seller, other) = (try await queue.person(), try await queue.person())
        let tickets = try await queue.buy(4, by: seller)
        for ticket in tickets.prefix(3) { try await queue.putUp(ticket, by: seller) }
        let twice = await queue.code { try await queue.putUp(tickets[0], by: seller) }
        #expect(twice == "resale_open")
        let stranger = await queue.code { try await queue.putUp(tickets[0], by: other) }
        #expect(stranger == "ticket_unknown")
        _ = try await queue.service.refund(tickets[0], key: try queue.once(), by: .operator)
        #expect(try await queue.resale(tickets[0]).state == "void")
        let offer = try await queue.service.offerTransfer(
            of: tickets[1], until: nil, key: try queue.once(), by: .wallet(seller))
        let passed = try await queue.service.acceptTransfer(
            code: try #require(offer.code), key: try queue.once(), by: .wallet(other))
        #expect(try await queue.resale(tickets[1]).state == "void")
        // The room moves while somebody pays: the next ticket of the seller is the one that lends its seat.
        #expect(await queue.buying(by: other) == "done")
        let hold = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(other))
        let start = queue.service.clock.now().advanced(bySeconds: 3 * 86_400)
        let times = RoomTimes(doorsOpenAt: start, startsAt: start, endsAt: start.advanced(bySeconds: 3_600))
        _ = try await queue.service.moveRoom(
            queue.room, to: times, notice: "Ana is ill.", key: try queue.once(), by: .host(queue.host))
        let kept = try await queue.service.answerMove(tickets[2], .keep, key: try queue.once(), by: .wallet(seller))
        #expect(try await queue.ticket(kept.ticket).revoked == nil)
        _ = try await queue.service.payHold(hold.hold, key: try queue.once(), by: .wallet(other))
        #expect(try await queue.ticket(kept.ticket).revoked?.reason == "resold")
        // A cancelled room resells nothing and gives everything back.
        try await queue.putUp(passed.ticket, by: other)
        _ = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(seller))
        _ = try await queue.service.cancelRoom(queue.room, by: .host(queue.host))
        #expect(try await queue.resale(passed.ticket).state == "void")
        #expect(try await queue.balance(seller) + queue.balance(other) == 100_000)
        let over = await queue.code { try await queue.putUp(passed.ticket, by: other) }
        #expect(over == "ticket_ended")
        try await queue.close()
    }

    @Test func `terms say whether, and until when`() async throws {
        let never = try await Queue(capacity: 1)
        let (seller, buyer) = (try await never.person(), try await never.person())
        let kept = try await never.buy(by: seller)[0]
        let refused = await never.code { try await never.putUp(kept, by: seller) }
        #expect(refused == "resale_never")
        #expect(await never.buying(by: buyer) == "sold_out")
        try await never.close()
        let queue = try await Queue(capacity: 1, terms: "resale")
        let (owner, late) = (try await queue.person(), try await queue.person())
        let ticket = try await queue.buy(by: owner)[0]
        try await queue.putUp(ticket, by: owner)
        queue.house.time.advance(bySeconds: 86_400)
        #expect(try await queue.resale(ticket).state == "over")
        #expect(await queue.buying(by: late) == "sold_out")
        #expect(await queue.keep(ticket, by: owner) == "done")
        let closed = await queue.code { try await queue.putUp(ticket, by: owner) }
        #expect(closed == "resale_closed")
        try await queue.close()
    }

    @Test func `a ticket that was used is not resold where its terms say so`() async throws {
        let queue = try await Queue(capacity: 2, terms: "resale")
        let (seller, buyer) = (try await queue.person(), try await queue.person())
        let tickets = try await queue.buy(2, by: seller)
        try await queue.putUp(tickets[0], by: seller)
        // What the earliest receipt of a gateway writes down.
        let now = queue.service.clock.now()
        try await queue.service.database.write { transaction in
            for ticket in tickets { try transaction.recordUse(of: ticket, at: now) }
        }
        #expect(try await queue.resale(tickets[0]).state == "void")
        #expect(await queue.buying(by: buyer) == "sold_out")
        let used = await queue.code { try await queue.putUp(tickets[1], by: seller) }
        #expect(used == "resale_used")
        await queue.service.database.close()
    }

    @Test func `many who want one seat, and an operator who takes its ticket: one of them has it`() async throws {
        let queue = try await Queue(capacity: 5, terms: "resale")
        let seller = try await queue.person()
        let tickets = try await queue.buy(5, by: seller)
        for ticket in tickets { try await queue.putUp(ticket, by: seller) }
        var people: [HolderID] = []
        for _ in 0..<40 { people.append(try await queue.person(500)) }
        let buyers = people
        let codes = await withTaskGroup(of: String.self) { group in
            for buyer in buyers {
                group.addTask { await queue.buying(by: buyer) }
                group.addTask {
                    await queue.code {
                        _ = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer))
                    }
                }
            }
            for ticket in tickets {
                group.addTask { await queue.keep(ticket, by: seller) == "done" ? "kept" : "late" }
                group.addTask {
                    await queue.code {
                        _ = try await queue.service.refund(ticket, key: try queue.once(), by: .operator)
                    } == "done" ? "ended" : "refused"
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(codes["done", default: 0] <= 5, "\(codes)")
        let inForce = try await queue.service.database.read { transaction in
            try transaction.row(
                """
                SELECT count(*) FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM revocations v
                  WHERE v.shard = t.shard AND v.ticket = t.ticket)
                """
            ) { row throws(StoreFault) in try row.int(0) } ?? 0
        }
        #expect(inForce <= 5)
        try await queue.close()
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random sales, holds, resales and hours leave sound books and no seat with two people`(seed: UInt64)
        async throws
    {
        var generator = SeededGenerator(seed: seed)
        let queue = try await Queue(capacity: 4, terms: seed == 2 ? "resale-95" : "resale")
        var people: [HolderID] = []
        for _ in 0..<5 { people.append(try await queue.person(1_000_000)) }
        var holds: [(PurchaseID, HolderID)] = []
        var outcomes: [String: Int] = [:]
        for step in 0..<120 {
            let person = people[Int.random(in: 0..<5, using: &generator)]
            let mine = try await queue.service.database.read { transaction in
                try transaction.tickets(of: .holder(person), limit: 50).filter { $0.revoked == nil }.map(\.ticket)
            }
            let count = Int.random(in: 1...2, using: &generator)
            let index = Int.random(in: 0..<1_000, using: &generator)
            var made: PurchaseID?
            let code: String
            switch Int.random(in: 0..<12, using: &generator) {
            case 0, 1, 2: code = await queue.buying(count, by: person)
            case 3, 4:
                code = await queue.code {
                    made = try await queue.service.hold(queue.order(count), key: try queue.once(), by: .wallet(person))
                        .hold
                }
                if let made { holds.append((made, person)) }
            case 5, 6, 7:
                guard !mine.isEmpty else { continue }
                code = await queue.code { try await queue.putUp(mine[index % mine.count], by: person) }
            case 8:
                guard !mine.isEmpty else { continue }
                code = await queue.keep(mine[index % mine.count], by: person)
            case 9:
                guard !holds.isEmpty else { continue }
                let (hold, holder) = holds.remove(at: index % holds.count)
                code = await queue.code {
                    _ = try await queue.service.payHold(hold, key: try queue.once(), by: .wallet(holder))
                }
            case 10:
                guard !mine.isEmpty else { continue }
                code = await queue.code {
                    _ = try await queue.service.refund(mine[index % mine.count], key: try queue.once(), by: .operator)
                }
            default:
                code = "time"
                queue.house.time.advance(bySeconds: Int64(index % 500))
            }
            #expect(!code.contains("fault") && !code.contains("("), "seed \(seed), step \(step): \(code)")
            outcomes[code, default: 0] += 1
            if step % 10 == 9 {
                let report = try await queue.service.audit(by: .operator)
                for line in report.lines {
                    #expect(line.findings.isEmpty, "seed \(seed), step \(step): \(line.check) \(line.findings)")
                }
            }
        }
        let resold = try await queue.service.database.read { transaction in
            try transaction.row("SELECT count(*) FROM resale_ends WHERE outcome = 'resold'") {
                row throws(StoreFault) in try row.int(0)
            } ?? 0
        }
        #expect(resold > 0, "seed \(seed): \(outcomes)")
        try await queue.close()
    }
}
