import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Store
import Testing
import Values

@testable import LedgerService

/// A house with a fund of two places for two months of 100.00: everybody who is there meets every week.
private struct CohortWorld {
    let api: API
    let house: House

    static let terms = """
        {"name":"spark","kind":"stipend","currency":"EUR","stipend":10000,"mode":"prorata","rooms_per_week":0,\
        "min_room_minutes":0,"min_room_listeners":0,"close_lag_days":2,\
        "cohort":{"places":2,"months":2,"rooms":1,"min_room_minutes":30,"min_room_listeners":0,"min_age":18,\
        "min_followers":100,"verified_payee":true}}
        """

    init(_ api: API, in house: House) async throws {
        (self.api, self.house) = (api, house)
        #expect(try await api.post("/v1/funds", Self.terms, key: House.financeKey, once: "fund").status == 201)
    }

    func endow(_ cents: Int, _ once: String = UUID().uuidString) async throws -> API.Answer {
        try await api.post(
            "/v1/funds/spark/endowments", #"{"amount":{"amount":\#(cents),"currency":"EUR"},"reason":"Board"}"#,
            key: House.financeKey, once: once)
    }

    func apply(_ key: String, _ body: String = #"{"ageDeclared":true,"followers":150}"#) async throws -> API.Answer {
        try await api.post("/v1/funds/spark/applications", body, key: key, once: UUID().uuidString)
    }

    func decide(_ host: String, _ decision: String, _ more: String = "") async throws -> API.Answer {
        try await api.post(
            "/v1/funds/spark/decisions", #"{"host":"\#(host)","decision":"\#(decision)","reason":"Heard"\#(more)}"#,
            key: House.financeKey, once: UUID().uuidString)
    }

    func enroll(_ host: String, _ from: String, _ to: String) async throws -> API.Answer {
        try await api.post(
            "/v1/funds/spark/enrolments", #"{"host":"\#(host)","from":"\#(from)","to":"\#(to)"}"#,
            key: House.financeKey, once: UUID().uuidString)
    }

    func leave(_ key: String) async throws -> API.Answer {
        try await api.post("/v1/funds/spark/leave", key: key, once: UUID().uuidString)
    }

    /// Balance, reserved, places held.
    func account() async throws -> [Int] {
        let fund = try await api.get("/v1/funds/spark", key: House.financeKey)
        let account = try #require(fund.json["account"] as? [String: any Sendable])
        func cents(_ name: String) -> Int { (account[name] as? [String: any Sendable])?["amount"] as? Int ?? -1 }
        return [cents("balance"), cents("committed"), account["places"] as? Int ?? -1]
    }

    /// A host that meets everything: a room was held, and it is known where it is paid.
    func goodHost(_ name: String) async throws -> (id: String, key: String) {
        let host = try await api.host(name)
        _ = try await api.room(host.key)
        try await house.service.database.write { transaction in
            guard let id = HostID(host.id) else { return }
            _ = try transaction.setDestination(
                try PayoutDestination(provider: .manual, text: "account of \(name)"), of: id, by: "test",
                at: house.service.clock.now())
        }
        return host
    }

    func night(_ day: String) async throws {
        let next = try #require(LocalDay(day)).advanced(byDays: 1)
        try house.time.set("\(next)T12:00:00Z")
        let answer = try await api.post("/v1/nights", #"{"day":"\#(day)"}"#, key: House.financeKey)
        #expect(answer.text("state") == "done", "\(answer.json)")
    }

    func isClean() async throws {
        let audit = try await house.service.audit(by: .auditor)
        #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
    }
}

@Suite struct CohortTests {
    @Test func `a host applies, is chosen, is paid from the account, and the place is complete`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            let ana = try await world.goodHost("Ana")
            let path = "/v1/funds/spark/applications/\(ana.id)"
            // Before the room was held: everything that is asked, and what there is.
            let early = try await api.get(path, key: ana.key)
            #expect(early.text("state") == "outside")
            let rows = try #require(early.json["criteria"] as? [[String: any Sendable]])
            #expect(rows.map { $0["criterion"] as? String } == ["rooms", "payee", "age", "followers"])
            #expect(rows.map { $0["have"] as? Int } == [0, 1, 0, 0])
            let applied = try await world.apply(ana.key)
            #expect(applied.text("state") == "applied" && applied.json["eligible"] as? Bool == false)
            #expect(try await world.apply(ana.key).code == "fund_applied")
            try house.time.set("2026-03-03T12:00:00Z")
            // Read again it is counted again: the room was held by now.
            #expect(try await api.get(path, key: ana.key).json["eligible"] as? Bool == true)
            #expect(try await world.decide(ana.id, "accept").code == "fund_followers")
            #expect(try await world.decide(ana.id, "accept", #","followers":99"#).code == "fund_not_eligible")
            let poor = try await world.decide(ana.id, "accept", #","followers":120"#)
            #expect(poor.code == "fund_short" && poor.text("detail").contains("200.00"), "\(poor.json)")
            let first = try await world.endow(20_000, "once")
            #expect(first.status == 201)
            #expect(try await world.endow(20_000, "once").bytes == first.bytes)
            let accepted = try await world.decide(ana.id, "accept", #","followers":120"#)
            #expect(accepted.text("state") == "placed", "\(accepted.json)")
            let place = try #require(accepted.json["place"] as? [String: any Sendable])
            #expect(place["from"] as? String == "2026-03-30" && place["to"] as? String == "2026-05-31")
            #expect(try await world.account() == [20_000, 20_000, 1])
            #expect(try await world.endow(-1).code == "fund_committed")
            try await world.night("2026-05-02")
            #expect(try await world.account() == [10_000, 10_000, 1])
            let night = try await api.get("/v1/nights/2026-05-02", key: House.financeKey)
            let paid = try #require((night.json["payouts"] as? [[String: any Sendable]])?.first)
            #expect((paid["gross"] as? [String: any Sendable])?["amount"] as? Int == 10_000)
            try await world.night("2026-06-02")
            #expect(try await world.account() == [0, 0, 0])
            #expect(try await api.get(path, key: ana.key).text("state") == "outside")
            let book = try await api.get("/v1/funds/spark/book", key: House.financeKey)
            let kinds = (book.json["rows"] as? [[String: any Sendable]])?.compactMap { $0["kind"] as? String }
            #expect(kinds == ["endowed", "admitted", "month_closed", "month_closed", "completed"])
            let pages = try await api.get("/v1/funds/spark/book?limit=2", key: House.financeKey)
            #expect((pages.json["rows"] as? [Any])?.count == 2 && !pages.text("next").isEmpty)
            try await world.isClean()
        }
    }

    @Test func `whoever leaves frees the rest, and weeks that were met are paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            let (ana, bea) = (try await api.host(), try await api.host("Bea"))
            _ = try await world.endow(30_000)
            #expect(try await world.enroll(ana.id, "2026-03-02", "2026-05-03").status == 201)
            #expect(try await world.account() == [30_000, 20_000, 1])
            // In the middle of the third week of March: two weeks of four are whole.
            try house.time.set("2026-03-18T12:00:00Z")
            let left = try await world.leave(ana.key)
            #expect(left.text("state") == "outside", "\(left.json)")
            #expect(try await world.account() == [30_000, 5_000, 0])
            #expect(try await world.leave(ana.key).code == "fund_not_applied")
            // Her place is free, her month is not hers again.
            #expect(try await world.enroll(ana.id, "2026-03-23", "2026-05-03").code == "fund_month_taken")
            #expect(try await world.enroll(ana.id, "2026-03-30", "2026-05-03").status == 201)
            #expect(try await world.enroll(bea.id, "2026-03-30", "2026-05-31").code == "fund_short")
            let ended = try await world.decide(ana.id, "end", #","to":"2026-03-29""#)
            #expect(ended.status == 201 && ended.text("state") == "outside", "\(ended.json)")
            #expect(try await world.account() == [30_000, 5_000, 0])
            try await world.night("2026-04-02")
            #expect(try await world.account() == [25_000, 0, 0])
            try await world.isClean()
        }
    }

    @Test func `what breaks a rule is refused with its code, and changes nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            var hosts: [(id: String, key: String)] = []
            for name in ["Ana", "Bea", "Cid"] { hosts.append(try await api.host(name)) }
            let open = """
                {"name":"open","kind":"stipend","currency":"EUR","stipend":1,"mode":"prorata","rooms_per_week":1,\
                "min_room_minutes":1,"min_room_listeners":1}
                """
            #expect(try await api.post("/v1/funds", open, key: House.financeKey, once: "open").status == 201)
            let nobody = try await api.post(
                "/v1/funds/open/applications", "{}", key: hosts[0].key, once: "nobody")
            #expect(nobody.code == "fund_no_cohort")
            _ = try await world.endow(1_000_000)
            for (index, code) in [(0, ""), (0, "fund_placed"), (1, ""), (2, "fund_full")] {
                let answer = try await world.enroll(hosts[index].id, "2026-03-02", "2026-03-29")
                #expect(answer.code == code, "\(answer.json)")
            }
            let before = try await world.account()
            #expect(try await world.enroll(hosts[2].id, "2026-03-03", "2026-03-07").code == "fund_no_months")
            #expect(try await world.enroll(hosts[2].id, "2025-12-01", "2025-12-28").code == "fund_no_months")
            for (decision, more, code) in [
                ("accept", "", "fund_not_applied"), ("decline", "", "fund_not_applied"),
                ("end", "", "fund_not_placed"), ("accept", #","from":"2026-03-09","to":"2026-03-08""#, "fund_days"),
            ] {
                #expect(try await world.decide(hosts[2].id, decision, more).code == code, "\(decision)")
            }
            #expect(try await world.decide(hosts[0].id, "end", #","to":"2026-04-30""#).code == "fund_days")
            #expect(try await world.endow(0).code == "fund_endowment")
            let dollars = try await api.post(
                "/v1/funds/spark/endowments", #"{"amount":{"amount":5,"currency":"USD"},"reason":"x"}"#,
                key: House.financeKey, once: "usd")
            #expect(dollars.code == "fund_endowment")
            // Promises: another stipend, another end, no cohort; and no cohort where hosts are in without a place.
            for (number, (from, to, code)) in [
                (#""stipend":10000"#, #""stipend":9999"#, "fund_promised"),
                (#""close_lag_days""#, #""last_month":"2026-04","close_lag_days""#, "fund_promised"),
                (#""close_lag_days":2"#, #""close_lag_days":0"#, "fund_promised"),
                (#""close_lag_days":2"#, #""close_lag_days":9"#, "fund_promised"),
                (#""prorata""#, #""all_or_nothing""#, "fund_promised"), (#""cohort""#, #""cohorts""#, "unknown_member"),
            ].enumerated() {
                let terms = CohortWorld.terms.replacing(from, with: to)
                let answer = try await api.post("/v1/funds", terms, key: House.financeKey, once: "p\(number)")
                #expect(answer.code == code, "\(to): \(answer.json)")
            }
            let bare = CohortWorld.terms.replacing(#/,"cohort":\{[^}]*\}/#, with: "")
            #expect(try await api.post("/v1/funds", bare, key: House.financeKey, once: "b").code == "fund_promised")
            let days = #"{"host":"\#(hosts[2].id)","from":"2026-03-02","to":"2026-03-29"}"#
            #expect(
                try await api.post("/v1/funds/open/enrolments", days, key: House.financeKey, once: "o").status == 201)
            let closed = open.replacing(#""currency""#, with: #""cohort":{"places":1},"currency""#)
            #expect(try await api.post("/v1/funds", closed, key: House.financeKey, once: "c").code == "fund_promised")
            // More places and other duties are no broken promise.
            let wider = CohortWorld.terms.replacing(#""places":2"#, with: #""places":3"#)
            #expect(try await api.post("/v1/funds", wider, key: House.financeKey, once: "w").status == 201)
            #expect(try await world.account() == before)
            try await world.isClean()
        }
    }

    @Test func `an application is declined, withdrawn and made again, and each has one answer`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            let ana = try await api.host()
            #expect(try await world.apply(ana.key).status == 201)
            #expect(try await world.decide(ana.id, "decline").text("state") == "outside")
            #expect(try await world.apply(ana.key, #"{"note":"Again"}"#).status == 201)
            #expect(try await world.leave(ana.key).text("state") == "outside")
            #expect(try await world.apply(ana.key).status == 201)
            let list = try await api.get("/v1/funds/spark/applications", key: House.financeKey)
            let found = try #require((list.json["applications"] as? [[String: any Sendable]])?.first)
            #expect(found["state"] as? String == "applied")
            #expect((found["application"] as? [String: any Sendable])?["number"] as? Int == 3)
            // Finance takes her in as she is: the application is answered by it.
            _ = try await world.endow(20_000)
            #expect(try await world.enroll(ana.id, "2026-03-02", "2026-03-29").status == 201)
            let book = try await api.get("/v1/funds/spark/book", key: House.financeKey)
            let kinds = (book.json["rows"] as? [[String: any Sendable]])?.compactMap { $0["kind"] as? String }
            #expect(kinds == ["declined", "withdrawn", "endowed", "admitted"])
            #expect(try await api.get("/v1/funds/spark/applications/\(ana.id)", key: ana.key).text("state") == "placed")
            try await world.isClean()
        }
    }

    @Test func `twenty who are taken in at once get two places and no more money than there is`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            var hosts: [String] = []
            for number in 0..<20 { hosts.append(try await api.host("Host \(number)").id) }
            _ = try await world.endow(15_000)
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for (number, host) in hosts.enumerated() {
                    let to = number.isMultiple(of: 2) ? "2026-03-29" : "2026-05-03"
                    group.addTask { try await world.enroll(host, "2026-03-02", to).code }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            // One of 100.00 fits, or none of 200.00: the account decides before the cap does.
            #expect(codes[""] == 1, "\(codes)")
            #expect(try await world.account() == [15_000, 10_000, 1])
            try await world.isClean()
        }
    }

    /// What is changed behind the ledger's back, and the check that must find it. On SQLite, whose triggers can be taken
    /// away in one statement.
    private static let damages: [(check: String, sql: [StaticString])] = [
        ("fund-book", ["DROP TRIGGER fund_book_stay", "UPDATE fund_book SET balance = balance + 1 WHERE n = 4"]),
        ("fund-book", ["DROP TRIGGER outbox_last", "DELETE FROM outbox WHERE kind = 'fund.admitted'"]),
        ("fund-book", ["DROP TRIGGER fund_months_stay", "UPDATE fund_months SET given = given - 1"]),
        (
            "fund-book",
            [
                "DROP TRIGGER fund_programs_stay",
                "UPDATE fund_programs SET terms = replace(terms, '\"places\":2', '\"places\":1')",
            ]
        ),
        ("fund-reservations", ["DROP TRIGGER fund_reservations_last", "DELETE FROM fund_reservations WHERE n = 2"]),
        (
            "fund-reservations",
            [
                "DROP TRIGGER fund_reservations_stay",
                "UPDATE fund_reservations SET month = '2026-07' WHERE month = '2026-04'",
            ]
        ),
        (
            "fund-accounts",
            [
                "DROP TRIGGER fund_programs_stay",
                "UPDATE fund_programs SET terms = replace(terms, '\"stipend\":10000', '\"stipend\":9000')",
            ]
        ),
        (
            "fund-accounts",
            ["DROP TRIGGER fund_reservations_last", "DELETE FROM fund_reservations WHERE month = '2026-04'"]
        ),
        ("fund-selection", ["DROP TRIGGER outbox_last", "DELETE FROM outbox WHERE kind = 'fund.applied'"]),
        ("fund-selection", ["DROP TRIGGER enrolments_stay", "UPDATE enrolments SET to_day = '2026-12-31'"]),
        ("held places", ["DELETE FROM fund_held_places"]), ("held places", ["UPDATE fund_held_places SET n = 1"]),
        ("reserved months", ["DELETE FROM fund_reserved"]),
        ("reserved months", ["UPDATE fund_reserved SET amount = amount + 1"]),
    ]

    @Test(arguments: 0..<14)
    func `planted damage is found`(number: Int) async throws {
        let (check, statements) = Self.damages[number]
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let world = try await CohortWorld(api, in: house)
            let (ana, bea) = (try await api.host(), try await api.host("Bea"))
            _ = try await world.endow(50_000)
            #expect(try await world.enroll(ana.id, "2026-03-02", "2026-05-03").status == 201)
            #expect(try await world.apply(bea.key).status == 201)
            #expect(try await world.decide(bea.id, "decline").status == 201)
            try await world.night("2026-04-02")
            try await world.isClean()
            try await house.service.database.write { transaction in
                for statement in statements { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains(check), "\(statements): \(found)")
            if ["held places", "reserved months"].contains(check) { try await house.mend() }
        }
    }
}
