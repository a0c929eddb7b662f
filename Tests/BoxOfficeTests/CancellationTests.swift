import BoxOffice
import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("Cancelling a room by a plan")
struct CancellationTests {
    private let id = CancellationID.derived(at: Instant(seconds: 0), from: "plan")
    private let mine = Signature(name: "key_mine")

    private func counts(orders: Int = 1, tickets: Int = 1) -> CancellationCounts {
        CancellationCounts(orders: orders, holders: orders, tickets: tickets, passes: 0, holds: 0)
    }

    private func holdings(_ cents: Int64, orders: Int = 1, tickets: Int = 1, fee: Int64 = 0) -> RoomHoldings {
        RoomHoldings(
            whole: [
                OrderSum(
                    currency: .eur, vatAccount: .vat, feeAccount: .provider, feeIsRefundable: false, orders: orders,
                    gross: cents, vat: 0, fee: fee)
            ], partly: [], counts: counts(orders: orders, tickets: tickets))
    }

    private func plan(_ fixture: Fixture, _ cents: Int64 = 500, room: Room? = nil) throws -> CancellationPlan {
        try decideCancellation(
            id, of: try room ?? fixture.room(), holdings: holdings(cents),
            policy: CancellationPolicy(approvalAbove: [.eur: 1_000], planSeconds: 600), at: fixture.start)
    }

    private func cancellation(
        _ fixture: Fixture, _ cents: Int64 = 500, stored: Cancellation.Stored = .planned
    ) throws -> Cancellation {
        Cancellation(
            plan: try plan(fixture, cents), digest: CancellationPlan.digest(ofText: "text"), madeBy: mine.name,
            stored: stored)
    }

    @Test("says what goes back, what it posts in sum and what is kept")
    func said() throws {
        let fixture = try Fixture()
        let plan = try decideCancellation(
            id, of: try fixture.room(), holdings: holdings(2_000, orders: 4, tickets: 5, fee: 100),
            policy: fixture.policy.cancellation, at: fixture.start)
        let wallets = Account(wallet: "holders")
        #expect(plan.refunds == [Money(2_000, .eur)])
        #expect(
            plan.postings == [
                PostingSum(debit: .commission, credit: wallets, amount: Money(100, .eur)),
                PostingSum(debit: .escrow(try fixture.room().id), credit: wallets, amount: Money(1_900, .eur)),
            ])
        #expect(plan.notGivenBack == [NotGivenBack(reason: .feeKept, count: 4, amount: Money(100, .eur))])
        #expect(!plan.needsSecond)
        #expect(plan.expiresAt == fixture.at(86_400))
    }

    @Test("posts the sum of what the refunds of its orders post, whatever was given back before")
    func sums() throws {
        var generator = SeededGenerator(seed: 607)
        let fixture = try Fixture()
        let room = try fixture.room()
        for round in 0..<200 {
            var whole: [Order] = []
            var partly: [OrderStanding] = []
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let order = try randomOrder(fixture, &generator)
                let reversed = Int64.random(in: 0..<order.gross.minorUnits, using: &generator)
                if reversed == 0 || Bool.random(using: &generator) {
                    whole.append(order)
                } else {
                    partly.append(OrderStanding(order: order, reversed: reversed, settlement: .escrow))
                }
            }
            let sums = whole.map {
                OrderSum(
                    currency: .eur, vatAccount: .vat, feeAccount: .provider, feeIsRefundable: $0.feeIsRefundable,
                    orders: 1, gross: $0.gross.minorUnits, vat: $0.vat, fee: $0.fee)
            }
            let all = RoomHoldings(whole: sums, partly: partly, counts: counts())
            var expected: [Account: Int64] = [:]
            for standing in whole.map({ OrderStanding(order: $0, reversed: 0, settlement: .escrow) }) + partly {
                for leg in PostingRecipe.refund(standing, to: standing.order.gross.minorUnits).legs {
                    expected[leg.debit, default: 0] += leg.amount.minorUnits
                    expected[leg.credit, default: 0] -= leg.amount.minorUnits
                }
            }
            var found: [Account: Int64] = [:]
            for posting in PostingRecipe.cancellation(of: room.id, all) {
                found[posting.debit, default: 0] += posting.amount.minorUnits
                found[posting.credit, default: 0] -= posting.amount.minorUnits
            }
            let wallets = found.removeValue(forKey: Account(wallet: "holders")) ?? 0
            found[.wallet(fixture.holder)] = wallets
            #expect(
                found.filter { $0.value != 0 } == expected.filter { $0.value != 0 },
                "round \(round), seed \(generator.seed)")
            #expect(all.refunds.map(\.minorUnits) == [-wallets], "round \(round), seed \(generator.seed)")
        }
    }

    @Test("takes a second person above the amount of the policy, but not for a room that is cancelled already")
    func second() throws {
        let fixture = try Fixture()
        #expect(!(try plan(fixture, 1_000).needsSecond))
        #expect(try plan(fixture, 1_001).needsSecond)
        #expect(!(try plan(fixture, 1_001, room: fixture.room(.cancelled(at: fixture.start))).needsSecond))
        #expect(throws: RoomStateRefusal.closed) { try plan(fixture, room: fixture.room(.closed(at: fixture.start))) }
        #expect(throws: RoomStateRefusal.ended) {
            try decideCancellation(
                id, of: fixture.room(), holdings: holdings(1), policy: CancellationPolicy(), at: fixture.at(3_600))
        }
    }

    @Test("covers less than it has shown, and nothing more")
    func covers() throws {
        let shown = try plan(Fixture(), 500)
        #expect(shown.covers(holdings(500)))
        #expect(shown.covers(holdings(1)))
        #expect(shown.covers(RoomHoldings(whole: [], partly: [], counts: counts(orders: 0, tickets: 0))))
        #expect(!shown.covers(holdings(501)))
        #expect(!shown.covers(holdings(500, orders: 2)))
        #expect(!shown.covers(holdings(500, tickets: 2)))
    }

    @Test("is approved by a second person, or refused in the documented order")
    func approval() throws {
        let fixture = try Fixture()
        let other = Signature(name: "key_other", keyMadeAt: fixture.at(-1))
        let digest = CancellationPlan.digest(ofText: "text")
        func approve(
            _ stored: Cancellation.Stored, cents: Int64 = 2_000, by second: Signature, digest named: SHA256Digest,
            at seconds: Int64 = 1
        ) throws -> CancellationState {
            var cancellation = try cancellation(fixture, cents, stored: stored)
            try cancellation.approve(named, by: second, at: fixture.at(seconds))
            return cancellation.state(at: fixture.at(seconds))
        }
        let young = Signature(name: mine.name, keyMadeAt: fixture.at(1))
        #expect(throws: CancellationRefusal.digest) {
            try approve(.done, cents: 500, by: young, digest: .zero, at: 600)
        }
        #expect(throws: CancellationRefusal.begun(id)) { try approve(.underway, by: young, digest: digest, at: 600) }
        #expect(throws: CancellationRefusal.begun(id)) { try approve(.done, by: young, digest: digest, at: 600) }
        #expect(throws: CancellationRefusal.expired(at: fixture.at(600))) {
            try approve(.planned, cents: 500, by: young, digest: digest, at: 600)
        }
        #expect(throws: CancellationRefusal.alreadyApproved) {
            try approve(.approved(by: "x"), cents: 500, by: young, digest: digest)
        }
        #expect(throws: CancellationRefusal.approvalUnneeded) {
            try approve(.planned, cents: 500, by: young, digest: digest)
        }
        #expect(throws: CancellationRefusal.samePerson) { try approve(.planned, by: young, digest: digest) }
        #expect(throws: CancellationRefusal.newKey) {
            try approve(.planned, by: Signature(name: "key_other", keyMadeAt: fixture.at(1)), digest: digest)
        }
        #expect(try approve(.planned, by: other, digest: digest) == .approved)
    }

    @Test("begins in every state as the table says")
    func beginning() throws {
        let fixture = try Fixture()
        let digest = CancellationPlan.digest(ofText: "text")
        func begin(
            _ stored: Cancellation.Stored, cents: Int64 = 500, now: Int64? = nil, digest named: SHA256Digest? = nil,
            at seconds: Int64 = 1
        ) throws -> (Cancellation.Beginning, CancellationState) {
            var cancellation = try cancellation(fixture, cents, stored: stored)
            let beginning = try cancellation.begin(
                named ?? digest, holdings: holdings(now ?? cents), at: fixture.at(seconds))
            return (beginning, cancellation.state(at: fixture.at(seconds)))
        }
        #expect(throws: CancellationRefusal.digest) { try begin(.done, digest: .zero) }
        #expect(throws: CancellationRefusal.expired(at: fixture.at(600))) {
            try begin(.planned, cents: 2_000, now: 9_999, at: 600)
        }
        #expect(throws: CancellationRefusal.expired(at: fixture.at(600))) {
            try begin(.approved(by: "x"), cents: 2_000, at: 600)
        }
        #expect(throws: CancellationRefusal.approvalNeeded) { try begin(.planned, cents: 2_000, now: 9_999) }
        #expect(throws: CancellationRefusal.changed) { try begin(.planned, now: 501) }
        #expect(throws: CancellationRefusal.changed) { try begin(.approved(by: "x"), cents: 2_000, now: 2_001) }
        #expect(try begin(.planned) == (.begins(approver: nil), .underway))
        #expect(try begin(.approved(by: "x"), cents: 2_000) == (.begins(approver: "x"), .underway))
        #expect(try begin(.underway, now: 9_999, at: 600) == (.goesOn, .underway))
        #expect(try begin(.done, now: 9_999, at: 600) == (.goesOn, .done))
        var done = try cancellation(fixture, stored: .underway)
        done.finish()
        done.finish()
        #expect(done.stored == .done)
    }

    @Test("refuses in plain words of both languages")
    func words() throws {
        let all: [CancellationRefusal] = [
            .unknown, .digest, .expired(at: Instant(seconds: 0)), .approvalNeeded, .approvalUnneeded, .alreadyApproved,
            .samePerson, .newKey, .changed, .begun(id), .planNeeded(Money(1, .eur)),
        ]
        for refusal in all { try expectWords(refusal) }
    }

    private func randomOrder(_ fixture: Fixture, _ generator: inout SeededGenerator) throws -> Order {
        let gross = Int64.random(in: 1...(Bool.random(using: &generator) ? 9 : 100_000), using: &generator)
        let vat = Int64.random(in: 0...gross, using: &generator)
        let fee = Int64.random(in: 0...(gross - vat), using: &generator)
        return try #require(
            Order(
                id: .make(at: fixture.start, using: &generator), room: try fixture.room().id, owner: fixture.host,
                holder: fixture.holder, ticket: .make(at: fixture.start, using: &generator), priceVersion: 1,
                gross: Money(gross, .eur), vat: vat, fee: fee, feeIsRefundable: Bool.random(using: &generator),
                policy: "p", soldAt: fixture.start))
    }
}

/// That a refusal has its words, and that every fact finds its place in them.
func expectWords(_ refusal: some Refusal) throws {
    let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
    #expect((400...499).contains(text.status))
    for language in ["en", "fr"] {
        let raw = try #require(text.words[language])
        let words = text.words(in: language, facts: refusal.facts)
        #expect(!"\(words.title)\(words.detail)\(words.next)".contains("{"), "\(refusal.code) in \(language)")
        for fact in refusal.facts.keys {
            #expect("\(raw.title)\(raw.detail)\(raw.next)".contains("{\(fact)}"), "\(refusal.code): \(fact)")
        }
    }
}
