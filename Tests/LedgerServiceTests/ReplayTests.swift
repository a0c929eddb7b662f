import Engines
import Foundation
import Ledger
import Schemas
import Simulation
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// A replay on an empty ledger, with all that it writes.
struct Played {
    let summary: ReplaySummary
    let files: [String: String]
    /// What the books' own audit and a second opinion find wrong.
    let problems: [String]

    init(config: [UInt8], events: [UInt8], on engine: Engine = .chosen) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID().uuidString).ndjson")
        try Data(events).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        let replay = try Replay(try ReplayConfig(json: config), events: path.path, in: database)
        summary = try await replay.run { _ in }
        let files = Mutex<[String: String]>([:])
        try await replay.writeFiles(summary) { file, text in files.withLock { $0[file, default: ""] += text } }
        self.files = files.withLock { $0 }
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        problems = try await database.read { transaction in
            let report = try transaction.auditBooks(chart: chart)
            let findings = report.lines.flatMap { line in
                line.findings.map { "\(line.check): \($0.table) \($0.key) \($0.problem)" }
            }
            return findings + (try IndependentAuditor(reading: transaction)).problems
        }
        await database.close()
    }
}

/// The worked cases that stand beside the tests of the rules.
enum ReplayCases {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "PayoutsTests/Cases")
    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    static func bytes(_ name: String, _ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "\(name)/\(file)")))
    }
}

@Suite("A replay")
struct ReplayTests {
    @Test("finds all fourteen worked cases")
    func count() { #expect(ReplayCases.names.count == 14) }

    @Test("gives each worked case to the byte", arguments: Engine.allCases, ReplayCases.names)
    func workedCase(_ engine: Engine, _ name: String) async throws {
        let played = try await Played(
            config: ReplayCases.bytes(name, "config.json"), events: ReplayCases.bytes(name, "events.ndjson"), on: engine
        )
        #expect(
            played.files["result.json"] == String(decoding: try ReplayCases.bytes(name, "expected.json"), as: UTF8.self)
        )
        #expect(
            played.files["payouts.csv"] == String(decoding: try ReplayCases.bytes(name, "expected.csv"), as: UTF8.self))
        #expect(played.problems == [])
        #expect(Set(played.files.keys) == Set(Replay.files))
    }
}

@Suite("A replay of random facts")
struct ReplayPropertyTests {
    private struct Result: Decodable {
        struct Balance: Decodable {
            let host: String
            let available, pending: Int64
            let blocked: Bool
            let tier_used: [Int64]
        }
        struct Batch: Decodable {
            struct Item: Decodable {
                let host: String
                let gross, withheld, net: Int64
                let returned: Bool
            }
            let day: String
            let items: [Item]
        }
        struct Order: Decodable {
            let order: String
            let reversed, tier_reversed: Int64
            let released: Bool
            let shares: [String: Int64]
            let parts: [Int64]
        }
        struct Note: Decodable {
            let id, reason: String
        }
        struct Stipend: Decodable {
            let program, month, host: String
            let amount: Int64
            let weeks, weeks_enrolled, weeks_met: Int
        }
        struct Pool: Decodable {
            struct Host: Decodable {
                let host: String
                let minutes: Int64
                let listeners: Int
                let amount: Int64
            }
            let month: String
            let pool, unallocated: Int64
            let hosts: [Host]
        }
        let balances: [Balance]
        let batches: [Batch]
        let orders: [Order]
        let rejected: [Note]
        let stipends: [Stipend]
        let pools: [Pool]
        let duplicates: Int
    }

    private func played(_ facts: RandomFacts, bearer: String) async throws -> Played {
        try await Played(config: RandomFacts.config(feeBearer: bearer), events: facts.bytes)
    }

    @Test("pays what the rules say, and leaves books that two auditors find sound", arguments: UInt64(1)...12)
    func model(seed: UInt64) async throws {
        let bearer = seed.isMultiple(of: 2) ? "host" : "platform"
        let facts = try RandomFacts(seed: seed, count: 220, feeBearer: bearer)
        var config = RandomFacts.config
        config["dispute_fee_bearer"] = bearer
        let model = try RulesModel(config: config, events: facts.parsed)
        let played = try await played(facts, bearer: bearer)
        let result = try JSONDecoder().decode(Result.self, from: Data((played.files["result.json"] ?? "").utf8))
        #expect(played.problems == [], "seed \(seed)")
        #expect(result.rejected.map { "\($0.id) \($0.reason)" } == model.rejected, "seed \(seed)")
        #expect(result.duplicates == model.duplicates, "seed \(seed)")
        #expect(
            result.batches.flatMap { batch in
                batch.items.map {
                    RulesModel.Payout(
                        day: batch.day, host: $0.host, gross: $0.gross, withheld: $0.withheld, returned: $0.returned)
                }
            } == model.payouts, "seed \(seed)")
        for order in model.orders {
            let mine = try #require(result.orders.first { $0.order == order.name })
            #expect(mine.parts == order.parts, "seed \(seed) \(order.name)")
            #expect(
                mine.shares == Dictionary(uniqueKeysWithValues: order.shares.map { ($0.host, $0.amount) }),
                "seed \(seed)")
            #expect(
                (mine.reversed, mine.tier_reversed, mine.released) == (
                    order.reversed, order.tierReversed, order.released
                ),
                "seed \(seed) \(order.name)")
        }
        #expect(result.orders.map(\.order) == model.orders.map(\.name), "seed \(seed)")
        for balance in result.balances {
            #expect(balance.available == model.available[balance.host] ?? 0, "seed \(seed) \(balance.host)")
            #expect(balance.pending == model.pending(balance.host), "seed \(seed) \(balance.host)")
            #expect(balance.blocked == model.blocked.contains(balance.host), "seed \(seed) \(balance.host)")
            #expect(balance.tier_used == model.used[balance.host] ?? [], "seed \(seed) \(balance.host)")
        }
        #expect(
            result.stipends.map {
                "\($0.program) \($0.month) \($0.host) \($0.amount) \($0.weeks) \($0.weeks_enrolled) \($0.weeks_met)"
            } == model.stipends, "seed \(seed)")
        #expect(
            result.pools.flatMap { pool in
                pool.hosts.map { "\(pool.month) \($0.host) \($0.minutes) \($0.listeners) \($0.amount)" }
            } == model.pools, "seed \(seed)")
        let journal = JournalFile(played.files["journal.csv"] ?? "")
        #expect(journal.problems(balances: played.files["balances.csv"] ?? "") == [], "seed \(seed)")
    }

    @Test("gives the same bytes the second time")
    func twice() async throws {
        let facts = try RandomFacts(seed: 77, count: 120, feeBearer: "host")
        let first = try await played(facts, bearer: "host")
        let second = try await played(facts, bearer: "host")
        #expect(first.files == second.files)
        #expect(first.summary == second.summary)
    }

    @Test("duplicates change nothing but their count")
    func duplicates() async throws {
        let facts = try RandomFacts(seed: 78, count: 120, feeBearer: "platform")
        var doubled: [[String: Any]] = []
        for event in facts.parsed {
            doubled.append(event)
            doubled.append(event)
        }
        let lines = try doubled.enumerated().map { index, event in
            var event = event
            event["seq"] = index + 1
            return String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
        }
        let once = try await played(facts, bearer: "platform")
        let twice = try await Played(
            config: RandomFacts.config(feeBearer: "platform"), events: Array(lines.joined(separator: "\n").utf8))
        #expect(once.files["payouts.csv"] == twice.files["payouts.csv"])
        #expect(twice.problems == [])
        #expect(
            once.summary.duplicates * 2 + facts.lines.count - once.summary.duplicates
                >= twice.summary.duplicates)
    }

    @Test("facts of one moment that do not meet may come in any order")
    func permuted() async throws {
        var events: [[String: Any]] = []
        for index in 0..<6 {
            events.append([
                "type": "room", "room": "r\(index)", "host": "h\(index)", "starts_at": "2026-03-02T10:00:00Z",
                "ends_at": "2026-03-02T11:00:00Z",
            ])
        }
        func list(_ order: [Int]) throws -> [UInt8] {
            var lines: [String] = []
            func add(_ event: [String: Any], id: String, at time: String) throws {
                var event = event
                event["seq"] = lines.count + 1
                event["id"] = id
                event["at"] = time
                lines.append(String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self))
            }
            for index in order { try add(events[index], id: "r\(index)", at: "2026-03-01T10:00:00Z") }
            for index in order {
                try add(
                    [
                        "type": "purchase", "order": "o\(index)", "room": "r\(index)", "buyer": "b", "currency": "EUR",
                        "gross": 1_000 + index, "vat": 0, "fee": 0,
                    ], id: "o\(index)", at: "2026-03-01T12:00:00Z")
            }
            for index in order {
                try add(
                    ["type": "refund", "order": "o\(index)", "amount": 10 * index + 1], id: "x\(index)",
                    at: "2026-03-08T12:00:00Z")
            }
            return Array(lines.joined(separator: "\n").utf8)
        }
        let config = try RandomFacts.config(feeBearer: "platform")
        let first = try await Played(config: config, events: list([0, 1, 2, 3, 4, 5]))
        let other = try await Played(config: config, events: list([5, 2, 0, 4, 1, 3]))
        #expect(first.files["payouts.csv"] == other.files["payouts.csv"])
        #expect(first.files["balances.csv"] == other.files["balances.csv"])
        #expect(!(first.files["payouts.csv"] ?? "").isEmpty)
    }
}

@Suite("A list that can't be played")
struct ReplayRefusalTests {
    private func refusal(_ events: String, config: String? = nil) async throws -> ReplayRefusal? {
        let config = try config.map { Array($0.utf8) } ?? RandomFacts.config(feeBearer: "platform")
        do {
            _ = try await Played(config: config, events: Array(events.utf8))
            return nil
        } catch let refusal as ReplayRefusal { return refusal }
    }

    @Test("damage is named by its line")
    func damage() async throws {
        let good = #"{"seq":1,"id":"a","type":"x","at":"2026-03-01T10:00:00Z"}"#
        #expect(try await refusal(good) == nil)
        #expect(try await refusal("\(good)\n\n{") == .line(number: 3, reason: "not a JSON object"))
        #expect(try await refusal("[]") == .line(number: 1, reason: "not a JSON object"))
        #expect(
            try await refusal(#"{"seq":"1","id":"a","type":"x","at":"2026-03-01T10:00:00Z"}"#)
                == .line(number: 1, reason: "seq is not an integer"))
        #expect(
            try await refusal(#"{"seq":1,"id":"","type":"x","at":"2026-03-01T10:00:00Z"}"#)
                == .line(number: 1, reason: "id is not a text of 1 to 200 bytes"))
        #expect(
            try await refusal(#"{"seq":1,"id":"a","at":"2026-03-01T10:00:00Z"}"#)
                == .line(number: 1, reason: "type is not a text"))
        #expect(
            try await refusal(#"{"seq":1,"id":"a","type":"x","at":"yesterday"}"#)
                == .line(number: 1, reason: "neither posted_at nor at is a time"))
        #expect(
            try await refusal("\(good)\n\(good)") == .order(number: 2, field: "seq"))
        #expect(
            try await refusal("\(good)\n" + #"{"seq":2,"id":"b","type":"x","at":"2026-02-01T10:00:00Z"}"#)
                == .order(number: 2, field: "posted_at"))
    }

    @Test(
        "a configuration that breaks a rule is refused",
        arguments: [
            "", "[]", #"{"first_day":"2026-01-01"}"#,
            #"{"time_zone":"Mars/Base","first_day":"2026-01-01","last_day":"2026-01-02","hold_days":0,"tiers":{}}"#,
            #"{"time_zone":"UTC","first_day":"2026-01-02","last_day":"2026-01-01","hold_days":0,"tiers":{}}"#,
            #"{"time_zone":"UTC","first_day":"2026-01-01","last_day":"2026-01-02","hold_days":0,"tiers":{"EUR":[{"up_to":5,"bp":1}]}}"#,
            #"{"time_zone":"UTC","first_day":"2026-01-01","last_day":"2026-01-02","hold_days":0,"tiers":{},"withholding_bp":{"a":10001}}"#,
            #"{"time_zone":"UTC","first_day":"2026-01-01","last_day":"2026-01-02","hold_days":0,"tiers":{},"pools":[{"month":"2026-13","currency":"EUR","amount":1}]}"#,
        ])
    func config(_ text: String) {
        #expect(throws: ReplayRefusal.self) { try ReplayConfig(json: Array(text.utf8)) }
    }

    @Test("there is no policy of that name")
    func policy() throws {
        let config = try RandomFacts.config(feeBearer: "platform")
        #expect(throws: ReplayRefusal.config(reason: "there is no policy nobody")) {
            try ReplayConfig(json: config, under: "nobody")
        }
        // What it says nothing of would be paid as 0.
        #expect(throws: ReplayRefusal.config(reason: "the policy twitter-announced-2021 has no brackets for EUR")) {
            try ReplayConfig(json: config, under: "twitter-announced-2021")
        }
    }

    @Test("a ledger with books is refused")
    func notEmpty() async throws {
        let fresh = try await FreshDatabase(.chosen)
        let database = try fresh.ledger()
        try await database.write {
            try $0.insertHost(.derived(at: Instant(seconds: 0), from: "x"), name: "x", at: Instant(seconds: 0))
        }
        let config = try ReplayConfig(json: RandomFacts.config(feeBearer: "platform"))
        let path = ReplayCases.folder.appending(path: "14-hold/events.ndjson").path
        await #expect(throws: ReplayRefusal.notEmpty) {
            try await Replay(config, events: path, in: database).run { _ in }
        }
        await database.close()
        #expect(throws: ReplayRefusal.unreadable(path: "/nowhere")) {
            try Replay(config, events: "/nowhere", in: database)
        }
    }
}
