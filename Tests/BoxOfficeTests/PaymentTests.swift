import BoxOffice
import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("Payments through a provider")
struct PaymentTests {
    /// Every state by every event, in the order of ``ChargeEvent``: opened, processing, ended, captured.
    static let charges: [ChargeState: [ChargeState?]] = [
        .created: [.open, .processing, .ended, .captured], .open: [nil, .processing, .ended, .captured],
        .processing: [nil, nil, .ended, .captured], .ended: [nil, nil, nil, .captured],
        .captured: [nil, nil, nil, nil],
    ]

    @Test("a charge has an expectation for every state and every event", arguments: ChargeState.allCases)
    func charge(state: ChargeState) throws {
        let row = try #require(Self.charges[state])
        for (event, expected) in zip(ChargeEvent.allCases, row) {
            var life = ChargeLife(state)
            #expect(life.tell(event) == expected.map { .moved($0) } ?? .known, "\(state) and \(event)")
            #expect(life.state == expected ?? state)
        }
    }

    /// Every state by every event, in the order of ``RepaymentEvent``: pending, succeeded, failed.
    static let repayments: [RepaymentState: [RepaymentLife.Outcome]] = [
        .requested: [.moved(.pending, .none), .moved(.succeeded, .settled), .moved(.failed, .released)],
        .pending: [.known, .moved(.succeeded, .settled), .moved(.failed, .released)],
        .succeeded: [.known, .known, .moved(.failed, .returned)], .failed: [.known, .known, .known],
    ]

    @Test("a repayment has an expectation for every state and every event", arguments: RepaymentState.allCases)
    func repayment(state: RepaymentState) throws {
        let row = try #require(Self.repayments[state])
        for (event, expected) in zip(RepaymentEvent.allCases, row) {
            var life = RepaymentLife(state)
            #expect(life.tell(event) == expected, "\(state) and \(event)")
        }
    }

    /// Every state by every event, in the order of ``ProviderPayoutState``: pending, paid, failed.
    static let payouts: [ProviderPayoutState: [ProviderPayoutLife.Movement?]] = [
        .pending: [nil, .arrived, ProviderPayoutLife.Movement.none], .paid: [nil, nil, .returned],
        .failed: [nil, nil, nil],
    ]

    @Test("a provider's payout has an expectation for every state and event", arguments: ProviderPayoutState.allCases)
    func payout(state: ProviderPayoutState) throws {
        let row = try #require(Self.payouts[state])
        for (event, expected) in zip(ProviderPayoutState.allCases, row) {
            var life = ProviderPayoutLife(state)
            let moved = life.tell(event)
            #expect(moved == expected, "\(state) and \(event)")
            #expect(life.state == (moved == nil ? state : event))
        }
        let all = ProviderPayoutState.allCases
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            var life = ProviderPayoutLife(.pending)
            let legs = order.compactMap { life.tell(all[$0]) }.flatMap {
                PostingRecipe.providerPayout($0, of: Money(700, .eur))
            }
            #expect(life.state == .failed && sums(legs).isEmpty)
        }
    }

    /// Every subset of an enum's cases.
    static var sets: [Set<DisputeFact>] {
        (0..<(1 << DisputeFact.allCases.count)).map { bits in
            Set(DisputeFact.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
        }
    }

    static func contradicts(_ facts: Set<DisputeFact>) -> Bool {
        facts.contains(.lost) && !facts.isDisjoint(with: [.won, .reinstated])
    }

    @Test("a dispute has an expectation for every set of facts and every fact")
    func dispute() {
        for known in Self.sets where !Self.contradicts(known) {
            for fact in DisputeFact.allCases {
                var life = DisputeLife(known)
                let before = life.position
                let outcome = life.tell([fact])
                if known.contains(fact) {
                    #expect(outcome == .known)
                } else if Self.contradicts(known.union([fact])) {
                    #expect(outcome == .contradiction)
                    #expect(life.facts == known)
                } else {
                    let steps: [DisputeLife.Step] =
                        switch (before, fact) {
                        case (.inquiry, .withdrawn): [.take]
                        case (.inquiry, .lost): [.take, .lose]
                        case (.contested, .reinstated): [.giveBack]
                        case (.contested, .lost): [.lose]
                        default: []
                        }
                    #expect(outcome == .moved(steps, new: [fact]), "\(known) and \(fact)")
                }
            }
        }
    }

    @Test("the same events in any order, doubled, end where the ordered ones do", arguments: 1...200)
    func anyOrder(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let length = Int.random(in: 1...4, using: &generator)
        let charges = Array(ChargeEvent.allCases.prefix(length))
        let shuffled = (charges + charges).shuffled(using: &generator)
        func end(_ events: [ChargeEvent]) -> ChargeState {
            events.reduce(into: ChargeLife(.created)) { _ = $0.tell($1) }.state
        }
        #expect(end(shuffled) == end(charges), "seed \(seed)")

        // A repayment's balances: what left the wallet, what is on its way, what the provider holds less.
        let repayments = Array(RepaymentEvent.allCases.prefix(Int.random(in: 1...3, using: &generator)))
        func books(_ events: [RepaymentEvent]) -> [Posting] {
            var life = RepaymentLife(.requested)
            let holder = HolderID.derived(at: Instant(seconds: 0), from: "holder")
            let amount = Money(500, .eur)
            var legs = PostingRecipe.repayment(of: amount, from: holder)
            for event in events {
                if case .moved(_, let movement) = life.tell(event) {
                    legs += PostingRecipe.repayment(movement, of: amount, from: holder)
                }
            }
            return sums(legs)
        }
        #expect(
            books((repayments + repayments).shuffled(using: &generator)) == books(repayments), "seed \(seed)")

        let ending: [DisputeFact] = Bool.random(using: &generator) ? [.won, .reinstated] : [.lost]
        let disputes = [.opened, .withdrawn] + ending
        func position(_ facts: [DisputeFact]) -> (DisputePosition, [Posting]) {
            var life = DisputeLife()
            let holder = HolderID.derived(at: Instant(seconds: 0), from: "holder")
            let amount = Money(900, .eur)
            var legs: [Leg] = []
            for fact in facts {
                guard case .moved(let steps, _) = life.tell([fact]) else { continue }
                for step in steps {
                    switch step {
                    case .take:
                        legs += PostingRecipe.disputeTaken(amount, from: [DisputeGiver(holder: holder, amount: 700)])
                    case .giveBack:
                        legs += PostingRecipe.disputeReturned(amount, to: [DisputeGiver(holder: holder, amount: 700)])
                    case .lose:
                        legs += PostingRecipe.disputeLost(Money(700, .eur), covered: true)
                        legs += PostingRecipe.disputeLost(Money(200, .eur), covered: false)
                    }
                }
            }
            return (life.position, sums(legs))
        }
        let (ordered, mixed) = (position(disputes), position((disputes + disputes).shuffled(using: &generator)))
        #expect(ordered.0 == mixed.0 && ordered.1 == mixed.1, "seed \(seed)")
    }

    /// Balances without those of zero, which an account has that was never touched.
    private func sums(_ legs: [Leg]) -> [Posting] {
        var sums: [Account: Int64] = [:]
        for posting in legs.flatMap(\.postings) { sums[posting.account, default: 0] += posting.amount.minorUnits }
        return sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
            Posting(account: $0.key, amount: Money($0.value, .eur))
        }
    }

    private func standing(_ state: ChargeState, givenBack: Int64 = 0) -> ChargeStanding {
        let now = Instant(seconds: 0)
        return ChargeStanding(
            charge: Charge(
                id: .derived(at: now, from: "charge"), purchase: .derived(at: now, from: "purchase"),
                provider: .sandbox, amount: Money(1_000, .eur), createdAt: now), state: state, givenBack: givenBack)
    }

    @Test("money goes back up to what is left of the payment and in the wallet, and no further")
    func decide() throws {
        let fixture = try Fixture()
        func decide(
            _ amount: Money?, _ standing: ChargeStanding?, wallet: Int64
        ) throws(ChargeRefusal) -> Int64 {
            try decideRepayment(
                amount, of: standing, to: fixture.holder, wallet: Money(wallet, .eur), stamp: fixture.stamp(0)
            ).amount.minorUnits
        }
        let captured = standing(.captured, givenBack: 400)
        #expect(throws: ChargeRefusal.unknown) { try decide(nil, nil, wallet: 1) }
        #expect(throws: ChargeRefusal.notCaptured) { try decide(nil, standing(.processing), wallet: 1_000) }
        let refused = ChargeRefusal.refundAmount(remaining: Money(600, .eur))
        for amount in [Money(0, .eur), Money(601, .eur), Money(600, .jpy), Money(-1, .eur)] {
            #expect(throws: refused) { try decide(amount, captured, wallet: 1_000) }
        }
        #expect(throws: ChargeRefusal.refundNotCovered(missing: Money(100, .eur))) {
            try decide(Money(600, .eur), captured, wallet: 500)
        }
        #expect(throws: ChargeRefusal.refundNotCovered(missing: Money(1, .eur))) {
            try decide(nil, captured, wallet: 0)
        }
        #expect(try decide(Money(600, .eur), captured, wallet: 600) == 600)
        #expect(try decide(nil, captured, wallet: 5_000) == 600)
        #expect(try decide(nil, captured, wallet: 50) == 50)
        #expect(throws: ChargeRefusal.refundAmount(remaining: Money(0, .eur))) {
            try decide(nil, standing(.captured, givenBack: 1_200), wallet: 50)
        }
    }

    @Test("a dispute takes from the orders, then from what they gave back before, then from the platform")
    func divide() throws {
        let fixture = try Fixture()
        let order = try fixture.buy().order
        func standing(_ reversed: Int64) -> OrderStanding {
            OrderStanding(order: order, reversed: reversed, settlement: .escrow)
        }
        let whole = divideDispute(Money(500, .eur), over: [standing(0)], wallet: 9_000)
        #expect(whole == DisputeShares(orders: [(order.id, 500)], wallet: 0, platform: 0))
        let refunded = divideDispute(Money(500, .eur), over: [standing(200)], wallet: 150)
        #expect(refunded == DisputeShares(orders: [(order.id, 300)], wallet: 150, platform: 50))
        #expect(refunded.covered == 450)
        let gone = divideDispute(Money(500, .eur), over: [], wallet: 9_000)
        #expect(gone == DisputeShares(orders: [], wallet: 0, platform: 500))
        let rich = divideDispute(Money(500, .eur), over: [standing(500)], wallet: 9_000)
        #expect(rich == DisputeShares(orders: [], wallet: 500, platform: 0))
    }

    @Test func `what comes back goes to the disputes that missed it, in their order, and the rest is the payer's`() {
        #expect(divideRecovery(500, over: [300]) == [300])
        #expect(divideRecovery(500, over: [300, 0, 400]) == [300, 0, 200])
        #expect(divideRecovery(100, over: [300, 300]) == [100, 0])
        #expect(divideRecovery(100, over: []) == [])
        let holder = HolderID.derived(at: Instant(seconds: 0), from: "holder")
        let wallet = Account.wallet(holder)
        let claim = PostingRecipe.disputeRecovered(Money(5, .eur), from: holder, isLost: false)
        #expect(claim == [Leg(debit: wallet, credit: .contestedClaims, amount: Money(5, .eur))].compactMap(\.self))
        let loss = PostingRecipe.disputeRecovered(Money(5, .eur), from: holder, isLost: true)
        #expect(loss == [Leg(debit: wallet, credit: .disputeLosses, amount: Money(5, .eur))].compactMap(\.self))
    }

    @Test("every refusal has words in both languages, and every fact finds its place")
    func words() throws {
        let all: [ChargeRefusal] = [
            .unknown, .providerUnknown, .nothingToPay, .notCaptured, .refundAmount(remaining: Money(1, .eur)),
            .refundNotCovered(missing: Money(1, .eur)), .notManual, .eventSignature, .eventBody, .eventConflict,
            .sandboxCheckout,
        ]
        for refusal in all {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            #expect((400...499).contains(text.status))
            for language in ["en", "fr"] {
                let words = text.words(in: language, facts: refusal.facts)
                for line in [words.title, words.detail, words.next] { #expect(!line.isEmpty && !line.contains("{")) }
                for fact in refusal.facts.values { #expect((words.detail + words.next).contains(fact)) }
            }
        }
    }
}
