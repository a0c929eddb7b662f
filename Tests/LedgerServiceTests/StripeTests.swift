import BoxOffice
import Simulation
import Testing
import Values

@testable import LedgerService

/// What is read of Stripe's objects and events, and what is not.
@Suite struct StripeTests {
    private static let charge = ChargeID.derived(at: Instant(seconds: 0), from: "charge")
    private static let repayment = RepaymentID.derived(at: Instant(seconds: 0), from: "repayment")

    private func report(_ kind: String, _ object: String) throws -> ProviderReport {
        let text = #"{"id":"evt_1","object":"event","type":"\#(kind)","data":{"object":\#(object)}}"#
        let event = try #require(StripeEvents.read(Array(text.utf8)))
        #expect(event.id == "evt_1" && event.kind == kind)
        return try #require(event.report)
    }

    private static let session = """
        {"id":"cs_1","object":"checkout.session","status":"complete","payment_status":"paid",
        "client_reference_id":"\(charge)","payment_intent":"pi_1","amount_total":1000,"currency":"eur",
        "url":null,"customer_details":{"email":"a@b.c","tax":1.5}}
        """

    @Test func `a session that was paid names its charge, its intent and its money`() throws {
        let session = Self.session
        let found = try report("checkout.session.completed", session)
        #expect(found.charge == Self.charge && found.objects == ["cs_1", "pi_1"])
        #expect(found.facts == [.opened(url: nil), .captured(Money(1_000, .eur))])
        let unpaid = session.replacing(#""payment_status":"paid""#, with: #""payment_status":"unpaid""#)
        #expect(try report("checkout.session.completed", unpaid).facts == [.opened(url: nil), .processing])
        #expect(
            try report("checkout.session.async_payment_failed", unpaid).facts == [.opened(url: nil), .ended])
        let expired = session.replacing("complete", with: "expired")
        #expect(try report("checkout.session.expired", expired).facts == [.opened(url: nil), .ended])
    }

    /// Whoever asks is not told what happened, but how it stands: the session with its payment, and that with its charge.
    @Test func `a session that is asked after brings its payment and what went back of it`() throws {
        func answer(_ intent: String, _ status: String = "complete", paid: String = "unpaid") throws -> [ProviderFact] {
            let text = Self.session.replacing("complete", with: status)
                .replacing(#""payment_status":"paid""#, with: #""payment_status":"\#(paid)""#)
                .replacing(
                    #""payment_intent":"pi_1""#,
                    with: #""payment_intent":{"id":"pi_1","object":"payment_intent",\#(intent)}"#)
            let session = try #require(StripeValue(bytes: Array(text.utf8)))
            return try #require(StripeEvents.report(of: session)).facts
        }
        #expect(try answer(#""status":"processing""#) == [.opened(url: nil), .processing, .processing])
        // A bank debit that failed: no second card is tried on a page that is complete.
        #expect(try answer(#""status":"requires_payment_method""#) == [.opened(url: nil), .ended, .opened(url: nil)])
        #expect(try answer(#""status":"canceled""#) == [.opened(url: nil), .ended, .ended])
        #expect(try answer(#""status":"processing""#, "open") == [.opened(url: nil)])
        let refund =
            #"{"id":"re_1","object":"refund","amount":400,"currency":"eur","status":"succeeded","metadata":{}}"#
        let given = try answer(
            #""status":"succeeded","amount_received":1000,"currency":"eur","latest_charge":"#
                + #"{"id":"ch_1","object":"charge","disputed":false,"refunds":{"data":[\#(refund)]}}"#, paid: "paid")
        let all = Money(1_000, .eur)
        let back = ProviderFact.repayment(name: "re_1", ours: nil, amount: Money(400, .eur), .succeeded)
        #expect(given == [.opened(url: nil), .captured(all), .captured(all), back])
    }

    @Test func `an intent says where it stands, and what was kept once the statement is there`() throws {
        func intent(_ status: String, _ transaction: String = "null") -> String {
            """
            {"id":"pi_1","object":"payment_intent","status":"\(status)","amount":1000,"amount_received":900,
            "currency":"eur","metadata":{"charge":"\(Self.charge)"},
            "latest_charge":{"id":"ch_1","balance_transaction":\(transaction)}}
            """
        }
        let paid = try report(
            "payment_intent.succeeded", intent("succeeded", #"{"id":"txn_1","fee":39,"currency":"eur"}"#))
        #expect(paid.objects == ["pi_1", "ch_1"])
        #expect(
            paid.facts == [.captured(Money(900, .eur)), .fee(movement: "txn_1", fee: Money(39, .eur), of: .charge)])
        #expect(try report("payment_intent.processing", intent("processing")).facts == [.processing])
        #expect(try report("payment_intent.canceled", intent("canceled")).facts == [.ended])
        // A card that was declined: the buyer may take another one.
        #expect(try report("payment_intent.processing", intent("requires_payment_method")).facts == [.opened(url: nil)])
        #expect(try report("payment_intent.succeeded", intent("succeeded", #""txn_1""#)).facts.count == 1)
    }

    @Test func `refunds and disputes are read from the object, whatever the event is called`() throws {
        func refund(_ status: String) -> String {
            """
            {"id":"re_1","object":"refund","status":"\(status)","amount":300,"currency":"eur","payment_intent":"pi_1",
            "charge":"ch_1","metadata":{"repayment":"\(Self.repayment)","charge":"\(Self.charge)"}}
            """
        }
        for (status, event) in [
            ("pending", RepaymentEvent.pending), ("requires_action", .pending), ("succeeded", .succeeded),
            ("failed", .failed), ("canceled", .failed),
        ] {
            let found = try report("refund.updated", refund(status))
            #expect(found.objects == ["pi_1", "ch_1"] && found.charge == Self.charge)
            #expect(
                found.facts == [.repayment(name: "re_1", ours: Self.repayment, amount: Money(300, .eur), event)])
        }
        func dispute(_ status: String, _ movements: String) -> String {
            """
            {"id":"du_1","object":"dispute","status":"\(status)","amount":1000,"currency":"eur","charge":"ch_1",
            "payment_intent":null,"balance_transactions":[\(movements)]}
            """
        }
        let taken = #"{"id":"txn_2","amount":-1000,"fee":1500,"currency":"eur"}"#
        let given = #"{"id":"txn_3","amount":1000,"fee":-1500,"currency":"eur"}"#
        let open = try report("charge.dispute.created", dispute("needs_response", ""))
        #expect(open.objects == ["ch_1"] && open.charge == nil)
        #expect(open.facts == [.dispute(name: "du_1", amount: Money(1_000, .eur), [.opened])])
        let lost = try report("charge.dispute.closed", dispute("lost", taken))
        #expect(
            lost.facts == [
                .dispute(name: "du_1", amount: Money(1_000, .eur), [.opened, .withdrawn, .lost]),
                .fee(movement: "txn_2", fee: Money(1_500, .eur), of: .dispute),
            ])
        let won = try report("charge.dispute.closed", dispute("won", taken + "," + given))
        #expect(
            won.facts == [
                .dispute(name: "du_1", amount: Money(1_000, .eur), [.opened, .withdrawn, .won, .reinstated]),
                .fee(movement: "txn_2", fee: Money(1_500, .eur), of: .dispute),
                .fee(movement: "txn_3", fee: Money(-1_500, .eur), of: .dispute),
            ])
    }

    @Test func `a payout to the bank is of no payment`() throws {
        for (status, state) in [
            ("pending", ProviderPayoutState.pending), ("in_transit", .pending), ("paid", .paid), ("failed", .failed),
            ("canceled", .failed),
        ] {
            let object = #"{"id":"po_1","object":"payout","amount":700,"currency":"eur","status":"\#(status)"}"#
            let found = try report("payout.updated", object)
            #expect(found.payout == ProviderPayout(name: "po_1", amount: Money(700, .eur), state: state))
        }
    }

    @Test func `what a host's own account tells is not about our money`() throws {
        let text = """
            {"id":"evt_1","object":"event","type":"payout.paid","account":"acct_1","data":{"object":{"id":"po_1",
            "object":"payout","status":"paid","amount":500,"currency":"eur"}}}
            """
        #expect(try #require(StripeEvents.read(Array(text.utf8))).report == nil)
        let ours = text.replacing(#""account":"acct_1","#, with: "")
        #expect(try #require(StripeEvents.read(Array(ours.utf8))).report != nil)
    }

    @Test func `kinds of no payment are ignored, and what is no event is none`() throws {
        for kind in ["account.updated", "transfer.created", "customer.created", "no.such.kind"] {
            let text = #"{"id":"evt_1","object":"event","type":"\#(kind)","data":{"object":{"id":"x_1"}}}"#
            let event = try #require(StripeEvents.read(Array(text.utf8)))
            #expect(event.report == nil && event.object == "x_1")
        }
        for text in ["", "[]", "{}", "null", #"{"id":"evt_1","object":"event"}"#, #"{"object":"event","type":"a"}"#] {
            #expect(StripeEvents.read(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test(arguments: 1...300) func `broken events never stop the reader`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = Array(
            """
            {"id":"evt_1","object":"event","type":"charge.dispute.closed","data":{"object":{"id":"du_1",
            "object":"dispute","status":"won","amount":9223372036854775807,"currency":"eur","charge":"ch_1",
            "balance_transactions":[{"id":"t","amount":-9223372036854775808,"fee":-1,"currency":"eur"}]}}}
            """.utf8)
        _ = StripeEvents.read(bytes)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0...2, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: index)
            default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            }
        }
        if let report = StripeEvents.read(bytes)?.report { #expect(report.facts.count <= ProviderReport.limit) }
    }

    @Test(
        arguments: [
            ("EUR", 500, 500), ("JPY", 500, 500), ("HUF", 500, 500), ("ISK", 500, 50_000), ("KWD", 5_000, 5_000),
        ] as [(String, Int64, Int64)])
    func `amounts are written as Stripe counts them, and read back`(code: String, ours: Int64, units: Int64) throws {
        let money = Money(ours, try #require(Currency(code)))
        #expect(try StripeAmount.units(of: money) == units)
        #expect(StripeAmount.money(units, money.currency) == money)
    }

    @Test func `an amount that a card can't pay is refused before it is sent`() throws {
        let dinars = Money(5_001, try #require(Currency("KWD")))
        #expect(throws: ProviderFault.refused(code: "amount_not_multiple_of_ten")) {
            try StripeAmount.units(of: dinars)
        }
        #expect(StripeAmount.money(50, try #require(Currency("ISK"))) == nil)
    }

    @Test func `forms are escaped to the byte`() {
        #expect(
            StripeProvider.encoded([("a[b]", "Soirée & co"), ("c", "1+1=2~._-")])
                == "a%5Bb%5D=Soir%C3%A9e%20%26%20co&c=1%2B1%3D2~._-")
    }
}
