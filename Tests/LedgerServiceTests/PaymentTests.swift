import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Schemas
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// Buying through a provider: checkout, capture, refunds, disputes, and providers that do everything wrong.
@Suite struct PaymentTests {
    /// A room of 5.00 EUR, a wallet without money, and a checkout of the sandbox.
    struct Stage {
        let host: String
        let room: String
        let wallet: (holder: String, key: String)
        let charge: String
        let hold: String
        var checkout: String { "sandbox_\(charge)" }
    }

    func stage(_ api: API, count: Int = 1, provider: String = "sandbox") async throws -> Stage {
        let host = try await api.host()
        let room = try await api.room(host.key, capacity: 3)
        let wallet = try await api.wallet(0)
        let made = try await api.post(
            "/v1/checkouts",
            #"{"provider":"\#(provider)","room":"\#(room)","count":\#(count),"price":{"amount":500,"currency":"EUR"}}"#,
            key: wallet.key, once: "checkout")
        #expect(made.status == 201, "\(made.json)")
        return Stage(host: host.key, room: room, wallet: wallet, charge: made.text("charge"), hold: made.text("hold"))
    }

    func play(_ outcome: String, _ stage: Stage, _ api: API) async throws {
        let played = try await api.post(
            "/v1/providers/sandbox/checkouts/\(stage.checkout)", #"{"outcome":"\#(outcome)"}"#)
        #expect(played.status == 200, "\(played.json)")
    }

    private func charge(_ stage: Stage, _ api: API) async throws -> API.Answer {
        try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey)
    }

    func balance(_ account: Account, _ house: House) async throws -> Int64 {
        try await house.service.database.read { try $0.amount(in: account, .eur).minorUnits }
    }

    func isClean(_ house: House) async throws {
        let report = try await house.service.audit(by: .auditor)
        #expect(report.isClean, "\(report.lines.filter { !$0.findings.isEmpty })")
    }

    func settle(_ house: House) async throws {
        for _ in 0..<30 {
            house.time.advance(bySeconds: 1)
            _ = try await house.desk.turn()
        }
    }

    @Test func `a purchase through a provider makes its tickets once the money is there, and books what was kept`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, count: 2)
            var shown = try await charge(stage, api)
            #expect(shown.text("state") == "open" && shown.text("purchase") == "held")
            #expect(shown.text("url") == "https://ledger.test/pay/\(stage.checkout)")
            let again = try await api.post(
                "/v1/checkouts",
                #"{"provider":"sandbox","room":"\#(stage.room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#,
                key: stage.wallet.key, once: "checkout")
            #expect(again.text("charge") == stage.charge)
            #expect(house.sandbox.callCount == 1)
            try await play("pay_twice", stage, api)
            // Taken in and answered; nothing has moved yet.
            #expect(try await charge(stage, api).text("state") == "open")
            try await settle(house)
            shown = try await charge(stage, api)
            #expect(shown.text("state") == "captured" && shown.text("purchase") == "ticketed")
            #expect(shown.text("url") == "")
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            #expect((hold.json["tickets"] as? [Any])?.count == 2)
            // 1.4 % of 10.00 and 0.25: the provider's own figure, whatever the terms reckoned with.
            #expect(try await balance(.provider, house) == 1_000 - 39)
            let events = try await house.service.database.read { transaction in
                try ["captured", "captured_again"].map { name in
                    let id = "evt_\(stage.checkout)_\(name)"
                    return try transaction.providerEvent(id, of: .sandbox).flatMap { try transaction.lastState(of: $0) }
                }
            }
            #expect(Set(events) == [.applied, .known])
            try await isClean(house)
        }
    }

    @Test func `calls that fail are made again under their key, and their answers are booked once`() async throws {
        let house = try await House()
        try await house.api { api in
            house.sandbox.fail(.serverError, .timeoutAfterSuccess, .unreachable)
            let stage = try await stage(api)
            #expect(try await charge(stage, api).text("state") == "created")
            for _ in 0..<40 {
                house.time.advance(bySeconds: 1)
                _ = try await house.desk.turn()
            }
            #expect(try await charge(stage, api).text("state") == "open")
            try await play("pay_reordered", stage, api)
            try await settle(house)
            #expect(try await charge(stage, api).text("purchase") == "ticketed")
            try await isClean(house)
        }
    }

    @Test func `a provider that says no ends the charge, and the seats come back with their time`() async throws {
        let house = try await House()
        try await house.api { api in
            house.sandbox.fail(.refusal)
            let stage = try await stage(api, count: 3)
            #expect(try await charge(stage, api).text("state") == "ended")
            house.time.advance(bySeconds: 3_600)
            let rival = try await api.wallet()
            #expect(try await api.buy(stage.room, key: rival.key).status == 201)
            try await isClean(house)
        }
    }

    @Test func `an event that comes before the answer finds its charge; one of nobody waits and is called out`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            house.sandbox.fail(.timeoutAfterSuccess)
            let stage = try await stage(api)
            try await play("pay", stage, api)
            house.time.advance(bySeconds: 1)
            _ = try await house.desk.turn()
            #expect(try await charge(stage, api).text("purchase") == "ticketed")
            let stranger = ProviderEvent(
                id: "evt_stranger", kind: "captured", object: "",
                report: ProviderReport(objects: ["nobody"], facts: [.captured(Money(500, .eur))]),
                bodyHash: SHA256Digest(of: "x"))
            try await house.service.takeIn(stranger, from: .sandbox)
            try await settle(house)
            #expect(try await house.desk.waiting() == [])
            house.time.advance(bySeconds: PaymentDesk.alarmAge)
            #expect(try await house.desk.waiting() == ["sandbox evt_stranger captured"])
            let other = ProviderEvent(
                id: "evt_stranger", kind: "captured", object: "",
                report: ProviderReport(objects: ["nobody"], facts: [.captured(Money(501, .eur))]),
                bodyHash: SHA256Digest(of: "y"))
            await #expect(throws: ChargeRefusal.eventConflict) {
                try await house.service.takeIn(other, from: .sandbox)
            }
            try await isClean(house)
        }
    }

    @Test func `a refund goes from the ticket to the wallet to the payer, and comes back if it fails`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            let path = "/v1/charges/\(stage.charge)/repayments"
            #expect(try await api.post(path, key: stage.wallet.key, once: "a").code == "charge_not_captured")
            try await play("pay", stage, api)
            try await settle(house)
            #expect(try await api.post(path, key: stage.wallet.key, once: "b").code == "charge_refund_not_covered")
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            let ticket = try #require((hold.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            #expect(
                try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "c").status == 201)
            let held = try await balance(.provider, house)
            let part = #"{"amount":{"amount":200,"currency":"EUR"}}"#
            #expect(try await api.post(path, part, key: stage.wallet.key, once: "d").status == 201)
            #expect(try await api.post(path, part, key: stage.wallet.key, once: "d").status == 201)
            #expect(try await balance(.provider, house) == held - 200)
            let much = #"{"amount":{"amount":301,"currency":"EUR"}}"#
            #expect(try await api.post(path, much, key: stage.wallet.key, once: "e").code == "charge_refund_amount")
            house.sandbox.fail(.refusal)
            let refused = try await api.post(path, key: stage.wallet.key, once: "f")
            let states = (refused.json["repayments"] as? [[String: any Sendable]])?.compactMap {
                $0["state"] as? String
            }
            // Ids of one instant have no order.
            #expect(states?.sorted() == ["failed", "succeeded"])
            #expect(try await balance(.onItsWay, house) == 0)
            try await play("refunds_fail", stage, api)
            try await settle(house)
            #expect(try await balance(.provider, house) == held)
            let holder = try #require(HolderID(stage.wallet.holder))
            #expect(try await balance(.wallet(holder), house) == 500)
            try await isClean(house)
        }
    }

    @Test func `a manual charge is captured when an operator says so, once`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, provider: "manual")
            let path = "/v1/charges/\(stage.charge)/confirmation"
            let body = #"{"amount":{"amount":500,"currency":"EUR"},"reference":"statement 7"}"#
            #expect(try await api.post(path, body, key: stage.wallet.key).code == "key_scope")
            #expect(try await api.post(path, "{}", key: House.operatorKey).code == "body_wrong_type")
            for _ in 0..<2 {
                let done = try await api.post(path, body, key: House.operatorKey)
                #expect(done.text("purchase") == "ticketed", "\(done.json)")
            }
            let other = body.replacing("500", with: "400")
            #expect(try await api.post(path, other, key: House.operatorKey).code == "event_conflict")
            #expect(try await balance(.provider, house) == 500)
            let sandbox = try await self.stage(api)
            let confirm = "/v1/charges/\(sandbox.charge)/confirmation"
            #expect(try await api.post(confirm, body, key: House.operatorKey).code == "charge_not_manual")
            let list = try await api.get("/v1/charges", key: House.financeKey)
            #expect((list.json["charges"] as? [Any])?.count == 2)
            #expect(try await api.get("/v1/charges/\(stage.charge)", key: sandbox.wallet.key).code == "charge_unknown")
            try await isClean(house)
        }
    }

    @Test(arguments: ["dispute_won", "dispute_lost"])
    func `a dispute takes the money back and ends the ticket; then it is as before, or lost`(end: String) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, count: 2)
            try await play("pay", stage, api)
            try await settle(house)
            let (before, escrow) = (
                try await balance(.provider, house), try await balance(.escrow(try #require(RoomID(stage.room))), house)
            )
            try await play("dispute", stage, api)
            try await settle(house)
            #expect(try await balance(.provider, house) == before - 1_000 - 1_500)
            #expect(try await balance(.contested, house) == 1_000)
            #expect(try await balance(.contestedClaims, house) == 1_000)
            #expect(try await balance(.escrow(try #require(RoomID(stage.room))), house) == 0)
            let tickets = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let states = (tickets.json["tickets"] as? [[String: any Sendable]])?.compactMap { $0["state"] as? String }
            #expect(states == ["refunded", "refunded"])
            try await isClean(house)
            try await play(end, stage, api)
            try await settle(house)
            let isWon = end == "dispute_won"
            let after = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let back = (after.json["tickets"] as? [[String: any Sendable]])?.filter {
                $0["state"] as? String == "not_yet_valid"
            }
            #expect(back?.count == (isWon ? 2 : 0), "\(after.json)")
            #expect(try await balance(.provider, house) == (isWon ? before : before - 2_500))
            #expect(try await balance(.contested, house) == 0)
            #expect(try await balance(.contestedClaims, house) == 0)
            #expect(try await balance(.escrow(try #require(RoomID(stage.room))), house) == (isWon ? escrow : 0))
            let listed = try await api.get("/v1/disputes", key: House.financeKey)
            let positions = (listed.json["disputes"] as? [[String: any Sendable]])?.compactMap {
                $0["position"] as? String
            }
            #expect(positions == [isWon ? "returned" : "lost"])
            try await isClean(house)
        }
    }

    @Test func `what can't be paid, read or played is refused by name`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 3)
            let wallet = try await api.wallet(0)
            let gift = #"{"kind":"free","uses":1,"code":"gratis"}"#
            #expect(try await api.post("/v1/vouchers", gift, key: host.key, once: "gift").status == 201)
            func checkout(_ rest: String) async throws -> String {
                try await api.post(
                    "/v1/checkouts", #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"},\#(rest)}"#,
                    key: wallet.key, once: rest.count.description
                ).code
            }
            #expect(try await checkout(#""provider":"sandbox","voucher":"gratis""#) == "charge_nothing_to_pay")
            #expect(try await checkout(#""provider":"stripe""#) == "provider_unknown")
            #expect(try await checkout(#""provider":"paypal""#) == "body_wrong_type")
            let nobody = "/v1/providers/sandbox/checkouts/sandbox_nobody"
            #expect(try await api.get(nobody).code == "sandbox_checkout")
            #expect(try await api.post(nobody, #"{"outcome":"pay"}"#).code == "sandbox_checkout")
            let now = "\(house.time.clock.now().microseconds / 1_000_000)"
            let signature = String(
                decoding: StripeSignature.sign(Array("{}".utf8), at: now, with: "whsec_test"), as: UTF8.self)
            await #expect(throws: ChargeRefusal.eventBody) {
                try await house.desk.takeStripeEvent(Array("{}".utf8), signature: "t=\(now),v1=\(signature)")
            }
            try await isClean(house)
        }
    }

    @Test func `what a provider sends to the bank is booked when it says so, and back if it came back`() async throws {
        let house = try await House()
        try await house.api { api in
            func tell(_ number: Int, _ state: ProviderPayoutState, _ amount: Int64 = 700) async throws {
                let payout = ProviderPayout(name: "po_1", amount: Money(amount, .eur), state: state)
                let event = ProviderEvent(
                    id: "evt_\(number)", kind: "payout", object: "po_1", report: ProviderReport(payout: payout),
                    bodyHash: SHA256Digest(of: "\(number)"))
                try await house.service.takeIn(event, from: .sandbox)
                try await house.desk.turn()
                try await isClean(house)
            }
            try await tell(1, .paid)
            try await tell(2, .pending)
            #expect(try await balance(.bank, house) == 700)
            try await tell(3, .failed, 701)
            #expect(try await balance(.bank, house) == 700)
            try await tell(4, .failed)
            try await tell(5, .paid)
            #expect(try await balance(.bank, house) == 0)
            #expect(try await balance(.provider, house) == 0)
            let listed = try await api.get("/v1/provider-payouts", key: House.financeKey)
            let states = (listed.json["payouts"] as? [[String: any Sendable]])?.compactMap { $0["state"] as? String }
            #expect(states == ["failed"])
        }
    }

    @Test func `an event of Stripe is taken in only with its signature, of now, and once`() async throws {
        let house = try await House()
        try await house.api { api in
            let body = #"{"id":"evt_1","object":"event","type":"account.updated","data":{"object":{"id":"acct_1"}}}"#
            let now = house.time.clock.now().microseconds / 1_000_000
            func send(_ header: String?) async throws -> Int {
                do {
                    try await house.desk.takeStripeEvent(Array(body.utf8), signature: header)
                    return 200
                } catch let refusal as ChargeRefusal { return refusal == .eventSignature ? 400 : 0 }
            }
            func header(_ time: Int64, _ secret: String = "whsec_test") -> String {
                let signature = StripeSignature.sign(Array(body.utf8), at: "\(time)", with: secret)
                return "t=\(time),v1=\(String(decoding: signature, as: UTF8.self))"
            }
            #expect(try await send(nil) == 400)
            for (offset, status) in [(-301, 400), (-300, 200), (0, 200), (300, 200), (301, 400)] {
                #expect(try await send(header(now + Int64(offset))) == status, "\(offset)")
            }
            #expect(try await send(header(now, "whsec_next")) == 200)
            #expect(try await send(header(now, "whsec_other")) == 400)
            #expect(try await send(header(now).replacing("v1", with: "v0")) == 400)
            #expect(try await send("\(header(now, "whsec_other")),\(header(now).split(separator: ",")[1])") == 200)
            let answer = try await api.post("/v1/providers/stripe/events", body)
            #expect(answer.status == 400 && answer.code == "event_signature")
            try await isClean(house)
        }
    }

    @Test func `the test vector of Stripe's scheme`() throws {
        let body = Array(#"{"id":"evt_1","object":"event"}"#.utf8)
        let signature = "4c15fb2a43f93ef61eaa3e0893866d57cad9cad4223242cfb96f362480cb4021"
        #expect(StripeSignature.sign(body, at: "1700000000", with: "whsec_test") == Array(signature.utf8))
        let check = StripeSignature(secrets: ["whsec_old", "whsec_test"])
        let header = "t=1700000000,v1=\(signature)"
        let now = Instant(seconds: 1_700_000_000)
        #expect(check.verifies(body, header: header, at: now))
        #expect(!check.verifies(body + [0x20], header: header, at: now))
        for broken in [
            "", "t=1700000000", "v1=\(signature)", "t=,v1=\(signature)", "t=1700000000,v1=",
            "t=1700000001,v1=\(signature)", "t=1700000000,t=1700000000,v1=\(signature)",
            "t=9223372036854775807,v1=\(signature)", "t=-1,v1=\(signature)", "t=1700000000;v1=\(signature)",
        ] { #expect(!check.verifies(body, header: broken, at: now), "\(broken)") }
    }

    @Test func `a key of a provider does not print`() throws {
        let secret = try #require(ProviderSecret("sk_test_abc"))
        #expect("\(secret) \(String(reflecting: secret)) \([secret])".contains("abc") == false)
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("abc"))
        #expect(ProviderSecret("a b") == nil && ProviderSecret("") == nil && ProviderSecret("a\r\nb") == nil)
    }
}
