import BoxOffice
import Engines
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Wallets that are filled through a provider, and what becomes of that money when it goes back.
@Suite struct TopupPaymentTests {
    private let payments = PaymentTests()

    /// Somebody with an empty wallet who fills it.
    private struct Payer {
        let api: API
        let holder: String
        let key: String

        init(_ api: API) async throws {
            self.api = api
            (holder, key) = try await api.wallet(0)
        }

        func fill(
            _ cents: Int, through provider: String = "sandbox", page: String = "", once: String = "fill",
            key other: String? = nil
        ) async throws -> API.Answer {
            try await api.post(
                "/v1/wallets/\(holder)/checkouts",
                #"{"provider":"\#(provider)","amount":{"amount":\#(cents),"currency":"EUR"}\#(page)}"#,
                key: other ?? key, once: once)
        }

        func play(_ outcome: String, _ charge: String) async throws {
            let played = try await api.post(
                "/v1/providers/sandbox/checkouts/sandbox_\(charge)", #"{"outcome":"\#(outcome)"}"#)
            #expect(played.status == 200, "\(played.json)")
        }
    }

    private func wallet(_ payer: Payer, _ house: House) async throws -> Int64 {
        try await payments.balance(.wallet(try #require(HolderID(payer.holder))), house)
    }

    /// A wallet with so much from a card.
    private func filled(_ cents: Int, _ api: API, _ house: House) async throws -> (payer: Payer, charge: String) {
        let payer = try await Payer(api)
        let made = try await payer.fill(cents)
        #expect(made.status == 201, "\(made.json)")
        try await payer.play("pay", made.text("charge"))
        try await payments.settle(house)
        return (payer, made.text("charge"))
    }

    @Test(arguments: ["pay", "pay_twice", "pay_reordered"])
    func `money of a card is in the wallet once, and pays a pass from there`(outcome: String) async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host().key
            let room = try await api.room(host)
            let payer = try await Payer(api)
            let made = try await payer.fill(1_200, page: #","room":"\#(room)""#)
            #expect(made.status == 201 && made.text("state") == "open", "\(made.json)")
            #expect(made.text("room") == room && made.json["hold"] == nil && made.json["purchase"] == nil)
            #expect(try await payer.fill(1_200, page: #","room":"\#(room)""#).text("charge") == made.text("charge"))
            let page = try await api.get("/v1/providers/sandbox/checkouts/sandbox_\(made.text("charge"))")
            #expect(page.text("returnTo").hasSuffix("/r/\(room)"), "\(page.json)")
            #expect(try await wallet(payer, house) == 0)
            try await payer.play(outcome, made.text("charge"))
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 1_200)
            let seen = try await api.get("/v1/charges/\(made.text("charge"))", key: payer.key)
            #expect(seen.text("state") == "captured" && seen.json["url"] == nil, "\(seen.json)")
            #expect(try await api.buy(room, key: payer.key).status == 201)
            #expect(try await wallet(payer, house) == 700)
            // What the provider kept was booked like that of any payment.
            let staff = try await api.get("/v1/charges", key: House.operatorKey)
            let charges = try #require(staff.json["charges"] as? [[String: any Sendable]])
            #expect(charges.count == 1 && (charges[0]["fees"] as? [any Sendable])?.isEmpty == false, "\(charges)")
            try await payments.isClean(house)
        }
    }

    @Test func `what is left in the wallet goes back to the card, and no more`() async throws {
        let house = try await House()
        try await house.api { api in
            let (payer, charge) = try await filled(1_000, api, house)
            let room = try await api.room(try await api.host().key)
            #expect(try await api.buy(room, key: payer.key).status == 201)
            let path = "/v1/charges/\(charge)/repayments"
            let all = #"{"amount":{"amount":1000,"currency":"EUR"}}"#
            #expect(
                try await api.post(path, all, key: payer.key, once: "all").code == "charge_refund_not_covered")
            #expect(try await api.post(path, "{}", key: payer.key, once: "rest").status == 201)
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 0)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `who may not, cannot or names something unknown changes nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let payer = try await Payer(api)
            let other = try await api.wallet(0).key
            let room = try await api.room(try await api.host().key)
            #expect(try await payer.fill(1_000, key: other).code == "key_scope")
            #expect(try await payer.fill(1_000, key: House.operatorKey).code == "key_scope")
            #expect(try await payer.fill(1_000, through: "stripe").code == "provider_unknown")
            #expect(try await payer.fill(99).code == "topup_out_of_range")
            #expect(try await payer.fill(1_000_001).code == "topup_out_of_range")
            let nowhere = #","room":"room_00000000000000000000000000""#
            #expect(try await payer.fill(1_000, page: nowhere).code == "room_unknown")
            let noSeries = #","series":"series_00000000000000000000000000""#
            #expect(try await payer.fill(1_000, page: noSeries).code == "series_unknown")
            let both = #","room":"\#(room)","series":"series_00000000000000000000000000""#
            #expect(try await payer.fill(1_000, page: both).code == "unknown_member")
            let yen = #"{"provider":"sandbox","amount":{"amount":1000,"currency":"JPY"}}"#
            #expect(
                try await api.post("/v1/wallets/\(payer.holder)/checkouts", yen, key: payer.key, once: "yen").code
                    == "currency_not_sold")
            #expect(try await payer.fill(1_000).status == 201)
            #expect(try await payer.fill(2_000).code == "idempotency_mismatch")
            let charges = try await api.get("/v1/charges", key: House.operatorKey)
            #expect((charges.json["charges"] as? [any Sendable])?.count == 1)
            try await payments.isClean(house)
        }
    }

    @Test func `another sum than was asked for waits in suspense`() async throws {
        let house = try await House()
        try await house.api { api in
            let payer = try await Payer(api)
            let made = try await payer.fill(1_000, through: "manual")
            #expect(made.status == 201, "\(made.json)")
            let confirmed = try await api.post(
                "/v1/charges/\(made.text("charge"))/confirmation",
                #"{"amount":{"amount":900,"currency":"EUR"},"reference":"slip 7"}"#, key: House.operatorKey)
            #expect(confirmed.text("state") == "captured", "\(confirmed.json)")
            #expect(try await wallet(payer, house) == 0)
            let suspense = try await api.get("/v1/suspense", key: House.operatorKey)
            let items = try #require(suspense.json["items"] as? [[String: any Sendable]])
            #expect(items.count == 1 && (items[0]["reason"] as? String)?.hasSuffix(": amount") == true, "\(items)")
            try await payments.isClean(house)
            let item = try #require(items[0]["item"] as? String)
            let resolved = try await api.post(
                "/v1/suspense/\(item)/resolve", #"{"holder":"\#(payer.holder)"}"#, key: House.operatorKey,
                once: "place")
            #expect((200...201).contains(resolved.status), "\(resolved.json)")
            #expect(try await wallet(payer, house) == 900)
            try await payments.isClean(house)
        }
    }

    @Test func `a dispute takes what the wallet has, then the tickets that were bought since`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host().key
            let before = try await api.room(host)
            let room = try await api.room(host)
            let payer = try await Payer(api)
            // Of other money: a ticket that the disputed payment has nothing to do with.
            _ = try await api.post(
                "/v1/wallets/\(payer.holder)/topups", #"{"amount":{"amount":500,"currency":"EUR"}}"#, key: payer.key,
                once: "old")
            let old = try await api.buy(before, key: payer.key, once: "old")
            let made = try await payer.fill(1_200)
            try await payer.play("pay", made.text("charge"))
            try await payments.settle(house)
            house.time.advance(bySeconds: 5)
            let bought = try await api.buy(room, key: payer.key, once: "new")
            #expect(bought.status == 201)
            #expect(try await wallet(payer, house) == 700)
            try await payer.play("dispute", made.text("charge"))
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 0)
            #expect(try await revoked(old, house) == nil)
            #expect(try await revoked(bought, house) == "disputed")
            try await payments.isClean(house)
            try await payer.play("dispute_won", made.text("charge"))
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 700)
            // Another ticket in the place of the one that ended.
            let tickets = try await api.get("/v1/wallets/\(payer.holder)", key: payer.key)
            let states = (tickets.json["tickets"] as? [[String: any Sendable]] ?? []).map { $0["state"] as? String }
            #expect(states.filter { $0 == "not_yet_valid" }.count == 2, "\(states)")
            try await payments.isClean(house)
        }
    }

    @Test func `what neither wallet nor tickets cover is the platform's loss`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host().key
            let room = try await api.room(host)
            let (payer, charge) = try await filled(1_000, api, house)
            house.time.advance(bySeconds: 5)
            let bought = try await api.buy(room, key: payer.key)
            let code = try await api.post(
                "/v1/tickets/\(bought.text("ticket"))/transfers", "{}", key: payer.key, once: "gift"
            ).text("code")
            let friend = try await api.wallet(0).key
            let taken = try await api.post("/v1/transfers/accept", #"{"code":"\#(code)"}"#, key: friend, once: "take")
            #expect(taken.status == 200 || taken.status == 201, "\(taken.json)")
            try await payer.play("dispute", charge)
            try await payments.settle(house)
            try await payer.play("dispute_lost", charge)
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 0)
            #expect(try await payments.balance(.disputeLosses, house) == 500)
            try await payments.isClean(house)
        }
    }

    /// Two payments with a stolen card, one ticket.
    @Test func `two disputes take both halves of a ticket that both payments paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let room = try await api.room(try await api.host().key, price: 2_000)
            let payer = try await Payer(api)
            var charges: [String] = []
            for once in ["one", "two"] {
                charges.append(try await payer.fill(1_000, once: once).text("charge"))
                try await payer.play("pay", charges[charges.count - 1])
            }
            try await payments.settle(house)
            house.time.advance(bySeconds: 5)
            // A checkout that nobody pays beside it makes it no purchase by card.
            let order = #"{"provider":"sandbox","room":"\#(room)","price":{"amount":2000,"currency":"EUR"}}"#
            let made = try await api.post("/v1/checkouts", order, key: payer.key, once: "checkout")
            let paid = try await api.post("/v1/holds/\(made.text("hold"))/pay", key: payer.key, once: "wallet")
            #expect(paid.text("state") == "ticketed", "\(paid.json)")
            for charge in charges {
                try await payer.play("dispute", charge)
                try await payments.settle(house)
                try await payments.isClean(house)
            }
            for charge in charges { try await payer.play("dispute_lost", charge) }
            try await payments.settle(house)
            #expect(try await payments.balance(.disputeLosses, house) == 0)
            #expect(try await wallet(payer, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `a dispute leaves what a bank transfer paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let room = try await api.room(try await api.host().key)
            let (payer, charge) = try await filled(1_000, api, house)
            house.time.advance(bySeconds: 5)
            let order = #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"}}"#
            let hold = try await api.post("/v1/holds", order, key: payer.key, once: "hold").text("hold")
            let paid = try await api.post(
                "/v1/holds/\(hold)/payments",
                #"{"provider":"bank","reference":"slip 1","amount":{"amount":500,"currency":"EUR"}}"#,
                key: House.operatorKey, once: "slip")
            #expect(paid.text("state") == "ticketed", "\(paid.json)")
            let spent = try await api.room(try await api.host("Bea").key, price: 1_000)
            let other = try await api.buy(spent, key: payer.key, price: 1_000)
            #expect(other.status == 201, "\(other.json)")
            try await payer.play("dispute", charge)
            try await payments.settle(house)
            #expect(try await revoked(other, house) == "disputed")
            let tickets = try await api.get("/v1/holds/\(hold)", key: payer.key).json["tickets"]
            let ticket = try #require((tickets as? [[String: any Sendable]])?.first?["ticket"] as? String)
            let id = try #require(TicketID(ticket))
            #expect(try await house.service.database.read { try $0.ticket(id) }?.revoked == nil)
            try await payments.isClean(house)
        }
    }

    @Test func `a dispute of money in suspense takes that money`() async throws {
        let house = try await House()
        try await house.api { api in
            let payer = try await Payer(api)
            let charge = try await payer.fill(1_000).text("charge")
            func tell(_ name: String, _ fact: ProviderFact) async throws {
                let report = ProviderReport(objects: ["sandbox_\(charge)"], facts: [fact])
                let event = ProviderEvent(
                    id: name, kind: name, object: "sandbox_\(charge)", report: report,
                    bodyHash: SHA256Digest(of: name))
                try await house.service.takeIn(event, from: .sandbox)
                try await payments.settle(house)
            }
            try await tell("other sum", .captured(Money(900, .eur)))
            let waiting = try await api.get("/v1/charges/\(charge)", key: payer.key)
            #expect(waiting.text("purchase") == "suspended", "\(waiting.json)")
            try await tell("dispute", .dispute(name: "du_1", amount: Money(900, .eur), [.opened, .withdrawn]))
            #expect(try await payments.balance(.unplaced, house) == 0)
            #expect(try await wallet(payer, house) == 0)
            try await tell("lost", .dispute(name: "du_1", amount: Money(900, .eur), [.lost]))
            #expect(try await payments.balance(.disputeLosses, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `a refund elsewhere of money that was spent takes the ticket back`() async throws {
        let house = try await House()
        try await house.api { api in
            let room = try await api.room(try await api.host().key)
            let (payer, charge) = try await filled(700, api, house)
            house.time.advance(bySeconds: 5)
            let bought = try await api.buy(room, key: payer.key)
            try await payer.play("refund_elsewhere", charge)
            try await payments.settle(house)
            #expect(try await revoked(bought, house) == "refunded")
            #expect(try await wallet(payer, house) == 0)
            #expect(try await payments.balance(.provider, house) <= 0)
            try await payments.isClean(house)
        }
    }

    @Test func `a refund on the provider's own page takes from the wallet`() async throws {
        let house = try await House()
        try await house.api { api in
            let (payer, charge) = try await filled(1_000, api, house)
            try await payer.play("refund_elsewhere", charge)
            try await payments.settle(house)
            #expect(try await wallet(payer, house) == 0)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            try await payments.isClean(house)
        }
    }

    /// What is changed behind the ledger's back, and the words that must tell it. On SQLite, whose triggers can be taken away
    /// in one statement.
    private static let damages: [(says: String, sql: [StaticString])] = [
        (
            "in no wallet",
            ["DROP TRIGGER topup_charges_stay", "UPDATE topup_charges SET holder = (SELECT max(holder) FROM wallets)"]
        ),
        ("for neither", ["DROP TRIGGER topup_charges_last", "DELETE FROM topup_charges"]),
        ("otherwise than was asked for", ["UPDATE charges SET amount = amount + 1"]),
        (
            "otherwise than was asked for",
            ["DROP TRIGGER hold_payments_stay", "UPDATE hold_payments SET provider = 'manual'"]
        ),
    ]

    @Test(arguments: 0..<4) func `the audit finds a filled wallet that was tampered with`(number: Int) async throws {
        let (says, statements) = Self.damages[number]
        let house = try await House(on: .sqlite)
        try await house.api { api in
            _ = try await filled(1_000, api, house)
            // Made later, so its name is the greater.
            house.time.advance(bySeconds: 1)
            _ = try await api.wallet(0)
            try await payments.isClean(house)
            try await house.service.database.write { transaction in
                for statement in statements { try transaction.execute(statement) }
            }
            let report = try await house.service.audit(by: .auditor)
            #expect(
                report.lines.flatMap(\.findings).contains { "\($0)".contains(says) },
                "\(report.lines.flatMap(\.findings))")
        }
    }

    private func revoked(_ order: API.Answer, _ house: House) async throws -> String? {
        let id = try #require(TicketID(order.text("ticket")))
        return try await house.service.database.read { try $0.ticket(id) }?.revoked?.reason
    }
}
