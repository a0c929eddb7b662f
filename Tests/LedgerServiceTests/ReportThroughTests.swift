import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A report up to an entry is the same for ever, whatever becomes of payouts, hosts and providers later.
@Suite struct ReportThroughTests {
    private static let names = ReportShelf.builtIn.reports.map(\.report.name)

    private func all(_ api: API, through: String) async throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in Self.names {
            for period in ["year=2026", "day=2026-03-02"] {
                let answer = try await api.report(name, "format=csv&\(period)&through=\(through)")
                #expect(answer.status == 200, "\(name) \(answer.json)")
                files["\(name) \(period)"] = answer.bytes
            }
        }
        return files
    }

    private func expectSame(_ before: [String: [UInt8]], _ after: [String: [UInt8]], _ what: String) {
        for (name, bytes) in before {
            #expect(
                after[name] == bytes,
                "\(what): \(name)\n\(String(decoding: bytes, as: UTF8.self))\(String(decoding: after[name] ?? [], as: UTF8.self))"
            )
        }
    }

    private func state(_ api: API, _ query: String = "") async throws -> [String] {
        try await api.report("payout-register", "month=2026-03\(query)").records().map { $0["state"] ?? "" }
    }

    @Test func `a payout that is paid and comes back later changes no report up to an earlier entry`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            let planned = try await api.report("payout-register", "month=2026-03")
            let through = try planned.through()
            let before = try await all(api, through: through)
            #expect(try await state(api) == ["planned"])
            // At the very same instant: what moved money is told apart by its entry.
            #expect(try await day.send().state == "paid")
            #expect(try await state(api) == ["paid"])
            expectSame(before, try await all(api, through: through), "paid")
            #expect(try await api.report("payout-register", "month=2026-03&through=\(through)").bytes == planned.bytes)
            let paid = try await api.report("payout-register", "month=2026-03").through()
            house.time.advance(bySeconds: 1)
            let atPaid = try await all(api, through: paid)
            try await day.hear(house.sandbox.tell(.returned, of: try await day.payout()))
            #expect(try await state(api) == ["returned"])
            #expect(try await state(api, "&through=\(paid)") == ["paid"])
            house.time.advance(bySeconds: 1)
            #expect(try await PayDay.set("another account", "sandbox", of: day.host, api).status == 200)
            expectSame(atPaid, try await all(api, through: paid), "returned")
        }
    }

    @Test func `what finance says by hand has no entry, and counts up to the time of the entry`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: "FR76 3000 6000", through: "manual")
            house.time.advance(bySeconds: 1)
            #expect(try await day.send().state == "requested")
            house.time.advance(bySeconds: 1)
            _ = try await api.wallet(700)
            let through = try await api.report("payout-register", "month=2026-03").through()
            let before = try await all(api, through: through)
            #expect(try await state(api, "&through=\(through)") == ["requested"])
            house.time.advance(bySeconds: 1)
            let payout = try await day.payout()
            let path = "/v1/payouts/\(payout)/confirmation"
            let paid = try await api.post(path, #"{"outcome":"paid"}"#, key: House.financeKey)
            #expect(paid.state == "paid", "\(paid.json)")
            #expect(try await state(api) == ["paid"])
            expectSame(before, try await all(api, through: through), "paid")
            house.time.advance(bySeconds: 1)
            _ = try await api.wallet(100)
            let later = try await api.report("payout-register", "month=2026-03").through()
            #expect(try await state(api, "&through=\(later)") == ["paid"])
            let back = try await api.post(path, #"{"outcome":"returned"}"#, key: House.financeKey)
            #expect(back.state == "returned", "\(back.json)")
            #expect(try await state(api, "&through=\(later)") == ["paid"])
            expectSame(before, try await all(api, through: through), "returned")
        }
    }

    @Test func `what began before an entry and is written after it changes no report up to that entry`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: "FR76 3000 6000", through: "manual")
            house.time.advance(bySeconds: 60)
            _ = try await api.wallet(700)
            let posted = house.time.clock.now()
            let through = try await api.report("payout-register", "month=2026-03").through()
            let before = try await all(api, through: through)
            // As if each had read its clock and then waited.
            house.time.advance(bySeconds: -30)
            let began = house.time.clock.now()
            #expect(try await day.send().state == "requested")
            let paid = try await api.post(
                "/v1/payouts/\(day.payout())/confirmation", #"{"outcome":"paid"}"#, key: House.financeKey)
            #expect(paid.state == "paid", "\(paid.json)")
            #expect(try await PayDay.set("another account", "sandbox", of: day.host, api).status == 200)
            try await house.service.database.write { transaction in
                try transaction.audit(actor: "finance", act: "books_audited", subject: "1", at: began)
            }
            expectSame(before, try await all(api, through: through), "late")
            let times = try await house.service.database.read { transaction in
                try transaction.rows("SELECT at_us FROM audit_log ORDER BY n") { row throws(StoreFault) in
                    try row.instant(0)
                }
            }
            #expect(times == times.sorted() && (times.last ?? began) > posted)
            let log = try await api.report("audit-log", "format=csv&year=2026").records()
            #expect(log.last?["act"] == "books_audited")
            #expect(try await state(api) == ["paid"])
            try await day.isClean()
        }
    }
}
