import BoxOffice
import Engines
import HTTPEdge
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct TransferServiceTests {
    @Test func `whoever has the code takes the ticket over, once, and nobody else learns of it`() async throws {
        let stall = try await Stall(capacity: 2)
        let (giver, taker, late) = (try await stall.buyer(), try await stall.buyer(0), try await stall.buyer(0))
        let sold = try await stall.buy(by: giver)
        let key = stall.once()
        let offer = try await stall.service.offerTransfer(of: sold.ticket, key: key, by: .wallet(giver))
        let code = try #require(offer.code)
        #expect(offer.state == "open")
        #expect(offer.expiresAt == stall.start.advanced(bySeconds: 3_600))
        let again = try await stall.service.offerTransfer(of: sold.ticket, key: key, by: .wallet(giver))
        #expect((again.transfer, again.code) == (offer.transfer, nil), "a code is told once")
        let twice = await stall.code {
            _ = try await stall.service.offerTransfer(of: sold.ticket, key: stall.once(), by: .wallet(giver))
        }
        #expect(twice == "transfer_open")
        let foreign = await stall.code {
            _ = try await stall.service.offerTransfer(of: sold.ticket, key: stall.once(), by: .wallet(taker))
        }
        #expect(foreign == "ticket_unknown")
        #expect(
            await stall.code { _ = try await stall.service.transfer(offer.transfer, by: .wallet(taker)) }
                == "transfer_unknown")
        let accept: @Sendable (String, HolderID) async -> String = { code, holder in
            await stall.code {
                _ = try await stall.service.acceptTransfer(code: code, key: stall.once(), by: .wallet(holder))
            }
        }
        #expect(await accept("ABCD EFGH", taker) == "transfer_unknown")
        #expect(await accept("", taker) == "transfer_unknown")
        #expect(await accept(code, giver) == "transfer_own")
        let take = stall.once()
        // Codes are written down by hand.
        let taken = try await stall.service.acceptTransfer(
            code: code.lowercased(), key: take, by: .wallet(taker))
        let repeated = try await stall.service.acceptTransfer(code: code, key: take, by: .wallet(taker))
        #expect(taken == repeated)
        #expect(taken.seat == sold.seat)
        #expect(await accept(code, late) == "transfer_accepted")
        #expect(try await stall.service.transfer(offer.transfer, by: .wallet(giver)).state == "accepted")
        let withdrawn = await stall.code {
            _ = try await stall.service.withdrawTransfer(offer.transfer, key: stall.once(), by: .wallet(giver))
        }
        #expect(withdrawn == "transfer_accepted")
        try await stall.isClean()
        await stall.close()
    }

    @Test func `an offer that was withdrawn, ran out or whose ticket was given back is accepted by nobody`()
        async throws
    {
        let stall = try await Stall(capacity: 3)
        let (giver, taker) = (try await stall.buyer(), try await stall.buyer())
        let soon = stall.service.clock.now().advanced(bySeconds: 60)
        let sold = [try await stall.buy(by: giver), try await stall.buy(by: giver), try await stall.buy(by: giver)]
        var offers: [TransferView] = []
        for (ticket, until) in zip(sold, [nil, soon, nil]) {
            offers.append(
                try await stall.service.offerTransfer(
                    of: ticket.ticket, until: until, key: stall.once(), by: .wallet(giver)))
        }
        let first = offers[0].transfer
        #expect(
            try await stall.service.withdrawTransfer(first, key: stall.once(), by: .wallet(giver)).state == "withdrawn")
        #expect(
            try await stall.service.withdrawTransfer(first, key: stall.once(), by: .wallet(giver)).state == "withdrawn")
        stall.house.time.advance(bySeconds: 60)
        _ = try await stall.service.refund(sold[2].ticket, key: stall.once(), by: .wallet(giver))
        for (offer, expected) in zip(offers, ["transfer_withdrawn", "transfer_expired", "ticket_ended"]) {
            let code = await stall.code {
                _ = try await stall.service.acceptTransfer(
                    code: offer.code ?? "", key: stall.once(), by: .wallet(taker))
            }
            #expect(code == expected)
        }
        var states: [String] = []
        for offer in offers { states.append(try await stall.service.transfer(offer.transfer, by: .operator).state) }
        #expect(states == ["withdrawn", "expired", "void"])
        // The ticket of an offer that ran out can be offered again.
        _ = try await stall.pass(sold[1].ticket, to: taker)
        try await stall.isClean()
        await stall.close()
    }

    @Test func `the terms say how often and until when, and personal tickets stay`() async throws {
        let stall = try await Stall(capacity: 2, terms: "none")
        let people = [try await stall.buyer(), try await stall.buyer()]
        var ticket = try await stall.buy(by: people[0]).ticket
        let other = try await stall.buy(by: people[0]).ticket
        for turn in 1...3 { ticket = try await stall.pass(ticket, to: people[turn % 2]).ticket }
        let last = ticket
        #expect(await stall.code { _ = try await stall.pass(last, to: people[0]) } == "transfer_limit")
        stall.house.time.advance(bySeconds: 6_600)
        #expect(await stall.code { _ = try await stall.pass(other, to: people[1]) } == "transfer_closed")
        try await stall.isClean()
        await stall.close()
        let personal = try await Stall(capacity: 1, terms: "personal")
        let buyer = try await personal.buyer()
        let gift = await personal.code {
            _ = try await personal.service.gift(personal.order(), key: personal.once(), by: .wallet(buyer))
        }
        #expect(gift == "transfer_never")
        #expect(try await personal.balance(buyer) == Money(10_000, .eur), "all or nothing")
        #expect(try await personal.seatsLeft() == 1)
        await personal.close()
    }

    @Test func `gifts are bought and offered in one go, and each goes to another person`() async throws {
        let stall = try await Stall(capacity: 3)
        let giver = try await stall.buyer()
        let key = stall.once()
        let gift = try await stall.service.gift(stall.order(2), key: key, by: .wallet(giver))
        #expect(gift.total == Money(1_000, .eur))
        let again = try await stall.service.gift(stall.order(2), key: key, by: .wallet(giver))
        #expect(again.gifts.map(\.transfer) == gift.gifts.map(\.transfer))
        #expect(again.gifts.allSatisfy { $0.code == nil })
        #expect(try await stall.balance(giver) == Money(9_000, .eur))
        for (number, offer) in gift.gifts.enumerated() {
            let friend = try await stall.buyer(0)
            let taken = try await stall.service.acceptTransfer(
                code: offer.code ?? "", key: stall.once(), by: .wallet(friend))
            #expect(taken.seat == number + 1)
            // Stated rule: who holds the ticket gets what comes back, also of a gift.
            if number == 0 {
                _ = try await stall.service.refund(taken.ticket, key: stall.once(), by: .wallet(friend))
                #expect(try await stall.balance(friend) == Money(500, .eur))
            }
        }
        try await stall.isClean()
        await stall.close()
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `whatever is offered, accepted, withdrawn and given back, tickets are with those whom a list names`(
        seed: UInt64
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        let stall = try await Stall(capacity: 4)
        var people: [HolderID] = []
        for _ in 0..<3 { people.append(try await stall.buyer(20_000)) }
        /// The naive model: who holds which ticket, and which codes are good.
        var held: [TicketID: HolderID] = [:]
        var codes: [(code: String, transfer: TransferID, ticket: TicketID)] = []
        for step in 0..<120 {
            let person = people[Int.random(in: 0..<3, using: &generator)]
            let mine = held.filter { $0.value == person }.keys.sorted().first
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where held.count < 4: held[try await stall.buy(by: person).ticket] = person
            case 1:
                guard let mine, !codes.contains(where: { $0.ticket == mine }) else { continue }
                let code = await stall.code {
                    let offer = try await stall.service.offerTransfer(of: mine, key: stall.once(), by: .wallet(person))
                    codes.append((offer.code ?? "", offer.transfer, mine))
                }
                #expect(["done", "transfer_limit"].contains(code), "step \(step), seed \(seed)")
            case 2, 3:
                guard let known = codes.randomElement(using: &generator) else { continue }
                let expected = held[known.ticket] == person ? "transfer_own" : "done"
                let code = await stall.code {
                    let taken = try await stall.service.acceptTransfer(
                        code: known.code, key: stall.once(), by: .wallet(person))
                    held[known.ticket] = nil
                    held[taken.ticket] = person
                    codes.removeAll { $0.ticket == known.ticket }
                }
                #expect(code == expected, "step \(step), seed \(seed)")
            case 4:
                guard let known = codes.randomElement(using: &generator), let owner = held[known.ticket] else {
                    continue
                }
                _ = try await stall.service.withdrawTransfer(known.transfer, key: stall.once(), by: .wallet(owner))
                codes.removeAll { $0.ticket == known.ticket }
            default:
                guard let mine else { continue }
                _ = try await stall.service.refund(mine, key: stall.once(), by: .wallet(person))
                held[mine] = nil
                codes.removeAll { $0.ticket == mine }
            }
            #expect(try await stall.seatsLeft() == 4 - held.count, "step \(step), seed \(seed)")
            for (ticket, holder) in held {
                let row = try await stall.service.database.read { try $0.ticket(ticket) }
                #expect(row?.revoked == nil && row?.subject == .holder(holder), "step \(step), seed \(seed)")
            }
        }
        try await stall.isClean()
        await stall.close()
    }

    @Test func `what somebody changes behind the books' back is found`() async throws {
        let stall = try await Stall(capacity: 2, price: 999, terms: "steps-7d-1d", startsIn: 2 * 86_400)
        let (giver, taker) = (try await stall.buyer(), try await stall.buyer())
        let sold = try await stall.buy(by: giver, price: 999)
        let passed = try await stall.pass(sold.ticket, to: taker)
        let other = try await stall.buy(by: giver, price: 999)
        _ = try await stall.service.refund(other.ticket, key: stall.once(), by: .wallet(giver))
        try await stall.enter(passed.ticket, by: taker)
        try await stall.isClean()
        let planted: [(StaticString, String)] = [
            ("DELETE FROM settled_orders", "orders"), ("UPDATE settled_orders SET reason = 'x'", "settled_orders"),
            ("UPDATE successions SET cause = 'extended'", "transfer_ends"), ("DELETE FROM successions", "tickets"),
            ("UPDATE successions SET n = 2", "successions"), ("DELETE FROM transfer_ends", "successions"),
            ("UPDATE transfers SET expires_us = offered_us", "transfer_ends"),
            ("UPDATE transfers SET holder = 'holder_x'", "transfers"),
            ("UPDATE room_terms SET terms = 'none/1'", "tickets"), ("DELETE FROM room_terms", "tickets"),
            ("DELETE FROM ticket_uses", "ticket_uses"), ("UPDATE ticket_uses SET first_us = 1", "ticket_uses"),
        ]
        if case .sqlite = Engine.chosen {
            for (sql, table) in planted {
                #expect(try await stall.broken(after: sql).contains(table), "\(sql)")
            }
        }
        await stall.close()
    }
}
