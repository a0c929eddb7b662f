import BoxOffice
import Foundation
import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("The terms of a room")
struct RoomTermsTests {
    private static func book() throws -> TermsBook { try TermsBook(json: RoomTermsPresets.json) }

    private func terms(_ name: String) throws -> RoomTerms { try #require(try Self.book()[name]) }

    private func offer(
        _ fixture: Fixture, _ terms: RoomTerms, room: Room? = nil, reversed: Int64 = 0, firstUse: Instant? = nil,
        hasEnded: Bool = false, at seconds: Int64
    ) throws -> RefundOffer {
        try refundOffer(
            of: OrderStanding(order: try fixture.buy().order, reversed: reversed, settlement: .escrow),
            in: try room ?? fixture.room(), under: RefundConditions(terms, firstUse: firstUse, hasEnded: hasEnded),
            at: fixture.at(seconds))
    }

    @Test("are found by id, and by name in their newest version")
    func book() throws {
        let book = try Self.book()
        #expect(book.all.map(\.id).contains("steps-7d-1d/1"))
        #expect(book["none"] == book["none/1"])
        #expect(book["none/2"] == nil)
        #expect(Set(book.all.map(\.id)).count == book.all.count)
        #expect(TermsBook.empty.all == [])
        let text = """
            {"terms": [{"name": "a", "version": 1, "meaning": "m", "refund": [],
            "transfers": {"most": 0, "until": "room_ends"}}, {"name": "a", "version": 2, "meaning": "m", "refund": [],
            "transfers": {"most": 0, "until": "room_ends"}}]}
            """
        #expect(try TermsBook(json: Array(text.utf8))["a"]?.id == "a/2")
    }

    @Test("that break a rule of their own are refused")
    func broken() throws {
        let good = #"{"name":"a","version":1,"meaning":"m","refund":[R],"transfers":T}"#
        let step = #"{"until":"room_starts","hours_before":48,"bp":10000}"#
        let transfers = #"{"most":1,"until":"doors_open"}"#
        func read(_ text: String, refund: String = step, transfers: String = transfers) throws -> TermsBook {
            let filled = text.replacing("[R]", with: "[\(refund)]").replacing("T}", with: "\(transfers)}")
            return try TermsBook(json: Array(#"{"terms":[\#(filled)]}"#.utf8))
        }
        _ = try read(good)
        func isBroken(_ text: String, _ refund: String = step, transfers: String = transfers) {
            #expect(throws: PolicyFault.self, "\(text) \(refund)") {
                try read(text, refund: refund, transfers: transfers)
            }
        }
        isBroken(good.replacing(#""a""#, with: #""A b""#))
        isBroken(good.replacing(#""a""#, with: #""""#))
        isBroken(good.replacing(#""version":1"#, with: #""version":0"#))
        isBroken(good.replacing(#""m""#, with: #""""#))
        isBroken(good, step.replacing("10000", with: "0"))
        isBroken(good, step.replacing("10000", with: "10001"))
        isBroken(good, step.replacing("48", with: "-1"))
        isBroken(good, step.replacing("48", with: "9000"))
        isBroken(good, step + "," + step)
        isBroken(good, step + "," + step.replacing("48", with: "50").replacing("10000", with: "1"))
        isBroken(good, step + "," + step.replacing("48", with: "24"))
        isBroken(good, step.replacing("room_starts", with: "room_ends"))
        isBroken(good, step.replacing("room_starts", with: "whenever"))
        isBroken(good, transfers: #"{"most":11,"until":"room_ends"}"#)
        isBroken("{}")
        #expect(throws: PolicyFault.self) {
            try TermsBook(
                json: Array(
                    #"{"terms":[X,X]}"#.replacing(
                        "X",
                        with: good.replacing("[R]", with: "[]")
                            .replacing("T}", with: "\(transfers)}")
                    ).utf8))
        }
    }

    @Test("give the share of the step that holds, to the second")
    func steps() throws {
        let fixture = try Fixture()
        let steps = try terms("steps-7d-1d")
        let week: Int64 = -7 * 86_400
        let early = try offer(fixture, steps, at: week - 1)
        #expect((early.amount, early.until) == (Money(500, .eur), fixture.at(week)))
        let late = try offer(fixture, steps, at: week)
        #expect((late.share, late.amount, late.until) == (BasisPoints(5_000), Money(250, .eur), fixture.at(-86_400)))
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.at(-86_400))) {
            try offer(fixture, steps, at: -86_400)
        }
        // What was given back before is part of the share.
        #expect(try offer(fixture, steps, reversed: 100, at: week).amount == Money(150, .eur))
        #expect(throws: RefundRefusal.nothingDue) { try offer(fixture, steps, reversed: 250, at: week) }
        let start = try terms("full-until-start")
        #expect(try offer(fixture, start, at: -1).amount == Money(500, .eur))
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.start)) { try offer(fixture, start, at: 0) }
    }

    @Test("are refused in the documented order, and give all of a cancelled room")
    func ladder() throws {
        let fixture = try Fixture()
        let (none, use) = (try terms("none"), try terms("until-first-use"))
        #expect(throws: RefundRefusal.alreadyRefunded) { try offer(fixture, none, hasEnded: true, at: 0) }
        #expect(throws: RefundRefusal.alreadyRefunded) { try offer(fixture, none, reversed: 500, at: 0) }
        let cancelled = try fixture.room(.cancelled(at: fixture.start))
        let all = try offer(fixture, none, room: cancelled, reversed: 100, at: 99_999)
        #expect((all.amount, all.until) == (Money(400, .eur), nil))
        #expect(throws: RefundRefusal.never) { try offer(fixture, none, firstUse: fixture.start, at: -99_999) }
        #expect(try offer(fixture, use, at: 3_599).amount == Money(500, .eur))
        #expect(throws: RefundRefusal.used(at: fixture.start)) {
            try offer(fixture, use, firstUse: fixture.start, at: 9_999)
        }
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.at(3_600))) { try offer(fixture, use, at: 3_600) }
        let closed = try fixture.room(.closed(at: fixture.at(60)))
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.at(60))) {
            try offer(fixture, use, room: closed, at: 60)
        }
    }

    @Test("that follow from a policy alone have its window")
    func fromPolicy() throws {
        let fixture = try Fixture()
        let terms = RoomTerms(of: fixture.policy)
        #expect(terms.id == "")
        #expect(try offer(fixture, terms, at: 3_599).amount == Money(500, .eur))
        #expect(RoomTerms.claim(policy: "p/1", terms: nil) == "p/1")
        #expect(RoomTerms.claim(policy: "p/1", terms: "none/1") == "p/1+none/1")
    }

    @Test("end the ticket for what they give, and the rest stays with the room whatever staff gives later")
    func settled() throws {
        var generator = SeededGenerator(seed: 77)
        let fixture = try Fixture()
        for round in 0..<300 {
            let gross = Int64.random(in: 1...2_000, using: &generator)
            let vat = Int64.random(in: 0...gross, using: &generator)
            let fee = Int64.random(in: 0...(gross - vat), using: &generator)
            let order = try #require(
                Order(
                    id: .make(at: fixture.start, using: &generator), room: try fixture.room().id, owner: fixture.host,
                    holder: fixture.holder, ticket: .make(at: fixture.start, using: &generator), priceVersion: 1,
                    gross: Money(gross, .eur), vat: vat, fee: fee, feeIsRefundable: true, policy: "p",
                    soldAt: fixture.start))
            let share = BasisPoints(Int64.random(in: 1...10_000, using: &generator))
            let terms = RoomTerms(id: "t/1", meaning: "m", steps: [.init(until: .roomStarts, share: share)])
            let standing = OrderStanding(order: order, reversed: 0, settlement: .escrow)
            let holder = RefundRequest(id: .derived(at: fixture.start, from: "a"), authority: .holder)
            let due = quotientHalfUp(gross, share.value, 10_000)
            guard due > 0 else { continue }
            let conditions = RefundConditions(terms)
            let first = try decideRefund(
                holder, standing: standing, room: try fixture.room(), under: conditions, stamp: fixture.stamp(-60))
            #expect(first.refund.amount == Money(due, .eur), "round \(round), seed \(generator.seed)")
            #expect(first.endsTicket)
            #expect(first.settles == (due < gross))
            // R3: each component by its part of what is reversed so far; the rest is the base's.
            let legs = first.entry.legs
            func debited(_ account: Account) -> Int64 {
                legs.reduce(0) { sum, leg in
                    sum + (leg.debit == account ? leg.amount.minorUnits : 0)
                        - (leg.credit == account ? leg.amount.minorUnits : 0)
                }
            }
            #expect(debited(.vat) == quotientHalfUp(vat, due, gross), "round \(round), seed \(generator.seed)")
            #expect(debited(.provider) == quotientHalfUp(fee, due, gross))
            #expect(debited(.wallet(fixture.holder)) == -due)
            guard due < gross else { continue }
            let rest = try decideRefund(
                RefundRequest(id: .derived(at: fixture.start, from: "b"), authority: .platform),
                standing: OrderStanding(order: order, reversed: due, settlement: .escrow), room: try fixture.room(),
                under: conditions, stamp: fixture.stamp(-30))
            let sale = try #require(
                JournalEntry(fixture.stamp(-90, "sale"), kind: .sale, legs: PostingRecipe.sale(order)))
            let left = Balances(of: [sale, first.entry, rest.entry]).rows.filter { !$0.amount.isZero }
            #expect(left == [], "round \(round), seed \(generator.seed)")
        }
    }
}
