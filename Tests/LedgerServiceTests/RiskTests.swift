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

/// Nights of the days after one room with two tickets of 5.00, of which the host has 8.08 under a class with a tenth in
/// reserve for thirty days.
private struct RiskWorld {
    let house: House
    let host: (id: String, key: String)
    let tickets: [String]

    init(_ api: API, in house: House, class name: String = "new") async throws {
        self.house = house
        host = try await api.host()
        let room = try await api.room(host.key)
        if !name.isEmpty {
            let set = try await Self.set(host.id, name, "First room", api, once: "first")
            #expect(set.status == 201 && set.text("from") == "2026-03-02", "\(set.json)")
        }
        var tickets: [String] = []
        for _ in 0..<2 { tickets.append(try await api.buy(room, key: try await api.wallet(500).key).text("ticket")) }
        self.tickets = tickets
        try house.time.set("2026-03-02T19:00:00Z")
        #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).status == 200)
        #expect(try await api.post("/v1/rooms/\(room)/close", key: host.key).status == 200)
    }

    static func set(
        _ host: String, _ name: String, _ reason: String, _ api: API, once: String, key: String = House.financeKey
    ) async throws -> API.Answer {
        try await api.post(
            "/v1/hosts/\(host)/risk", #"{"class":"\#(name)","reason":"\#(reason)"}"#, key: key, once: once)
    }

    /// Runs the night of a day on the morning after it.
    func night(_ day: String, _ api: API) async throws -> String {
        let next = try #require(LocalDay(day)).advanced(byDays: 1)
        try house.time.set("\(next)T12:00:00Z")
        let answer = try await api.post("/v1/nights", #"{"day":"\#(day)"}"#, key: House.financeKey)
        #expect(answer.text("state") == "done", "\(answer.json)")
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    func reserves(_ api: API) async throws -> API.Answer {
        try await api.get("/v1/hosts/\(host.id)/risk", key: host.key)
    }

    func balance(_ account: String) async throws -> Int64? {
        let text = "liabilities:\(account):\(host.id)"
        return try await house.service.database.read { transaction in
            try transaction.balances(through: .max).first { $0.account.text == text }.map { -$0.amount.minorUnits }
        }
    }

    func audit() async throws -> [String] {
        let audit = try await house.service.audit(by: .auditor)
        return audit.lines.flatMap { line in line.findings.map { "\(line.check): \($0.key) \($0.problem)" } }
    }
}

@Suite struct RiskTests {
    @Test func `a class holds longer, keeps a part in reserve, and the host gets it on its day`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await RiskWorld(api, in: house)
            let first = try await world.night("2026-03-02", api)
            #expect(first.contains(#""payouts":[]"#) && first.contains(#""nextOn":"2026-03-09""#), "\(first)")
            // Nothing is in reserve of what is not available yet.
            #expect(try await world.reserves(api).json["held"] as? [String] ?? [] == [])
            let paid = try await world.night("2026-03-09", api)
            // A tenth of 8.08 is 0.81.
            #expect(paid.contains(#""gross":{"amount":727,"currency":"EUR"}"#), "\(paid)")
            #expect(try await world.balance("reserve") == 81)
            #expect(try await world.balance("host") == 0)
            let reserves = String(decoding: try await world.reserves(api).bytes, as: UTF8.self)
            #expect(
                reserves.contains(
                    #""reserves":[{"heldOn":"2026-03-09","left":{"amount":81,"currency":"EUR"},"until":"2026-04-08"}]"#),
                "\(reserves)")
            let why = try await api.get("/v1/hosts/\(world.host.id)/payout-reasons", key: world.host.key)
            let row = try #require((why.json["rows"] as? [[String: any Sendable]])?.first)
            #expect((row["reserved"] as? [String: any Sendable])?["amount"] as? Int == 81)
            #expect(row["reservedUntil"] as? String == "2026-04-08")
            let words = row["words"] as? String ?? ""
            #expect(words.contains("2026-04-08"), "\(row)")
            let statement = try await api.get(
                "/v1/reports/statement-\(world.host.id).json?day=2026-03-09", key: House.financeKey)
            #expect(
                String(decoding: statement.bytes, as: UTF8.self).contains("reserve held: until 2026-04-08"),
                "\(statement.json)")
            let back = try await world.night("2026-04-08", api)
            #expect(back.contains(#""gross":{"amount":81,"currency":"EUR"}"#), "\(back)")
            #expect(try await world.balance("reserve") == 0)
            let after = try await api.get(
                "/v1/reports/statement-\(world.host.id).json?day=2026-04-08", key: House.financeKey)
            #expect(String(decoding: after.bytes, as: UTF8.self).contains("reserve released: of 2026-04-08"))
            #expect(try await world.audit() == [])
        }
    }

    @Test func `what refunds take back is paid from the reserve first, and once`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await RiskWorld(api, in: house, class: "high")
            _ = try await world.night("2026-03-02", api)
            let paid = try await world.night("2026-04-01", api)
            // Half of 8.08 stays.
            #expect(paid.contains(#""gross":{"amount":404,"currency":"EUR"}"#), "\(paid)")
            let refund = try await api.post(
                "/v1/tickets/\(world.tickets[0])/refund", key: House.operatorKey, once: "refund")
            #expect(refund.status == 201, "\(refund.json)")
            let night = try await world.night("2026-04-02", api)
            // 4.04 was taken back, and all of the reserve pays for it: nothing is negative, nothing left.
            #expect(!night.contains("negative"), "\(night)")
            #expect(try await world.balance("reserve") == 0)
            #expect(try await world.balance("host") == 0)
            // On the day on which it would have ended nothing happens.
            let last = try await world.night("2026-09-28", api)
            #expect(last.contains(#""payouts":[]"#), "\(last)")
            #expect(try await world.night("2026-09-28", api) == last)
            #expect(try await world.audit() == [])
        }
    }

    @Test func `a class is a fact from the first night that has not begun, and said once`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await RiskWorld(api, in: house, class: "")
            let night = try await world.night("2026-03-02", api)
            #expect(night.contains(#""gross":{"amount":808,"currency":"EUR"}"#), "\(night)")
            let cut = try await api.post(
                "/v1/nights", #"{"day":"2026-03-03","cutNow":true}"#, key: House.financeKey)
            #expect(cut.status == 201)
            // The night of the running day has begun: it knows nothing of it.
            let set = try await RiskWorld.set(world.host.id, "elevated", "Disputes", api, once: "a")
            #expect(set.text("from") == "2026-03-04", "\(set.json)")
            let again = try await RiskWorld.set(world.host.id, "elevated", "Disputes", api, once: "a")
            #expect(again.bytes == set.bytes)
            let same = try await RiskWorld.set(world.host.id, "elevated/1", "Disputes", api, once: "b")
            #expect(same.bytes == set.bytes)
            let other = try await RiskWorld.set(world.host.id, "standard", "Disputes", api, once: "a")
            #expect(other.code == "idempotency_mismatch")
            #expect(try await RiskWorld.set(world.host.id, "standard", "All well", api, once: "c").status == 201)
            let listed = try await world.reserves(api)
            let names = (listed.json["classes"] as? [[String: any Sendable]])?.map { $0["class"] as? String }
            #expect(names == ["standard", "elevated"])
            let classes = try await api.get("/v1/risk-classes", key: world.host.key)
            #expect((classes.json["classes"] as? [Any])?.count == 4)
            #expect(try await world.audit() == [])
        }
    }

    @Test func `what breaks a rule is refused with its code`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let nobody = "host_01kdw94700ery824rf6qygy6c7"
            func code(_ host: String, _ name: String, _ reason: String, _ key: String = House.financeKey) async throws
                -> String
            { try await RiskWorld.set(host, name, reason, api, once: "x", key: key).code }
            #expect(try await code(host.id, "kind", "x") == "risk_class_unknown")
            #expect(try await code(host.id, "new", "") == "risk_reason")
            #expect(try await code(host.id, "new", String(repeating: "x", count: 201)) == "risk_reason")
            #expect(try await code(nobody, "new", "x") == "host_unknown")
            #expect(try await code(host.id, "new", "x", host.key) == "key_scope")
            #expect(try await api.get("/v1/hosts/\(nobody)/risk", key: House.financeKey).code == "host_unknown")
            #expect(try await api.get("/v1/hosts/\(nobody)/risk", key: host.key).code == "key_scope")
            #expect(try await api.get("/v1/hosts/\(host.id)/risk").code == "key_missing")
            #expect(try await api.get("/v1/risk-classes").code == "key_missing")
        }
    }

    /// What is changed behind the ledger's back, and the check that must find it. On SQLite, whose triggers can be taken
    /// away in one statement.
    private static let damages: [(check: String, sql: [StaticString])] = [
        ("risk", ["DROP TRIGGER risk_facts_stay", "UPDATE risk_facts SET class = 'standard'"]),
        ("risk", ["DROP TRIGGER outbox_last", "DELETE FROM outbox WHERE kind = 'host.risk'"]),
        ("risk", ["DROP TRIGGER outbox_stay", "UPDATE outbox SET subject = 'x' WHERE kind = 'host.risk'"]),
        ("reserves", ["DROP TRIGGER risk_facts_stay", "UPDATE risk_facts SET reserve_days = 29"]),
        (
            "reserve moves",
            ["DROP TRIGGER risk_facts_stay", "UPDATE risk_facts SET reserve_days = 0, reserve_bp = 0"]
        ),
        (
            "reserve moves",
            [
                "DROP TRIGGER reserve_moves_stay",
                "UPDATE reserve_moves SET amount = 80, after = 80, left_after = 80 WHERE kind = 'held'",
            ]
        ),
        (
            "reserve moves",
            [
                "DROP TRIGGER outbox_stay",
                "UPDATE outbox SET body = replace(body, '81', '18') WHERE kind = 'reserve.held'",
            ]
        ),
        (
            "reserve moves",
            ["DROP TRIGGER accruals_stay", "UPDATE accruals SET available_on = '2026-04-09' WHERE amount = 81"]
        ),
        // Another part than the class says: entries, accruals and events agree with each other, not with the class.
        ("reserves", ["DROP TRIGGER risk_facts_stay", "UPDATE risk_facts SET reserve_bp = 2000"]),
        ("open reserves", ["DELETE FROM open_reserves"]),
        ("owed", ["DELETE FROM owed WHERE amount > 0"]),
        ("open reserves", ["UPDATE open_reserves SET left_amount = 80"]),
        ("open reserves", ["UPDATE open_reserves SET until_day = '2026-04-09'"]),
    ]

    @Test(arguments: 0..<13)
    func `planted damage is found`(number: Int) async throws {
        let (check, statements) = Self.damages[number]
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let world = try await RiskWorld(api, in: house)
            _ = try await world.night("2026-03-02", api)
            _ = try await world.night("2026-03-09", api)
            #expect(try await world.audit() == [])
            try await house.service.database.write { transaction in
                for statement in statements { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains(check), "\(statements): \(found)")
            if ["open reserves", "owed"].contains(check) { try await house.mend() }
        }
    }
}

@Suite("A replay with risk classes")
struct RiskReplayTests {
    private struct Totals: Decodable {
        struct Balance: Decodable {
            let host: String
            let available, pending: Int64
        }
        struct Batch: Decodable {
            struct Item: Decodable {
                let host: String
                let gross: Int64
                let returned: Bool
            }
            let items: [Item]
        }
        let balances: [Balance]
        let batches: [Batch]

        /// What each host was paid for good, and has still to get.
        var sums: [String: Int64] {
            var sums: [String: Int64] = [:]
            for balance in balances { sums[balance.host, default: 0] += balance.available + balance.pending }
            for item in batches.flatMap(\.items) where !item.returned { sums[item.host, default: 0] += item.gross }
            return sums.filter { $0.value != 0 }
        }
    }

    /// The same facts, with classes of hosts set here and there.
    private func classed(_ facts: RandomFacts, seed: UInt64) throws -> [UInt8] {
        var numbers = SystemOf(seed: seed)
        var lines: [String] = []
        for event in facts.parsed {
            var events = [event]
            if numbers.next(8) == 0, let posted = event["posted_at"] {
                let reserve = [0, 1, 500, 3_333, 10_000][numbers.next(5)]
                events.insert(
                    [
                        "type": "host_risk", "id": "risk-\(lines.count)", "at": posted, "posted_at": posted,
                        "host": ["ana", "bea", "cyd", "zoé"][numbers.next(4)], "class": "random", "version": 1,
                        "extra_hold_days": numbers.next(12), "reserve_bp": reserve,
                        "reserve_days": reserve == 0 ? 0 : 1 + numbers.next(30), "reason": "random",
                    ], at: 0)
            }
            for var event in events {
                event["seq"] = lines.count + 1
                lines.append(String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self))
            }
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Small numbers that follow from a seed.
    private struct SystemOf {
        private var state: UInt64
        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
        mutating func next(_ below: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(below))
        }
    }

    @Test("pays every host the same in the end, later, and leaves sound books", arguments: UInt64(1)...10)
    func property(seed: UInt64) async throws {
        let bearer = seed.isMultiple(of: 2) ? "host" : "platform"
        let facts = try RandomFacts(seed: seed, count: 220, feeBearer: bearer)
        let config = try RandomFacts.config(feeBearer: bearer)
        let plain = try await Played(config: config, events: facts.bytes)
        let events = try classed(facts, seed: seed)
        let played = try await Played(config: config, events: events)
        #expect(played.problems == [], "seed \(seed)")
        func sums(_ played: Played) throws -> [String: Int64] {
            try JSONDecoder().decode(Totals.self, from: Data((played.files["result.json"] ?? "").utf8)).sums
        }
        #expect(try sums(played) == sums(plain), "seed \(seed)")
        let journal = JournalFile(played.files["journal.csv"] ?? "")
        #expect(journal.problems(balances: played.files["balances.csv"] ?? "") == [], "seed \(seed)")
        #expect((played.files["journal.csv"] ?? "").contains(",reserve,"), "seed \(seed): nothing was held back")
        if seed == 1 {
            #expect(try await Played(config: config, events: events).files == played.files)
        }
    }
}
