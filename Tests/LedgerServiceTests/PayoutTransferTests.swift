import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// One host, one ticket of 5.00, one night: a batch of one item of 4.04.
struct PayDay {
    let api: API
    let house: House
    let host: (id: String, key: String)
    let digest: String
    /// A second person of finance, whose key was there before the night.
    let second: String

    static let path = "/v1/payout-batches/2026-03-02"

    init(
        _ house: House, _ api: API, to destination: String? = "ana", through provider: String = "sandbox",
        isApproved: Bool = true, prepare: (_ host: String) async throws -> Void = { _ in }
    ) async throws {
        self.api = api
        self.house = house
        second = try await api.post("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey).text("key")
        host = try await api.host()
        let room = try await api.room(host.key)
        let buyer = try await api.wallet(2_000)
        #expect(try await api.buy(room, key: buyer.key).status == 201)
        if let destination {
            #expect(try await Self.set(destination, provider, of: host, api).status == 200)
        }
        try await prepare(host.id)
        try house.time.set("2026-03-02T21:00:00Z")
        let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
        #expect(night.status == 201, "\(night.json)")
        digest = night.text("digest")
        if isApproved { try await approve() }
    }

    /// Two people agree, neither of whom ran the night.
    func approve(_ path: String = Self.path, digest: String? = nil, because reason: String? = nil) async throws {
        let reason = reason.map { #","reason":"\#($0)""# } ?? ""
        for key in [House.operatorKey, second] {
            let answer = try await api.post(
                "\(path)/approvals", #"{"digest":"\#(digest ?? self.digest)"\#(reason)}"#, key: key,
                once: "approve \(path.suffix(10))".replacing(" ", with: "-"))
            #expect(answer.status == 200, "\(answer.json)")
        }
    }

    static func set(
        _ destination: String, _ provider: String, of host: (id: String, key: String), _ api: API, key: String? = nil
    ) async throws -> API.Answer {
        try await api.send(
            .put, "/v1/hosts/\(host.id)/destination",
            #"{"provider":"\#(provider)","destination":"\#(destination)"}"#, key: key ?? host.key)
    }

    func send(_ once: String = "send", digest: String? = nil, key: String = House.financeKey) async throws -> API.Answer
    {
        try await api.post("\(Self.path)/send", #"{"digest":"\#(digest ?? self.digest)"}"#, key: key, once: once)
    }

    func batch() async throws -> API.Answer { try await api.get(Self.path, key: House.financeKey) }

    func state() async throws -> String { try await batch().state }

    func items(_ query: String = "") async throws -> [[String: any Sendable]] {
        let page = try await api.get("\(Self.path)/items\(query)", key: House.financeKey)
        #expect(page.status == 200, "\(page.json)")
        return page.json["items"] as? [[String: any Sendable]] ?? []
    }

    func payout() async throws -> PayoutTransferID {
        let first = try await items().first
        return try #require((first?["payout"] as? String).flatMap { PayoutTransferID($0) })
    }

    func hear(_ event: ProviderEvent?) async throws {
        try await house.service.takeIn(try #require(event), from: .sandbox)
        _ = try await house.desk.turn()
    }

    /// Minor units; positive is a debit.
    func balances() async throws -> [String: Int64] {
        try await house.service.database.read { transaction in
            try transaction.balances(through: .max).filter { !$0.amount.isZero }.reduce(into: [:]) { sums, posting in
                let name = posting.account.text.split(separator: ":").prefix(2).joined(separator: ":")
                sums[name, default: 0] += posting.amount.minorUnits
            }
        }
    }

    func isClean(_ note: String = "") async throws {
        let report = try await house.service.audit(by: .operator)
        #expect(report.isClean, "\(note) \(report.lines.filter { $0.broken > 0 })")
    }

    /// The next night pays what came back, once finance has looked.
    func payAgain() async throws {
        try house.time.set("2026-03-03T12:00:00Z")
        let payee = try await api.get("/v1/hosts/\(host.id)/payee", key: House.financeKey)
        #expect(payee.json["blocked"] as? Bool == true, "\(payee.json)")
        let unblocked = try await api.send(
            .put, "/v1/hosts/\(host.id)/payee", #"{"blocked":false,"reason":"a new account"}"#, key: House.financeKey)
        #expect(unblocked.status == 200, "\(unblocked.json)")
        try house.time.set("2026-03-04T00:30:00Z")
        let night = try await api.post("/v1/nights", #"{"day":"2026-03-03"}"#, key: House.financeKey)
        #expect(
            String(decoding: night.bytes, as: UTF8.self).contains(#""gross":{"amount":404,"currency":"EUR"}"#),
            "\(night.json)")
        let page = try await api.get("/v1/reports/statement-\(host.id).html?day=2026-03-03", key: House.financeKey)
        #expect(String(decoding: page.bytes, as: UTF8.self).contains("returned payout"), "\(page.status)")
        try await approve("/v1/payout-batches/2026-03-03", digest: night.text("digest"))
        let next = try await api.post(
            "/v1/payout-batches/2026-03-03/send", #"{"digest":"\#(night.text("digest"))"}"#, key: House.financeKey,
            once: "next")
        #expect(["paid", "requested"].contains(next.state), "\(next.json)")
        #expect(try await balances()["liabilities:host"] == nil)
        try await isClean()
    }
}

extension API.Answer {
    /// Of the only item of a batch.
    var state: String {
        let standing = json["standing"] as? [[String: any Sendable]] ?? []
        let isOne = standing.count == 1 && standing[0]["count"] as? Int == 1
        return isOne ? standing[0]["state"] as? String ?? "" : "\(standing) \(code)"
    }
}

@Suite struct PayoutTransferTests {
    @Test func `a batch is sent once, in the name of its digest, and leaves the provider`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await day.state() == "planned")
            #expect(try await day.balances()["assets:bank"] == -404)
            let wrong = String(repeating: "0", count: 64)
            #expect(try await day.send("w", digest: wrong).code == "batch_digest")
            let none = try await api.post(
                "/v1/payout-batches/2026-03-01/send", #"{"digest":"\#(wrong)"}"#, key: House.financeKey, once: "n")
            #expect(none.code == "batch_unknown")
            #expect(try await api.get("/v1/payout-batches/2026-03-01", key: House.financeKey).code == "batch_unknown")
            #expect(try await day.send("h", key: day.host.key).code == "key_scope")
            let sent = try await day.send()
            #expect(sent.state == "paid", "\(sent.json)")
            let calls = house.sandbox.callCount
            #expect(try await day.send().bytes == sent.bytes)
            #expect(try await day.send("again").state == "paid")
            #expect(try await day.send("send", digest: wrong).code == "idempotency_mismatch")
            #expect(house.sandbox.callCount == calls)
            let books = try await day.balances()
            #expect(books["assets:bank"] == nil && books["assets:psp"] == 2_000 - 404, "\(books)")
            let events = try await api.get("/v1/events", key: day.host.key)
            let text = String(decoding: events.bytes, as: UTF8.self)
            #expect(text.contains("payout.paid") && text.contains(day.digest) == false)
            try await day.isClean()
        }
    }

    @Test func `what can't be sent says why, and goes once it can`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: nil)
            let stranger = try await api.host("Bea")
            func set(_ text: String, _ provider: String = "sandbox", key: String? = nil) async throws -> String {
                try await PayDay.set(text, provider, of: day.host, api, key: key).code
            }
            #expect(try await day.send("1").state == "no_destination")
            #expect(try await set("acct_1", key: stranger.key) == "key_scope")
            #expect(try await set("acct_1", "stripe") == "provider_unknown")
            #expect(try await set("acct-1", "stripe") == "payout_destination")
            #expect(try await set("refuse me") == "")
            _ = try await api.send(
                .put, "/v1/hosts/\(day.host.id)/payee", #"{"blocked":true,"reason":"who is it"}"#, key: House.financeKey
            )
            #expect(try await day.send("2").state == "blocked")
            _ = try await api.send(
                .put, "/v1/hosts/\(day.host.id)/payee", #"{"blocked":false,"reason":"it is she"}"#,
                key: House.financeKey)
            let refused = try await day.send("3")
            #expect(refused.state == "refused", "\(refused.json)")
            let first = try await day.payout()
            // Nothing has left, so nothing was booked; the next attempt is another one.
            #expect(try await day.balances()["assets:bank"] == -404)
            try await day.isClean()
            #expect(try await set("ana", key: House.financeKey) == "")
            // It was changed after people agreed: nothing goes there before it is three days old.
            #expect(try await day.send("early").state == "refused")
            house.time.advance(bySeconds: 3 * 86_400)
            let shown = try await api.get("/v1/hosts/\(day.host.id)/destination", key: day.host.key)
            #expect(shown.text("destination") == "ana" && shown.text("provider") == "sandbox")
            #expect(try await day.send("4").state == "paid")
            #expect(try await day.payout() != first)
            // News that the refused one was made all the same is for a person.
            let late = ProviderTransfer(name: "sandbox_late", ours: first, amount: Money(404, .eur), state: .paid)
            let report = ProviderReport(transfer: late)
            try await day.hear(
                ProviderEvent(
                    id: "late", kind: "transfer_paid", object: "sandbox_late", report: report,
                    bodyHash: SHA256Digest(of: "late")))
            let ended = try await house.service.database.read { transaction in
                try transaction.providerEvent("late", of: .sandbox).flatMap { try transaction.lastState(of: $0) }
            }
            #expect(ended == .refused)
            try await day.isClean()
        }
    }

    @Test func `a provider that fails is asked again under the same name, and pays once`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            house.sandbox.fail(.serverError, .timeoutAfterSuccess, .unreachable)
            #expect(try await day.send().state == "requested")
            let payout = try await day.payout()
            for _ in 0..<40 {
                house.time.advance(bySeconds: 1)
                _ = try await house.desk.turn()
            }
            #expect(try await day.state() == "paid")
            #expect(try await day.payout() == payout)
            #expect(try await day.balances()["assets:psp"] == 2_000 - 404)
            try await day.isClean()
        }
    }

    @Test func `a call whose key the provider may have forgotten is looked for and not made again`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            // The first call reached nobody, and nobody asked for most of a day: there is nothing to be found.
            house.sandbox.fail(.unreachable)
            #expect(try await day.send().state == "requested")
            let first = try await day.payout()
            house.time.advance(bySeconds: 21 * 3_600)
            _ = try await house.desk.turn()
            #expect(try await day.state() == "refused")
            // The second one was carried out, and its answer lost.
            house.sandbox.fail(.timeoutAfterSuccess)
            #expect(try await day.send("again").state == "requested")
            #expect(try await day.payout() != first)
            house.time.advance(bySeconds: 21 * 3_600)
            _ = try await house.desk.turn()
            #expect(try await day.state() == "paid")
            #expect(try await day.balances()["assets:psp"] == 2_000 - 404)
            try await day.isClean()
        }
    }

    /// Stories in which the answer to the call is lost or not, and events come as they please.
    private static let stories: [[ProviderTransfer.State]] = [
        [.paid, .returned], [.returned, .paid], [.returned], [.paid, .paid, .returned, .returned],
        [.returned, .returned, .paid, .paid],
    ]

    @Test(arguments: stories, [true, false])
    func `what came back is owed again, in whatever order the news come`(
        news: [ProviderTransfer.State], isAnswered: Bool
    ) async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            if !isAnswered { house.sandbox.fail(.timeoutAfterSuccess) }
            #expect(try await day.send().state == (isAnswered ? "paid" : "requested"))
            let payout = try await day.payout()
            for (number, state) in news.enumerated() {
                let event = try #require(house.sandbox.tell(state, of: payout))
                // Each under a name of its own, and once more under the same one.
                let named = ProviderEvent(
                    id: "\(event.id)_\(number)", kind: event.kind, object: event.object, report: event.report,
                    bodyHash: event.bodyHash)
                try await day.hear(named)
                try await day.hear(named)
            }
            for _ in 0..<10 {
                house.time.advance(bySeconds: 1)
                _ = try await house.desk.turn()
            }
            #expect(try await day.state() == "returned")
            #expect(try await day.send("again").state == "returned")
            let books = try await day.balances()
            #expect(books["liabilities:host"] == -404, "\(books)")
            #expect(books["assets:bank"] == nil && books["assets:psp"] == 2_000, "\(books)")
            try await day.isClean("\(news)")
            try await day.payAgain()
        }
    }

    @Test func `finance pays by hand and says what became of it`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: "FR76 3000 6000", through: "manual")
            #expect(try await day.send().state == "requested")
            let payout = try await day.payout()
            func confirm(_ outcome: String, key: String = House.financeKey) async throws -> API.Answer {
                try await api.post("/v1/payouts/\(payout)/confirmation", #"{"outcome":"\#(outcome)"}"#, key: key)
            }
            #expect(try await confirm("returned").code == "payout_not_paid")
            #expect(try await confirm("paid", key: day.host.key).code == "key_scope")
            for _ in 0..<2 { #expect(try await confirm("paid").state == "paid") }
            #expect(try await confirm("refused").code == "payout_not_paid")
            // The night has booked that it leaves the bank; nothing is left to book.
            #expect(try await day.balances()["assets:bank"] == -404)
            try await day.isClean()
            for _ in 0..<2 { #expect(try await confirm("returned").state == "returned") }
            #expect(try await confirm("paid").code == "payout_not_paid")
            #expect(try await day.balances()["assets:bank"] == nil)
            let nobody = PayoutTransferID.derived(at: Instant(seconds: 0), from: "nobody")
            let unknown = try await api.post(
                "/v1/payouts/\(nobody)/confirmation", #"{"outcome":"paid"}"#, key: House.financeKey)
            #expect(unknown.code == "payout_unknown")
            try await day.payAgain()
        }
    }

    @Test func `a machine's payout is not confirmed by hand, and what contradicts is set aside`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await day.send().state == "paid")
            let payout = try await day.payout()
            let answer = try await api.post(
                "/v1/payouts/\(payout)/confirmation", #"{"outcome":"returned"}"#, key: House.financeKey)
            #expect(answer.code == "payout_not_manual")
            let wrong: [ProviderTransfer] = [
                ProviderTransfer(name: "sandbox_\(payout)", ours: payout, amount: Money(403, .eur), state: .returned),
                ProviderTransfer(name: "another", ours: payout, amount: Money(404, .eur), state: .returned),
                ProviderTransfer(
                    name: "sandbox_\(payout)", ours: payout, amount: Money(404, .eur), state: .partlyReturned),
            ]
            for (number, told) in wrong.enumerated() {
                try await day.hear(
                    ProviderEvent(
                        id: "wrong \(number)", kind: "transfer", object: told.name,
                        report: ProviderReport(transfer: told), bodyHash: SHA256Digest(of: "\(number)")))
                let state = try await house.service.database.read { transaction in
                    try transaction.providerEvent("wrong \(number)", of: .sandbox).flatMap {
                        try transaction.lastState(of: $0)
                    }
                }
                #expect(state == .refused, "\(told)")
            }
            #expect(try await day.state() == "paid")
            try await day.isClean()
        }
    }

    @Test func `eight who send at once send once`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            let states = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 { group.addTask { try await day.send("s\(number)").state } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(states.isSubset(of: ["paid", "requested"]))
            _ = try await house.desk.turn()
            #expect(try await day.state() == "paid")
            #expect(try await day.balances()["assets:psp"] == 2_000 - 404)
            try await day.isClean()
        }
    }
}
