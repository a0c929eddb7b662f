import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// A house with a fund month of which everything is told: a room in March, what gateways say of its listeners, a stipend,
/// a pot, an account that is the host's own, and a correction.
private struct FundWorld {
    let house: House
    let host: (id: String, key: String)
    let room: String
    let own: String

    init(_ api: API, in house: House) async throws {
        self.house = house
        host = try await api.host()
        room = try await api.room(host.key)
        own = try await api.wallet(0).holder
        let other = try await api.wallet(0).holder
        func post(_ path: String, _ body: String, _ once: String) async throws {
            let answer = try await api.post(path, body, key: House.financeKey, once: once)
            #expect(answer.status == 201, "\(path): \(answer.json)")
        }
        try await post(
            "/v1/funds",
            """
            {"name":"pot","kind":"pot","currency":"EUR","amount":9000,"listener_room_cap_min":30,"close_lag_days":2}
            """, "pot")
        try await post(
            "/v1/funds",
            """
            {"name":"spark","kind":"stipend","currency":"EUR","stipend":5000,"mode":"prorata","rooms_per_week":1,\
            "min_room_minutes":30,"min_room_listeners":1,"close_lag_days":2}
            """, "spark")
        try await post(
            "/v1/funds/spark/enrolments", #"{"host":"\#(host.id)","from":"2026-03-02","to":"2026-03-29"}"#, "enrol")
        try await post("/v1/hosts/\(host.id)/accounts", #"{"account":"\#(own)","reason":"Same phone"}"#, "link")
        try await post(
            "/v1/hosts/\(host.id)/adjustments", #"{"amount":{"amount":-700,"currency":"EUR"},"reason":"Paid twice"}"#,
            "adjust")
        // Half an hour past seven is past half of the room.
        try await listen(api, [(own, "2026-03-02T20:00:00Z", 3_600), (other, "2026-03-02T19:50:00Z", 2_400)])
    }

    private func listen(_ api: API, _ visits: [(holder: String, left: String, seconds: Int64)]) async throws {
        let made = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
        let gateway = try #require(GatewayID(made.text("subject")))
        var chain = ReceiptChain(gateway: gateway)
        var receipts: [Receipt] = []
        for (number, visit) in visits.enumerated() {
            let left = try #require(Instant(visit.left))
            let holder = try #require(HolderID(visit.holder))
            let seat = Seat(
                admission: .derived(at: left, from: "admission \(number)"),
                ticket: .derived(at: left, from: "ticket \(number)"), holder: .holder(holder), role: .listener,
                direction: .listening, since: left)
            for kind in [Receipt.Kind.entered, .left(reason: .left, secondsConnected: visit.seconds, packets: 9)] {
                receipts.append(chain.append(kind, of: seat, room: try #require(RoomID(room)), at: left))
            }
        }
        let body = String(
            decoding: try JSONEncoder().encode(ReceiptBatch(gateway: gateway, receipts: receipts)), as: UTF8.self)
        try house.time.set("2026-03-02T21:00:00Z")
        let answer = try await api.post("/v1/gateway/receipts", body, key: made.text("key"))
        #expect(answer.status == 200, "\(answer.json)")
    }

    /// The night on which March closes.
    func close(_ api: API) async throws -> API.Answer {
        try house.time.set("2026-04-03T12:00:00Z")
        return try await api.post("/v1/nights", #"{"day":"2026-04-02"}"#, key: House.financeKey)
    }
}

@Suite struct FundTests {
    @Test func `a month closes in its night, pays, and is told with its figures`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            let night = try await world.close(api)
            #expect(night.text("state") == "done", "\(night.json)")
            let pot = try await api.get("/v1/funds/pot", key: world.host.key)
            let month = try #require((pot.json["months"] as? [[String: any Sendable]])?.first)
            #expect(month["month"] as? String == "2026-03" && month["given"] as? Int == 9_000)
            let heard = try #require((month["hosts"] as? [[String: any Sendable]])?.first)
            // Own listening is dropped; the other's forty minutes meet the cap of thirty.
            #expect((heard["minutes"] as? Int, heard["listeners"] as? Int) == (30, 1))
            let spark = try await api.get("/v1/funds/spark", key: world.host.key)
            let weeks = try #require(
                ((spark.json["months"] as? [[String: any Sendable]])?.first?["hosts"] as? [[String: any Sendable]])?
                    .first)
            #expect((weeks["weeks"] as? Int, weeks["weeksEnrolled"] as? Int, weeks["weeksMet"] as? Int) == (4, 4, 1))
            #expect((weeks["amount"] as? [String: any Sendable])?["amount"] as? Int == 1_250)
            // 90.00 and 12.50, less the 7.00 that was corrected.
            let paid = try #require((night.json["payouts"] as? [[String: any Sendable]])?.first)
            #expect((paid["gross"] as? [String: any Sendable])?["amount"] as? Int == 9_550)
            // Run again, it is only shown; and later nights do not close it again.
            #expect(try await world.close(api).bytes == night.bytes)
            try house.time.set("2026-04-05T12:00:00Z")
            _ = try await api.post("/v1/nights", #"{"day":"2026-04-04"}"#, key: House.financeKey)
            #expect(try await api.get("/v1/funds/pot", key: world.host.key).bytes == pot.bytes)
            let audit = try await house.service.audit(by: .auditor)
            #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
            let statement = try await api.get(
                "/v1/reports/statement-\(world.host.id).json?day=2026-04-02", key: House.financeKey)
            #expect(String(decoding: statement.bytes, as: UTF8.self).contains("Paid twice"))
        }
    }

    @Test func `duties of weeks that were worked never change, and new ones begin with a month`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            func spark(_ rooms: Int, from month: String?, lag: Int = 2) async throws -> API.Answer {
                let from = month.map { #","from_month":"\#($0)""# } ?? ""
                return try await api.post(
                    "/v1/funds",
                    """
                    {"name":"spark","kind":"stipend","currency":"EUR","stipend":5000,"mode":"prorata",\
                    "rooms_per_week":\(rooms),"min_room_minutes":30,"min_room_listeners":1,"close_lag_days":\(lag)\(from)}
                    """, key: House.financeKey, once: UUID().uuidString)
            }
            try house.time.set("2026-03-20T12:00:00Z")
            let path = "/v1/funds/spark/progress/\(world.host.id)"
            let before = try await api.get(path, key: world.host.key)
            // This month has begun, and so have all before it.
            for month in ["2026-03", "2026-02"] {
                let refused = try await spark(9, from: month)
                #expect(refused.status == 409 && refused.code == "fund_month_begun")
                #expect(String(decoding: refused.bytes, as: UTF8.self).contains("2026-04"))
            }
            // April would close before March does.
            let early = try await spark(9, from: nil, lag: 0)
            #expect(early.status == 201)
            let late = try await spark(9, from: nil, lag: 40)
            #expect(late.status == 201)
            #expect(try await spark(9, from: "2026-05", lag: 0).code == "fund_closing_order")
            // Said without a month, the terms begin with the next one.
            let next = try await spark(9, from: nil)
            let terms = try #require(next.json["terms"] as? [String: any Sendable])
            #expect(terms["from_month"] as? String == "2026-04" && terms["version"] as? Int == 4)
            #expect((next.json["current"] as? [String: any Sendable])?["version"] as? Int == 1)
            #expect(try await spark(9, from: nil).json["current"] != nil)
            let after = try await api.get(path, key: world.host.key)
            #expect(after.json["roomsPerWeek"] as? Int == 1)
            #expect(after.bytes == before.bytes)
            // April's first week begins in March: from then on April has begun.
            try house.time.set("2026-03-30T12:00:00Z")
            #expect(try await spark(8, from: "2026-04").code == "fund_month_begun")
            try house.time.set("2026-04-02T22:30:00Z")
            _ = try await house.service.runNight(try #require(LocalDay("2026-04-02")), by: .finance)
            let fund = try await api.get("/v1/funds/spark", key: world.host.key)
            let months = try #require(fund.json["months"] as? [[String: any Sendable]])
            let march = try #require(months.first { $0["month"] as? String == "2026-03" })
            #expect(march["version"] as? Int == 1 && (march["given"] as? Int ?? 0) > 0, "\(march)")
            #expect(try await house.service.audit(by: .operator).isClean)
            // Planted on SQLite, whose triggers can be taken away: the month closed under terms that were not its own.
            guard Engine.chosen == .sqlite else { return }
            try await house.service.database.write { transaction in
                try transaction.execute("DROP TRIGGER fund_months_stay")
                try transaction.execute("UPDATE fund_months SET version = 4 WHERE program = 'spark'")
            }
            let audit = try await house.service.audit(by: .operator)
            #expect("\(audit)".contains("closed under other terms"))
            #expect(!"\(audit)".contains("kept for another month"))
            // And terms that name another month than the one they are kept for.
            try await house.service.database.write { transaction in
                try transaction.execute("DROP TRIGGER fund_programs_stay")
                try transaction.execute("UPDATE fund_programs SET from_month = '2026-05' WHERE version = 4")
            }
            #expect("\(try await house.service.audit(by: .operator))".contains("kept for another month"))
        }
    }

    @Test func `terms are versions, and a month keeps the figures of its own`() async throws {
        let house = try await House()
        try await house.api { api in
            func fund(_ amount: Int, _ once: String, kind: String = "pot") async throws -> API.Answer {
                try await api.post(
                    "/v1/funds", #"{"name":"pot","kind":"\#(kind)","currency":"EUR","amount":\#(amount)}"#,
                    key: House.financeKey, once: once)
            }
            func version(_ answer: API.Answer) -> Int? {
                (answer.json["terms"] as? [String: any Sendable])?["version"] as? Int
            }
            var versions: [Int?] = []
            // The same terms are no new version, and neither is the same command.
            for (amount, once) in [(100, "a"), (100, "b"), (200, "c"), (200, "c")] {
                let answer = try await fund(amount, once)
                versions.append(version(answer))
            }
            #expect(versions == [1, 1, 2, 2])
            let other = try await fund(300, "c")
            #expect(other.code == "idempotency_mismatch")
            let kind = try await fund(300, "d", kind: "user_centric")
            #expect(kind.code == "fund_kind")
        }
    }

    @Test func `what breaks a rule is refused with its code`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            let host = world.host.id
            let nobody = "host_01kdw94700ery824rf6qygy6c7"
            for (number, (path, body, code)) in [
                ("/v1/funds", #"{"name":"x","kind":"pot","currency":"EUR"}"#, "body_wrong_type"),
                (
                    "/v1/funds/none/enrolments", #"{"host":"\#(host)","from":"2026-03-02","to":"2026-03-29"}"#,
                    "fund_unknown"
                ),
                (
                    "/v1/funds/pot/enrolments", #"{"host":"\#(host)","from":"2026-03-02","to":"2026-03-29"}"#,
                    "fund_takes_nobody"
                ),
                (
                    "/v1/funds/spark/enrolments", #"{"host":"\#(host)","from":"2026-03-29","to":"2026-03-02"}"#,
                    "fund_days"
                ),
                (
                    "/v1/funds/spark/enrolments", #"{"host":"\#(nobody)","from":"2026-03-02","to":"2026-03-29"}"#,
                    "host_unknown"
                ),
                ("/v1/hosts/\(host)/accounts", #"{"account":"me","reason":"x"}"#, "fund_account"),
                ("/v1/hosts/\(host)/accounts", #"{"account":"\#(host)","reason":"x"}"#, "fund_account"),
                ("/v1/hosts/\(host)/accounts", #"{"account":"\#(world.own)","reason":""}"#, "fund_reason"),
                ("/v1/hosts/\(nobody)/accounts", #"{"account":"\#(world.own)","reason":"x"}"#, "host_unknown"),
                ("/v1/rooms/\(world.room)/fund-exclusion", #"{"reason":""}"#, "fund_reason"),
                ("/v1/rooms/room_01kdw94700ery824rf6qygy6c7/fund-exclusion", #"{"reason":"x"}"#, "room_unknown"),
                (
                    "/v1/hosts/\(host)/adjustments", #"{"amount":{"amount":0,"currency":"EUR"},"reason":"x"}"#,
                    "adjustment_amount"
                ),
                (
                    "/v1/hosts/\(host)/adjustments", #"{"amount":{"amount":1,"currency":"EUR"},"reason":""}"#,
                    "adjustment_reason"
                ),
                (
                    "/v1/hosts/\(nobody)/adjustments", #"{"amount":{"amount":1,"currency":"EUR"},"reason":"x"}"#,
                    "host_unknown"
                ),
            ].enumerated() {
                let answer = try await api.post(
                    path, body, key: House.financeKey, once: "refused \(number)".replacing(" ", with: "-"))
                #expect(answer.code == code, "\(path) \(body): \(answer.json)")
            }
            #expect(try await api.get("/v1/funds/none", key: host).status == 401)
            #expect(try await api.get("/v1/funds/none", key: world.host.key).code == "fund_unknown")
        }
    }

    @Test func `a room that is excluded counts for nothing, and corrections are booked once`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            let body = #"{"reason":"Bought listeners"}"#
            let path = "/v1/rooms/\(world.room)/fund-exclusion"
            let first = try await api.post(path, body, key: House.financeKey, once: "x")
            #expect(first.status == 201)
            #expect(try await api.post(path, body, key: House.financeKey, once: "x").bytes == first.bytes)
            let correction = #"{"amount":{"amount":-700,"currency":"EUR"},"reason":"Paid twice"}"#
            let again = try await api.post(
                "/v1/hosts/\(world.host.id)/adjustments", correction, key: House.financeKey, once: "adjust")
            #expect(again.status == 201)
            let listed = try await api.get("/v1/hosts/\(world.host.id)/adjustments", key: world.host.key)
            #expect((listed.json["adjustments"] as? [Any])?.count == 1)
            let night = try await world.close(api)
            #expect((night.json["payouts"] as? [Any])?.isEmpty == true)
            let carried = try #require((night.json["carried"] as? [[String: any Sendable]])?.first)
            #expect(carried["reason"] as? String == "negative")
            let audit = try await house.service.audit(by: .auditor)
            #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
        }
    }

    @Test func `what a month leaves out is listed with its reason and without names, and stays as it closed`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            func rows(_ fund: String, key: String = House.financeKey) async throws -> [[String: any Sendable]] {
                let answer = try await api.get("/v1/funds/\(fund)/exclusions/2026-03", key: key)
                #expect(answer.status == 200, "\(answer.json)")
                #expect(!String(decoding: answer.bytes, as: UTF8.self).contains(world.own))
                return answer.json["exclusions"] as? [[String: any Sendable]] ?? []
            }
            // What is told at an instant counts from the next one on.
            try house.time.set("2026-03-02T21:00:01Z")
            let pot = try await rows("pot")
            // The own account's hour (from seven on), and ten of the other's forty minutes.
            #expect(pot.map { $0["reason"] as? String } == ["own_account", "room_cap"])
            #expect(pot.map { $0["seconds"] as? Int } == [3_600, 600])
            let microseconds = 3_600 * 1_000_000
            #expect(pot.first?["digest"] as? String == SHA256Digest(of: "\n\(world.own) \(microseconds)").hex)
            #expect(try await rows("spark").map { $0["reason"] as? String } == ["own_account"])
            let other = try await api.host("Bea")
            #expect(try await rows("pot", key: other.key).isEmpty)
            #expect(try await rows("pot", key: world.host.key).count == 2)
            #expect(
                try await api.get("/v1/funds/pot/exclusions/2026-3", key: House.financeKey).code
                    == "parameter_malformed")
            _ = try await world.close(api)
            let closed = try await api.get("/v1/funds/pot/exclusions/2026-03", key: House.financeKey)
            #expect(closed.json["closed"] as? Bool == true)
            // What is said behind the closing day changes nothing of it; of an open month it would.
            let out = try await api.post(
                "/v1/rooms/\(world.room)/fund-exclusion", #"{"reason":"Late"}"#, key: House.financeKey, once: "late")
            #expect(out.status == 201)
            #expect(try await api.get("/v1/funds/pot/exclusions/2026-03", key: House.financeKey).bytes == closed.bytes)
            // And progress of a month that has closed says what it gave.
            let progress = try await api.get("/v1/funds/spark/progress/\(world.host.id)", key: world.host.key)
            let months = try #require(progress.json["months"] as? [[String: any Sendable]])
            #expect((months.first?["earned"] as? [String: any Sendable])?["amount"] as? Int == 1_250)
            let weeks = try #require(months.first?["weeks"] as? [[String: any Sendable]])
            #expect(weeks.map { $0["state"] as? String } == ["met", "missed", "missed", "missed"])
        }
    }

    @Test func `a room that is excluded, and a fund with too few listeners, are listed`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            let terms = #"{"name":"few","kind":"pot","currency":"EUR","amount":100,"min_unique_listeners":5}"#
            #expect(try await api.post("/v1/funds", terms, key: House.financeKey, once: "few").status == 201)
            func reasons(_ fund: String) async throws -> [String] {
                let answer = try await api.get("/v1/funds/\(fund)/exclusions/2026-03?limit=10", key: House.financeKey)
                let rows = answer.json["exclusions"] as? [[String: any Sendable]] ?? []
                return rows.compactMap { $0["reason"] as? String }
            }
            try house.time.set("2026-03-02T21:00:01Z")
            #expect(try await reasons("few") == ["few_listeners", "own_account"])
            _ = try await api.post(
                "/v1/rooms/\(world.room)/fund-exclusion", #"{"reason":"Bought"}"#, key: House.financeKey, once: "x")
            try house.time.set("2026-03-02T22:00:00Z")
            #expect(try await reasons("few") == ["excluded"])
            #expect(try await reasons("spark") == ["excluded"])
            let progress = try await api.get("/v1/funds/spark/progress/\(world.host.id)", key: world.host.key)
            let months = try #require(progress.json["months"] as? [[String: any Sendable]])
            let weeks = try #require(months.first?["weeks"] as? [[String: any Sendable]])
            #expect(weeks.map { $0["state"] as? String } == ["not_yet", "not_yet", "not_yet", "not_yet"])
            let room = try #require((weeks.first?["rooms"] as? [[String: any Sendable]])?.first)
            #expect(room["reason"] as? String == "excluded" && room["counts"] as? Bool == false)
        }
    }

    /// What is changed behind the ledger's back, and the check that must find it. On SQLite, whose triggers can be taken
    /// away in one statement.
    private static let damages: [(check: String, sql: [StaticString])] = [
        ("adjustments", ["DROP TRIGGER adjustments_stay", "UPDATE adjustments SET source = 'dispute_fee'"]),
        ("adjustments", ["DROP TRIGGER adjustments_last", "DELETE FROM adjustments"]),
        (
            "adjustments",
            [
                "DROP TRIGGER outbox_stay",
                "UPDATE outbox SET body = replace(body, '-700', '-70') WHERE kind = 'host.adjusted'",
            ]
        ),
        ("funds", ["DROP TRIGGER fund_months_stay", "UPDATE fund_months SET given = given - 1"]),
        ("funds", ["DROP TRIGGER fund_results_last", "DELETE FROM fund_results"]),
        ("funds", ["DROP TRIGGER outbox_last", "DELETE FROM outbox WHERE kind = 'fund.credited'"]),
        ("listening", ["DROP TRIGGER listening_stay", "UPDATE listening SET source = source || '9'"]),
        ("listening", ["DROP TRIGGER receipts_stay", "UPDATE receipts SET kind = 'entered' WHERE kind = 'left'"]),
    ]

    @Test(arguments: 0..<8)
    func `planted damage is found`(number: Int) async throws {
        let (check, statements) = Self.damages[number]
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let world = try await FundWorld(api, in: house)
            _ = try await world.close(api)
            try await house.service.database.write { transaction in
                for statement in statements { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains(check), "\(statements): \(found)")
        }
    }
}
