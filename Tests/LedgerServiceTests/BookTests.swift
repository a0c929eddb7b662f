import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Schemas
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

/// What an accountant asks of the service: audit, heads, receipts, suspense, reversals, closes, balances.
@Suite struct BookTests {
    /// Two sales in a room that was closed, one of them given back, and the night after it.
    private func evening(
        _ house: House, _ api: API, on day: String = "2026-03-02"
    ) async throws -> (
        order: String, buyer: (holder: String, key: String)
    ) {
        let host = try await api.host()
        let room = try await api.room(host.key, on: day)
        let buyer = try await api.wallet()
        let order = try await api.buy(room, key: buyer.key)
        let other = try await api.wallet(500)
        let second = try await api.buy(room, key: other.key)
        let refund = try await api.post("/v1/tickets/\(second.text("ticket"))/refund", key: other.key, once: "r")
        #expect(refund.status == 201)
        try house.time.set("\(day)T19:00:00Z")
        _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
        _ = try await api.post("/v1/rooms/\(room)/close", key: host.key)
        house.time.advance(bySeconds: 60)
        return (order.text("order"), buyer)
    }

    private func night(_ api: API, _ day: String = "2026-03-02") async throws {
        let night = try await api.post("/v1/nights", #"{"day":"\#(day)","cutNow":true}"#, key: House.financeKey)
        #expect(night.status == 201, "\(night.json)")
    }

    private func expectClean(_ house: House) async throws {
        let report = try await house.service.audit(by: .finance)
        for line in report.lines { #expect(line.findings.isEmpty, "\(line.check): \(line.findings)") }
    }

    @Test func `a night publishes a signed head that anybody may read and nobody takes for a ticket`() async throws {
        let house = try await House()
        try await house.api { api in
            _ = try await evening(house, api)
            #expect(try await api.get("/v1/journal/heads/2026-03-02").code == "head_unknown")
            try await night(api)
            let head = try await api.get("/v1/journal/heads/2026-03-02")
            #expect(head.status == 200, "\(head.json)")
            let statement = try house.service.keyRing.journalHead(head.text("statement"))
            #expect(statement.hash.hex == head.text("hash"))
            #expect(statement.first == 1)
            let chain = try await house.service.database.read { try $0.journalHead().chain }
            #expect(statement.sequence == chain.sequence)
            #expect(statement.hash == chain.hash)
            let verifier = TicketVerifier(
                keyRing: house.service.keyRing, issuer: "https://ledger.test", audience: statement.audience)
            #expect(throws: TicketRefusal.type) {
                try verifier.verify(head.text("statement"), at: house.service.clock.now())
            }
            var forged = head.text("statement").split(separator: ".").map(String.init)
            forged[1] = String(forged[1].reversed())
            #expect(throws: JournalHeadFault.signature) {
                try house.service.keyRing.journalHead(forged.joined(separator: "."))
            }
            // A night without entries has a head too, over an empty tree; a list goes on where it is told.
            try house.time.set("2026-03-04T12:00:00Z")
            try await night(api, "2026-03-03")
            let list = try await api.get("/v1/journal/heads?limit=1")
            #expect(list.text("next") == "2026-03-02")
            let rest = try await api.get("/v1/journal/heads?after=2026-03-02")
            #expect((rest.json["heads"] as? [Any])?.count == 1)
            #expect(rest.json["next"] == nil)
            try await expectClean(house)
        }
    }

    @Test func `a receipt proves its entry, and only to whoever paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let (order, buyer) = try await evening(house, api)
            let early = try await house.service.receipt(
                of: try #require(OrderID(order)), by: .wallet(try #require(HolderID(buyer.holder))))
            #expect(early.proof == nil)
            try await night(api)
            let receipt = try await house.service.receipt(
                of: try #require(OrderID(order)), by: .wallet(try #require(HolderID(buyer.holder))))
            let (entry, proof) = (try #require(receipt.entry), try #require(receipt.proof))
            let statement = try house.service.keyRing.journalHead(proof.head)
            let leaf = MerkleTree.leaf(try #require(SHA256Digest(hex: entry.hash)))
            let path = try proof.path.map { try #require(SHA256Digest(hex: $0)) }
            #expect(
                MerkleTree.root(of: leaf, at: proof.leafIndex, size: proof.treeSize, path: path) == statement.root)
            #expect(entry.postings.reduce(0) { $0 + $1.amount } == 0)
            let answer = try await api.get("/v1/orders/\(order)/receipt", key: buyer.key)
            #expect(answer.status == 200, "\(answer.json)")
            let stranger = try await api.wallet(0)
            #expect(try await api.get("/v1/orders/\(order)/receipt", key: stranger.key).code == "order_unknown")
            #expect(try await api.get("/v1/orders/\(order)/receipt").code == "key_missing")
        }
    }

    @Test func `money in suspense is booked once, resolved once, and counted by the audit`() async throws {
        let house = try await House()
        try await house.api { api in
            let body = """
                {"source":"bank","reference":"p-77","amount":{"amount":700,"currency":"EUR"},"reason":"no order"}
                """
            #expect(try await api.post("/v1/suspense", body, key: House.financeKey, once: "a").code == "key_scope")
            let item = try await api.post("/v1/suspense", body, key: House.operatorKey, once: "a")
            #expect(item.status == 201, "\(item.json)")
            let again = try await api.post("/v1/suspense", body, key: House.operatorKey, once: "b")
            #expect(again.text("item") == item.text("item"))
            let other = try await api.post(
                "/v1/suspense", body.replacing("700", with: "701"), key: House.operatorKey, once: "c")
            #expect(other.code == "suspense_conflict")
            house.time.advance(bySeconds: 3 * 86_400)
            let list = try await api.get("/v1/suspense", key: House.financeKey)
            #expect(String(decoding: list.bytes, as: UTF8.self).contains(#""ageDays":3"#), "\(list.json)")
            let wallet = try await api.wallet(0)
            let path = "/v1/suspense/\(item.text("item"))/resolve"
            #expect(
                try await api.post(
                    path, #"{"refund":true,"holder":"\#(wallet.holder)"}"#, key: House.operatorKey, once: "d"
                )
                .code == "body_wrong_type")
            let resolved = try await api.post(
                path, #"{"holder":"\#(wallet.holder)"}"#, key: House.operatorKey, once: "d")
            #expect(resolved.status == 201, "\(resolved.json)")
            let repeated = try await api.post(
                path, #"{"holder":"\#(wallet.holder)"}"#, key: House.operatorKey, once: "d")
            #expect(repeated.bytes == resolved.bytes)
            #expect(
                try await api.post(path, #"{"refund":true}"#, key: House.operatorKey, once: "e").code
                    == "suspense_already_resolved")
            #expect(
                try await api.post(
                    "/v1/suspense/\(SuspenseID.derived(at: Instant(seconds: 1), from: "x"))/resolve",
                    #"{"refund":true}"#, key: House.operatorKey, once: "f"
                ).code == "suspense_unknown")
            let view = try await api.get("/v1/wallets/\(wallet.holder)", key: wallet.key)
            #expect(String(decoding: view.bytes, as: UTF8.self).contains(#"{"amount":700,"currency":"EUR"}"#))
            #expect(try await api.get("/v1/suspense", key: House.financeKey).json["items"] as? [String] == [])
            try await expectClean(house)
        }
    }

    @Test func `a top-up is reversed while its money is there, once, and a sale is not`() async throws {
        let house = try await House()
        try await house.api { api in
            let wallet = try await api.wallet(0)
            let topup = try await api.post(
                "/v1/wallets/\(wallet.holder)/topups", #"{"amount":{"amount":2000,"currency":"EUR"}}"#,
                key: wallet.key, once: "t")
            let path = "/v1/journal/entries/\(topup.text("entry"))/reversal"
            let host = try await api.host()
            let room = try await api.room(host.key)
            let order = try await api.buy(room, key: wallet.key)
            #expect(
                try await api.post(path, #"{"reason":"doubled"}"#, key: House.operatorKey, once: "1").code
                    == "reversal_not_covered")
            let sale = try await house.service.receipt(
                of: try #require(OrderID(order.text("order"))), by: .operator)
            let refused = try await api.post(
                "/v1/journal/entries/\(try #require(sale.entry).entry)/reversal", #"{"reason":"x"}"#,
                key: House.operatorKey, once: "2")
            #expect(refused.code == "entry_not_reversible")
            #expect(refused.text("next").contains("guichet ticket refund"))
            _ = try await api.post("/v1/tickets/\(order.text("ticket"))/refund", key: wallet.key, once: "r")
            let reversed = try await api.post(path, #"{"reason":"doubled"}"#, key: House.operatorKey, once: "1")
            #expect(reversed.status == 201, "\(reversed.json)")
            #expect(reversed.text("reverses") == topup.text("entry"))
            let twice = try await api.post(path, #"{"reason":"doubled"}"#, key: House.operatorKey, once: "3")
            #expect(twice.code == "entry_already_reversed")
            let back = try await api.post(
                "/v1/journal/entries/\(reversed.text("entry"))/reversal", #"{"reason":"x"}"#, key: House.operatorKey,
                once: "4")
            #expect(back.code == "entry_not_reversible")
            #expect(
                try await api.post(path, #"{"reason":""}"#, key: House.operatorKey, once: "5").code == "reversal_reason"
            )
            try await expectClean(house)
        }
    }

    @Test func `an arrival in suspense is reversed while it waits, and has ended then`() async throws {
        let house = try await House()
        try await house.api { api in
            let item = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"1","amount":{"amount":5,"currency":"EUR"},"reason":"x"}"#,
                key: House.operatorKey, once: "a")
            let reversed = try await api.post(
                "/v1/journal/entries/\(item.text("entry"))/reversal", #"{"reason":"not ours"}"#,
                key: House.operatorKey, once: "b")
            #expect(reversed.status == 201, "\(reversed.json)")
            let resolve = try await api.post(
                "/v1/suspense/\(item.text("item"))/resolve", #"{"refund":true}"#, key: House.operatorKey, once: "c")
            #expect(resolve.code == "suspense_already_resolved")
            try await expectClean(house)
        }
    }

    @Test func `a month closes after its nights, and what is late is dated on the first open day`() async throws {
        let house = try await House()
        try await house.api { api in
            func close(_ month: String, _ key: String) async throws -> API.Answer {
                try await api.post("/v1/periods", #"{"month":"\#(month)"}"#, key: House.financeKey, once: key)
            }
            _ = try await evening(house, api)
            #expect(try await close("2026-03", "1").code == "period_not_over")
            try house.time.set("2026-04-02T12:00:00Z")
            #expect(try await close("2026-03", "1").code == "period_night_missing")
            try await night(api, "2026-03-31")
            #expect(try await close("2026-02", "0").code == "period_empty")
            let closed = try await close("2026-03", "1")
            #expect(closed.status == 201, "\(closed.json)")
            #expect(closed.text("closedThrough") == "2026-03-31")
            #expect(try await close("2026-03", "1").bytes == closed.bytes)
            #expect(try await close("2026-03", "2").code == "period_closed")
            #expect(try await close("2026-13", "3").code == "body_wrong_type")
            let earnings = try await house.service.database.read { try $0.amount(in: .earnings, .eur) }
            // The platform's 3 % of one base of 4.17.
            #expect(earnings == Money(13, .eur))
            let late = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"1","amount":{"amount":5,"currency":"EUR"},"reason":"x","occurredOn":"2026-03-30"}"#,
                key: House.operatorKey, once: "s")
            #expect(late.status == 201, "\(late.json)")
            let future = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"2","amount":{"amount":5,"currency":"EUR"},"reason":"x","occurredOn":"2026-05-30"}"#,
                key: House.operatorKey, once: "f")
            #expect(future.code == "occurred_on_future")
            let entry = try await house.service.database.read { transaction in
                try transaction.entry(try #require(EntryID(late.text("entry"))))
            }
            #expect(entry?.entry.effectiveOn == LocalDay("2026-04-01"))
            #expect(entry?.entry.effectiveOn != LocalDay("2026-04-02"))
            let march = LocalDay("2026-03-31")
            func suspense(_ order: BalanceOrder) async throws -> [Int64] {
                try await house.service.balances(
                    asOf: try #require(march), by: order, prefix: "liabilities:suspense", caller: .finance
                ).balances.map(\.balance)
            }
            #expect(try await suspense(.occurred) == [-5])
            #expect(try await suspense(.recorded) == [])
            try await expectClean(house)
            #expect((try await api.get("/v1/periods", key: House.financeKey).json["periods"] as? [Any])?.count == 1)
        }
    }

    @Test func `each close empties income and expenses, whatever was recorded before the one before it`() async throws {
        let house = try await House()
        try await house.api { api in
            func close(_ month: String) async throws {
                let closed = try await api.post(
                    "/v1/periods", #"{"month":"\#(month)"}"#, key: House.financeKey, once: month)
                #expect(closed.status == 201, "\(closed.json)")
                let day = try #require(LocalDay(closed.text("closedThrough")))
                let entries = try await house.service.database.read {
                    try $0.entries(after: 0, through: .max, limit: 1_000).map(\.entry)
                }
                let left = Balances(of: entries.filter { $0.effectiveOn <= day }).rows.filter {
                    [.income, .expense].contains($0.account.accountClass) && !$0.amount.isZero
                }
                #expect(left.isEmpty, "\(left)")
            }
            _ = try await evening(house, api)
            // April has begun, and earned something, when March is closed.
            try house.time.set("2026-04-01T12:00:00Z")
            try await night(api, "2026-03-31")
            _ = try await evening(house, api, on: "2026-04-02")
            try await night(api, "2026-04-02")
            try await close("2026-03")
            try house.time.set("2026-05-01T12:00:00Z")
            try await night(api, "2026-04-30")
            try await close("2026-04")
            try await expectClean(house)
        }
    }

    @Test func `balances as of a day are those of a replay up to it`() async throws {
        let house = try await House()
        try await house.api { api in
            _ = try await evening(house, api)
            try house.time.set("2026-03-03T12:00:00Z")
            _ = try await api.wallet(900)
            let entries = try await house.service.database.read {
                try $0.entries(after: 0, through: .max, limit: 100).map(\.entry)
            }
            let day = try #require(LocalDay("2026-03-02"))
            let first = Balances(of: entries.filter { $0.effectiveOn <= day }).rows.filter { !$0.amount.isZero }
            for order in BalanceOrder.allCases {
                let view = try await house.service.balances(asOf: day, by: order, caller: .finance)
                #expect(view.balances.map(\.account) == first.map(\.account.text))
                #expect(view.balances.map(\.balance) == first.map(\.amount.minorUnits))
            }
            #expect(try await api.get("/v1/balances?by=hearsay", key: House.financeKey).code == "parameter_malformed")
            let now = try await api.get("/v1/balances?account=liabilities:wallet:", key: House.financeKey)
            #expect((now.json["balances"] as? [Any])?.count == 3)
        }
    }

    @Test func `every refusal of the books has words, and every fact finds its place`() throws {
        let day = try #require(LocalDay("2026-03-31"))
        let all: [BookRefusal] = [
            .occurredOnFuture, .entryUnknown, .entryNotReversible(.sale, command: "guichet ticket refund"),
            .entryAlreadyReversed(by: .derived(at: Instant(seconds: 0), from: "x")), .reversalReason,
            .reversalNotCovered(.vat), .periodNotOver(lastDay: day), .periodClosed(through: day),
            .periodNightMissing(lastDay: day), .periodEmpty(lastDay: day),
        ]
        for refusal in all {
            #expect(RefusalTexts.all[refusal.code] != nil, "\(refusal.code)")
            for language in Language.allCases {
                let problem = Problem(refusal, in: language)
                #expect(!(problem.title + problem.detail + problem.next).contains("{"), "\(problem)")
            }
        }
        // A kind that can't be reversed says which command to use instead.
        for kind in EntryKind.allCases {
            #expect(LedgerService.insteadOfReversal(of: kind, suspenseIsOpen: false) != "")
        }
    }
}
