import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct PayoutApprovalTests {
    private func approve(_ day: PayDay, _ once: String, key: String, reason: String? = nil, digest: String? = nil)
        async throws -> API.Answer
    {
        let because = reason.map { #","reason":"\#($0)""# } ?? ""
        return try await day.api.post(
            "\(PayDay.path)/approvals", #"{"digest":"\#(digest ?? day.digest)"\#(because)}"#, key: key, once: once)
    }

    @Test func `a batch leaves only once two people agree who did not make it`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, isApproved: false)
            #expect(try await day.batch().text("state") == "computed")
            #expect(try await day.send("1").code == "payout_not_approved")
            // The night was run with the finance key.
            #expect(try await approve(day, "a", key: House.financeKey).code == "payout_approval_creator")
            #expect(try await approve(day, "b", key: day.host.key).code == "key_scope")
            let wrong = String(repeating: "0", count: 64)
            #expect(try await approve(day, "c", key: House.operatorKey, digest: wrong).code == "batch_digest")
            // A key that was made behind the batch is no further person.
            house.time.advance(bySeconds: 1)
            let late = try await api.post("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey).text("key")
            #expect(try await approve(day, "d", key: late).code == "payout_approval_new_key")
            let first = try await approve(day, "e", key: House.operatorKey)
            #expect(first.text("state") == "partly_approved", "\(first.json)")
            #expect(try await approve(day, "e", key: House.operatorKey).bytes == first.bytes)
            #expect(try await approve(day, "f", key: House.operatorKey).code == "payout_approval_given")
            #expect(try await day.send("2").code == "payout_not_approved")
            #expect(try await approve(day, "g", key: day.second).text("state") == "approved")
            #expect(try await day.send("3").text("state") == "settled")
            #expect(try await approve(day, "h", key: day.second).code == "payout_batch_sent")
            let list = try await api.get("/v1/payout-batches?limit=1", key: House.financeKey)
            let batches = list.json["batches"] as? [[String: any Sendable]]
            #expect(batches?.first?["state"] as? String == "settled" && batches?.count == 1, "\(list.json)")
            let none = try await api.post(
                "/v1/payout-batches/2026-03-01/approvals", #"{"digest":"\#(wrong)"}"#, key: House.operatorKey, once: "n"
            )
            #expect(none.code == "batch_unknown")
            try await day.isClean()
        }
    }

    @Test func `a rejection stops the batch, and people agree anew`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            func reject(_ once: String, _ reason: String) async throws -> API.Answer {
                try await api.post(
                    "\(PayDay.path)/rejection", #"{"digest":"\#(day.digest)","reason":"\#(reason)"}"#,
                    key: House.financeKey, once: once)
            }
            #expect(try await reject("1", " ").code == "payout_reason")
            let rejected = try await reject("2", "the account is wrong")
            #expect(rejected.text("state") == "rejected", "\(rejected.json)")
            #expect(try await day.send("1").code == "payout_not_approved")
            for _ in 0..<2 {
                let again = try await approve(day, "again", key: House.operatorKey)
                #expect(again.text("state") == "partly_approved", "\(again.json)")
            }
            #expect(try await reject("3", "still wrong").text("state") == "rejected")
            try await day.isClean()
            #expect(try await approve(day, "x", key: House.operatorKey).status == 200)
            #expect(try await approve(day, "y", key: day.second).status == 200)
            #expect(try await day.send("2").state == "paid")
            #expect(try await reject("4", "too late").code == "payout_batch_sent")
            try await day.isClean()
        }
    }

    @Test func `a small batch takes one person where the house says so, and limits take a reason`() async throws {
        let house = try await House { settings in
            settings.payouts.oneApprovalUpTo = [.eur: 404]
            settings.payouts.itemAbove = [.eur: 403]
        }
        try await house.api { api in
            let day = try await PayDay(house, api, isApproved: false)
            let finding = (try await day.batch().json["approval"] as? [String: any Sendable])?["findings"]
            #expect((finding as? [[String: any Sendable]])?.first?["code"] as? String == "item_above")
            #expect(try await approve(day, "a", key: House.operatorKey).code == "payout_reason_needed")
            let given = try await approve(day, "b", key: House.operatorKey, reason: "a full house")
            #expect(given.text("state") == "approved", "\(given.json)")
            #expect(try await day.send().state == "paid")
            try await day.isClean()
        }
    }

    @Test func `a destination that is changed behind the approvals waits, one that people saw does not`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await PayDay.set("thief", "sandbox", of: day.host, api).status == 200)
            #expect(try await day.send("1").state == "cooling_off")
            let why = try await api.get("/v1/hosts/\(day.host.id)/payout-reasons", key: day.host.key)
            let row = (why.json["rows"] as? [[String: any Sendable]])?.first
            #expect(row?["reason"] as? String == "cooling_off", "\(why.json)")
            #expect(row?["nextOn"] as? String == "2026-03-05")
            house.time.advance(bySeconds: 3 * 86_400)
            #expect(try await day.send("2").state == "paid")
            try await day.isClean()
        }
        let other = try await House { $0.payouts.detailsDays = 0 }
        try await other.api { api in
            let day = try await PayDay(other, api, isApproved: false)
            #expect(try await PayDay.set("new bank", "sandbox", of: day.host, api).status == 200)
            other.time.advance(bySeconds: 1)
            #expect(try await approve(day, "a", key: House.operatorKey).code == "payout_reason_needed")
            try await day.approve(because: "she called from her number")
            #expect(try await day.send("1").state == "paid")
            try await day.isClean()
        }
    }

    @Test func `details that changed wait their days though people saw them, and another change begins anew`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, isApproved: false)
            #expect(try await PayDay.set("new bank", "sandbox", of: day.host, api).status == 200)
            house.time.advance(bySeconds: 1)
            try await day.approve(because: "she called from her number")
            #expect(try await day.send("1").state == "cooling_off")
            house.time.advance(bySeconds: 2 * 86_400)
            // Back to where it was is a change as well.
            #expect(try await PayDay.set("newer bank", "sandbox", of: day.host, api).status == 200)
            house.time.advance(bySeconds: 2 * 86_400)
            #expect(try await day.send("2").state == "cooling_off")
            let why = try await api.get("/v1/hosts/\(day.host.id)/payout-reasons", key: day.host.key)
            let row = (why.json["rows"] as? [[String: any Sendable]])?.first
            let words = row?["words"] as? String ?? ""
            #expect(words.contains("your payout details changed"), "\(why.json)")
            let written = try await house.service.database.read { transaction in
                try transaction.row(
                    "SELECT count(*) FROM audit_log WHERE act = 'payout_details_new' AND subject = $1", day.host.id
                ) { row throws(StoreFault) in try row.int(0) }
            }
            #expect(written == 2)
            house.time.advance(bySeconds: 86_400)
            #expect(try await day.send("3").state == "paid")
            try await day.isClean()
        }
        let first = try await House { $0.payouts.firstDetailsDays = 2 }
        try await first.api { api in
            let day = try await PayDay(first, api)
            #expect(try await day.send("1").state == "cooling_off")
            first.time.advance(bySeconds: 2 * 86_400)
            #expect(try await day.send("2").state == "paid")
            try await day.isClean()
        }
    }

    private func gates(_ day: PayDay) async throws -> [String: Int] {
        let answer = try await day.api.get("\(PayDay.path)/gates", key: House.financeKey)
        let now = answer.json["now"] as? [String: any Sendable]
        let gates = now?["gates"] as? [[String: any Sendable]] ?? []
        return gates.reduce(into: [:]) { $0[$1["gate"] as? String ?? ""] = $1["count"] as? Int }
    }

    @Test func `old suspense and events that nobody understands hold a batch until they are mended`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await gates(day) == ["clearing": 0, "suspense": 0, "books": 1, "inbox": 0], "no audit yet")
            #expect(try await api.post("/v1/audits", key: House.financeKey, once: "audit").status == 201)
            #expect(try await gates(day) == ["clearing": 0, "suspense": 0, "books": 0, "inbox": 0])
            let booked = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"x1","amount":{"amount":700,"currency":"EUR"},"reason":"who is it"}"#,
                key: House.operatorKey, once: "s")
            #expect(booked.status == 201, "\(booked.json)")
            let nobody = PayoutTransferID.derived(at: Instant(seconds: 0), from: "nobody")
            let told = ProviderTransfer(name: "sandbox_x", ours: nobody, amount: Money(1, .eur), state: .paid)
            let report = ProviderReport(transfer: told)
            try await house.desk.service.takeIn(
                ProviderEvent(
                    id: "lost", kind: "transfer_paid", object: "sandbox_x", report: report,
                    bodyHash: SHA256Digest(of: "lost")), from: .sandbox)
            _ = try await house.desk.turn()
            #expect(try await gates(day) == ["clearing": 0, "suspense": 0, "books": 0, "inbox": 0], "still young")
            house.time.advance(bySeconds: 8 * 86_400)
            #expect(try await gates(day) == ["clearing": 0, "suspense": 1, "books": 1, "inbox": 1])
            let held = try await day.send("1")
            #expect(held.code == "payout_held" && held.status == 409, "\(held.json)")
            #expect(held.text("detail").contains("inbox, suspense"), "\(held.json)")
            #expect(try await day.batch().text("state") == "approved")
            let shown = try await api.get("\(PayDay.path)/gates", key: House.financeKey)
            #expect((shown.json["lastSending"] as? [String: any Sendable])?["passed"] as? Bool == false)
            // Mended: the holder was found, and finance has set the event aside.
            let wallet = try await api.wallet()
            let ended = try await api.post(
                "/v1/suspense/\(booked.text("item"))/resolve", #"{"holder":"\#(wallet.holder)"}"#,
                key: House.operatorKey, once: "r")
            #expect((200...201).contains(ended.status), "\(ended.json)")
            let now = house.time.clock.now()
            try await house.service.database.write { transaction in
                guard let event = try transaction.providerEvent("lost", of: .sandbox) else { return }
                try transaction.end(event, .ignored, detail: "a test", at: now)
            }
            #expect(try await day.send("1").state == "paid", "the same command goes on")
            try await day.isClean()
        }
    }

    @Test func `a clearing account that is not at zero holds a batch`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await api.post("/v1/audits", key: House.financeKey, once: "audit").status == 201)
            let now = house.time.clock.now()
            let leg = try #require(Leg(debit: .suspense, credit: .provider, amount: Money(5, .eur)))
            func book(_ name: String, _ leg: Leg) async throws {
                try await house.service.database.write { transaction in
                    let stamp = try transaction.stamp(
                        .derived(at: now, from: name), at: now,
                        calendar: house.service.settings.housePolicy.calendar)
                    if let entry = JournalEntry(stamp, kind: .settlement, legs: [leg]) { try transaction.append(entry) }
                }
            }
            try await book("odd", leg)
            #expect(try await gates(day)["clearing"] == 1)
            #expect(try await day.send("1").code == "payout_held")
            try await book("even", leg.mirrored)
            #expect(try await day.send("2").state == "paid")
        }
    }

    @Test func `a host learns why, in its language, and of nobody else`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: nil)
            let path = "/v1/hosts/\(day.host.id)/payout-reasons"
            func reason(_ language: String? = nil, day: String = "") async throws -> (String, String) {
                let answer = try await api.send(.get, path + day, key: await dayKey(), language: language)
                let row = (answer.json["rows"] as? [[String: any Sendable]])?.first
                return (row?["reason"] as? String ?? answer.code, row?["words"] as? String ?? "")
            }
            @Sendable func dayKey() async -> String { day.host.key }
            #expect(try await reason().0 == "no_payout_method")
            #expect(try await reason("fr").1.contains("coordonnées bancaires"))
            #expect(try await reason(day: "?day=2026-03-01").0 == "night_unknown")
            #expect(try await reason(day: "?day=soon").0 == "parameter_malformed")
            let stranger = try await api.host("Bea")
            #expect(try await api.get(path, key: stranger.key).code == "key_scope")
            let theirs = try await api.get("/v1/hosts/\(stranger.id)/payout-reasons", key: stranger.key)
            #expect((theirs.json["rows"] as? [Any])?.isEmpty == true)
            _ = try await PayDay.set("ana", "sandbox", of: day.host, api)
            #expect(try await reason().0 == "awaiting_approval")
            #expect(try await day.send().state == "paid")
            #expect(try await reason().1.contains("4.04 EUR"))
            #expect(try await reason().0 == "arrived")
        }
    }
}
