import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Simulation
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// Providers' own statements against the books, with a provider that does everything wrong.
@Suite struct StatementTests {
    let payments = PaymentTests()

    func read(_ house: House) async throws -> ProviderStatementView {
        try await house.desk.readStatement(of: .sandbox, key: nil, by: .operator)
    }

    func problems(_ api: API) async throws -> [String] {
        let answer = try await api.get("/v1/provider-differences", key: House.financeKey)
        #expect(answer.status == 200, "\(answer.json)")
        return (answer.json["differences"] as? [[String: any Sendable]] ?? []).map {
            "\($0["problem"] as? String ?? "") \($0["line"] as? String ?? $0["fact"] as? String ?? "")"
        }
    }

    func line(
        _ name: String, _ kind: ProviderMovementKind, of source: String, _ amount: Int64, fee: Int64 = 0, _ house: House
    ) throws -> ProviderMovement {
        try #require(
            ProviderMovement(
                name: name, kind: kind, category: kind.rawValue, source: source, related: "",
                amount: Money(amount, .eur), fee: Money(fee, .eur), net: Money(amount - fee, .eur),
                createdAt: house.time.clock.now(), availableAt: house.time.clock.now()))
    }

    /// Tickets of one room, bought and paid through the sandbox.
    func paid(_ house: House, _ api: API, count: Int = 1) async throws -> PaymentTests.Stage {
        let stage = try await payments.stage(api, count: count)
        try await payments.play("pay", stage, api)
        try await payments.settle(house)
        return stage
    }

    /// What the sandbox says that our balance there is.
    func stated(_ house: House) -> Int64 {
        house.sandbox.memory.withLock { $0.lines.reduce(0) { $0 + $1.net.minorUnits } }
    }

    @Test func `a payment, its refund and a dispute are stated line by line, and the balances are the same`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, count: 2)
            try await payments.play("pay_twice", stage, api)
            try await payments.settle(house)
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            let ticket = (hold.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String ?? ""
            #expect(
                try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "r").status == 201)
            #expect(
                try await api.post("/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "b").status
                    == 201)
            try await payments.settle(house)
            try await payments.play("refunds_fail", stage, api)
            try await payments.settle(house)
            // The end is heard of before the beginning: nothing moves here, and the provider states a pair of lines.
            try await payments.play("dispute", stage, api)
            try await payments.play("dispute_won", stage, api)
            try await payments.settle(house)
            let first = try await api.post(
                "/v1/provider-statements", #"{"provider":"sandbox"}"#, key: House.financeKey, once: "night")
            #expect(first.status == 201 && first.int("lines") == 5, "\(first.json)")
            let open = try await problems(api)
            #expect(open == [])
            #expect(try await payments.balance(.provider, house) == stated(house))
            // The same command, and another reading of the same lines, change nothing.
            let again = try await api.post(
                "/v1/provider-statements", #"{"provider":"sandbox"}"#, key: House.financeKey, once: "night")
            #expect(again.bytes == first.bytes)
            house.time.advance(bySeconds: 60)
            #expect(try await read(house).lines == 0)
            #expect(try await payments.balance(.provider, house) == stated(house))
            let list = try await api.get("/v1/provider-statements/sandbox?limit=1", key: House.financeKey)
            #expect((list.json["statements"] as? [Any])?.count == 1 && list.json["next"] != nil)
            try await payments.isClean(house)
        }
    }

    @Test func `a line that is faster than its event waits, and its fee is booked once`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            house.time.advance(bySeconds: 5)
            // Taken in, and not read yet.
            try await payments.play("pay", stage, api)
            house.time.advance(bySeconds: 5)
            _ = try await read(house)
            #expect(try await problems(api) == ["unknown movement_\(stage.checkout)"])
            #expect(try await payments.balance(.provider, house) == 0)
            // The owed call for the fee fails for hours: the statement is what books it.
            _ = try await house.desk.readEvents()
            house.time.advance(bySeconds: 5)
            _ = try await read(house)
            #expect(try await problems(api) == [])
            #expect(try await payments.balance(.provider, house) == 500 - 32)
            try await payments.settle(house)
            #expect(try await payments.balance(.provider, house) == 500 - 32)
            try await payments.isClean(house)
        }
    }

    @Test func `what was stated wrongly, twice, or of nothing here is listed with its reason`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await paid(house, api)
            let service = house.service
            let bill = try line("txn_bill", .fee, of: "", -250, house)
            let lines = try [
                line("txn_a", .charge, of: stage.checkout, 499, fee: 32, house),
                line("txn_b", .charge, of: "of_nobody", 700, house), bill,
                line("txn_c", .other, of: "", -90, house),
            ]
            #expect(try await service.take(lines, from: .sandbox) == 4)
            #expect(try await service.take(lines, from: .sandbox) == 0)
            _ = try await read(house)
            let doubled = try line("txn_d", .charge, of: stage.checkout, 500, fee: 32, house)
            #expect(try await service.take([doubled], from: .sandbox) == 1)
            #expect(
                Set(try await problems(api)) == [
                    "twice txn_a", "unknown txn_b", "kind txn_c", "twice txn_d",
                ])
            // The provider's own bill is booked as what it is.
            #expect(try await payments.balance(.provider, house) == 500 - 32 - 250)
            func end(_ body: String, _ once: String) async throws -> API.Answer {
                try await api.post("/v1/provider-differences/resolutions", body, key: House.financeKey, once: once)
            }
            func say(_ line: String, _ resolution: String, _ reason: String = "found out") -> String {
                #"{"provider":"sandbox","line":"\#(line)","resolution":"\#(resolution)","reason":"\#(reason)"}"#
            }
            let fee = try await end(say("txn_c", "fee"), "c")
            #expect(fee.status == 201 && fee.json["booked"] != nil, "\(fee.json)")
            #expect(try await end(say("txn_c", "fee"), "c").bytes == fee.bytes)
            #expect(try await payments.balance(.provider, house) == 500 - 32 - 250 - 90)
            #expect(try await end(say("txn_b", "explained"), "b").status == 201)
            for (body, code) in [
                (say("txn_b", "explained"), "statement_line_ended"), (say("none", "fee"), "statement_line_unknown"),
                (say("txn_a", "explained", ""), "statement_reason"), (say("txn_bill", "fee"), "statement_line_ended"),
                (
                    #"{"provider":"sandbox","fact":"payment","target":"x","resolution":"fee","reason":"y"}"#,
                    "statement_line_unknown"
                ),
                (#"{"provider":"sandbox","resolution":"fee","reason":"y"}"#, "body_wrong_type"),
            ] {
                #expect(try await end(body, "\(code)\(body.count)").code == code)
            }
            let none = try await api.post(
                "/v1/provider-statements", #"{"provider":"stripe"}"#, key: House.financeKey, once: "s")
            #expect(none.code == "statement_provider")
            #expect(Set(try await problems(api)) == ["twice txn_a", "twice txn_d"])
            let pages = try await api.get("/v1/provider-differences?limit=1", key: House.financeKey)
            let second = try await api.get(
                "/v1/provider-differences?limit=1&cursor=\(pages.text("next"))", key: House.financeKey)
            #expect((second.json["differences"] as? [Any])?.count == 1 && second.json["next"] == nil)
            try await payments.isClean(house)
        }
    }

    @Test func `a line that can't be read, or says something else than before, keeps no other from being read`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            _ = try await PayDay(house, api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let service = house.service
            _ = try await read(house)
            let broken = UnreadableLine(name: "txn_broken", why: "a time is none", of: Array("{}".utf8))
            let nameless = UnreadableLine(name: nil, why: "it has no id", of: Array("[]".utf8))
            let odd = try line("txn_odd", .other, of: "", 5, house)
            #expect(try await service.take([odd], [broken, nameless], from: .sandbox) == 3)
            // The same again is nothing new; another reading of a known line is one difference, and the next line is taken.
            let changed = try line("txn_odd", .other, of: "", 6, house)
            let next = try line("txn_next", .other, of: "", 7, house)
            #expect(try await service.take([changed, next], [broken], from: .sandbox) == 2)
            #expect(try await service.take([changed, next], [broken, nameless], from: .sandbox) == 0)
            #expect(
                Set(try await problems(api)) == [
                    "kind txn_odd", "kind txn_next", "unreadable txn_broken", "unreadable \(nameless.name)",
                    "conflict txn_odd",
                ])
            // Page by page it is the same list.
            var paged: [String] = []
            var cursor = ""
            repeat {
                let page = try await api.get("/v1/provider-differences?limit=1\(cursor)", key: House.financeKey)
                paged += (page.json["differences"] as? [[String: any Sendable]] ?? []).map {
                    "\($0["problem"] as? String ?? "") \($0["line"] as? String ?? "") \($0["detail"] as? String ?? "")"
                }
                cursor = page.text("next").isEmpty ? "" : "&cursor=\(page.text("next"))"
            } while !cursor.isEmpty && paged.count < 9
            #expect(paged.count == 5 && Set(paged).count == 5, "\(paged)")
            #expect(paged.contains { $0.contains("txn_broken a time is none") }, "\(paged)")
            #expect(try await inbox(api).0 == 0, "still young")
            house.time.advance(bySeconds: 25 * 3_600)
            #expect(try await inbox(api).0 == 5)
            func end(_ line: String, _ how: String, _ once: String) async throws -> API.Answer {
                try await api.post(
                    "/v1/provider-differences/resolutions",
                    #"{"provider":"sandbox","line":"\#(line)","resolution":"\#(how)","reason":"asked them"}"#,
                    key: House.financeKey, once: once)
            }
            #expect(try await end("txn_broken", "fee", "1").code == "statement_not_fee")
            #expect(try await end(nameless.name, "explained", "2").status == 201)
            #expect(try await end(nameless.name, "explained", "3").code == "statement_line_ended")
            // First the line itself, then what was said of it later.
            #expect(try await end("txn_odd", "explained", "4").status == 201)
            #expect(try await end("txn_odd", "explained", "5").status == 201)
            #expect(try await end("txn_next", "explained", "6").status == 201)
            // What could not be read is read after all.
            let mended = try line("txn_broken", .fee, of: "", -9, house)
            #expect(try await service.take([mended], from: .sandbox) == 1)
            #expect(try await problems(api) == [])
            #expect(try await inbox(api).0 == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `what is booked and in no statement for a day is missing until a line comes or somebody explains it`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            _ = try await paid(house, api)
            let late = house.sandbox.memory.withLock { memory in
                defer { memory.lines = [] }
                return memory.lines
            }
            _ = try await read(house)
            house.time.advance(bySeconds: 23 * 3_600)
            _ = try await read(house)
            #expect(try await problems(api) == [], "a provider has a day")
            house.time.advance(bySeconds: 2 * 3_600)
            _ = try await read(house)
            #expect(try await problems(api) == ["missing payment"])
            #expect(try await house.service.take(late, from: .sandbox) == 1)
            #expect(try await problems(api) == [])
            try await payments.isClean(house)
        }
    }

    @Test func `a fact that no statement has is explained by hand, once`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await paid(house, api)
            house.sandbox.memory.withLock { $0.lines = [] }
            _ = try await read(house)
            house.time.advance(bySeconds: 25 * 3_600)
            _ = try await read(house)
            func explain(_ resolution: String, _ once: String) async throws -> API.Answer {
                let body = """
                    {"provider":"sandbox","fact":"payment","target":"\(stage.charge)","resolution":"\(resolution)",\
                    "reason":"told by phone"}
                    """
                return try await api.post(
                    "/v1/provider-differences/resolutions", body, key: House.financeKey, once: once)
            }
            #expect(try await explain("fee", "1").code == "statement_not_fee")
            #expect(try await explain("explained", "2").status == 201)
            #expect(try await explain("explained", "3").code == "statement_line_ended")
            #expect(try await problems(api) == [])
            try await payments.isClean(house)
        }
    }

    @Test func `whoever runs a night waits for a statement as long as is said, and the rest is read the next time`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            _ = try await paid(house, api)
            house.time.advance(bySeconds: 5)
            let list = "/v1/provider-statements/sandbox"
            await house.desk.readStatements(within: .zero)
            #expect((try await api.get(list, key: House.financeKey).json["statements"] as? [Any])?.isEmpty == true)
            await house.desk.readStatements(within: .seconds(60))
            #expect((try await api.get(list, key: House.financeKey).json["statements"] as? [Any])?.isEmpty == false)
            #expect(try await payments.balance(.provider, house) == stated(house))
            try await payments.isClean(house)
        }
    }

    @Test func `a provider that fails is asked again, and what was read stays read`() async throws {
        let house = try await House()
        try await house.api { api in
            for _ in 1...2 {
                let stage = try await payments.stage(api, count: 1)
                try await payments.play("pay", stage, api)
                try await payments.settle(house)
                try await payments.play("dispute", stage, api)
                try await payments.settle(house)
            }
            house.sandbox.fail(.serverError)
            let failed = try await api.post(
                "/v1/provider-statements", #"{"provider":"sandbox"}"#, key: House.financeKey, once: "n")
            #expect(failed.code == "statement_unreachable" && failed.status == 503)
            // The second page never comes.
            house.sandbox.fail(.timeoutAfterSuccess)
            await #expect(throws: StatementRefusal.unreachable) { _ = try await read(house) }
            let good = try await api.post(
                "/v1/provider-statements", #"{"provider":"sandbox"}"#, key: House.financeKey, once: "n")
            #expect(good.status == 201, "\(good.json)")
            #expect(try await problems(api) == [])
            #expect(try await payments.balance(.provider, house) == stated(house))
            try await payments.isClean(house)
        }
    }

    /// How many findings the inbox gate has, and the first.
    @Test(arguments: 1...6) func `any order of payments, readings and faults ends in the same balance`(seed: Int)
        async throws
    {
        let house = try await House()
        try await house.api { api in
            var generator = SeededGenerator(seed: UInt64(seed))
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 40)
            var charges: [String] = []
            for number in 0..<40 {
                house.time.advance(bySeconds: Int64.random(in: 1...900, using: &generator))
                switch Int.random(in: 0..<6, using: &generator) {
                case 0 where house.time.clock.now() < (try #require(Instant("2026-03-02T17:00:00Z"))):
                    let wallet = try await api.wallet(0)
                    let made = try await api.post(
                        "/v1/checkouts",
                        #"{"provider":"sandbox","room":"\#(room)","count":1,"price":{"amount":500,"currency":"EUR"}}"#,
                        key: wallet.key, once: "checkout")
                    if made.status == 201 { charges.append(made.text("charge")) }
                case 1, 2:
                    guard let charge = charges.randomElement(using: &generator) else { continue }
                    let outcome = ["pay", "pay_twice", "pay_reordered", "dispute", "dispute_won", "refund_elsewhere"]
                        .randomElement(using: &generator)
                    // A dispute of money that never came is nobody's: paid first.
                    for outcome in ["pay"] + (outcome == "dispute_won" ? ["dispute"] : []) + [outcome ?? "pay"] {
                        _ = try await api.post(
                            "/v1/providers/sandbox/checkouts/sandbox_\(charge)", #"{"outcome":"\#(outcome)"}"#)
                    }
                case 3: _ = try? await read(house)
                case 4: house.sandbox.fail([.serverError, .timeoutAfterSuccess][number % 2])
                default: _ = try? await house.desk.turn()
                }
            }
            house.time.advance(bySeconds: 3_600)
            for _ in 0..<12 {
                try await payments.settle(house)
                house.time.advance(bySeconds: 900)
            }
            for _ in 0..<4 { _ = try? await read(house) }
            let open = try await problems(api)
            // Nothing was booked that was not stated. What was stated and never booked is on the list, each with its sum.
            #expect(
                !open.contains { $0.hasPrefix("missing") || $0.hasPrefix("twice") || $0.hasPrefix("amount") }, "\(seed)"
            )
            let left = try await house.service.database.read { transaction in
                try transaction.openMovements(after: (Instant(microseconds: .min), "", ""), limit: 1_000)
                    .reduce(0) { $0 + $1.line.net.minorUnits }
            }
            #expect(try await payments.balance(.provider, house) == stated(house) - left, "\(seed): \(open)")
            try await payments.isClean(house)
        }
    }

    private static let damages: [[StaticString]] = [
        ["DELETE FROM open_movements"],
        ["DROP TRIGGER provider_movement_ends_last", "DELETE FROM provider_movement_ends"],
        [
            "DROP TRIGGER provider_movements_stay",
            "UPDATE provider_movements SET amount = amount + 1, net = net + 1 WHERE kind = 'charge'",
        ],
        [
            "DROP TRIGGER provider_movements_stay",
            "UPDATE provider_movements SET fee = fee + 1, net = net - 1 WHERE kind = 'charge'",
        ],
        [
            "DROP TRIGGER provider_movements_stay",
            "UPDATE provider_movements SET amount = amount + 1, net = net + 1 WHERE kind = 'fee'",
        ],
        [
            "DROP TRIGGER provider_odd_lines_stay",
            "UPDATE provider_odd_lines SET problem = 'unreadable' WHERE movement = 'txn_odd'",
        ],
        ["DROP TRIGGER provider_gaps_stay", "UPDATE provider_gaps SET booked_us = booked_us + 1"],
        ["DROP TRIGGER provider_statements_stay", "UPDATE provider_statements SET head_seq = 9000 WHERE n = 1"],
    ]

    @Test(arguments: 0..<8) func `the audit finds what somebody changed`(number: Int) async throws {
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let stage = try await paid(house, api)
            _ = try await read(house)
            _ = try await house.service.take(
                [try line("txn_bill", .fee, of: "", -250, house), try line("txn_odd", .other, of: "", 5, house)],
                from: .sandbox)
            try await payments.play("dispute", stage, api)
            try await payments.settle(house)
            _ = try await house.service.take([try line("txn_odd", .other, of: "", 6, house)], from: .sandbox)
            house.sandbox.memory.withLock { $0.lines = [] }
            for _ in 1...2 {
                house.time.advance(bySeconds: 25 * 3_600)
                _ = try await read(house)
            }
            #expect(try await problems(api).contains("missing dispute"))
            let before = try await house.service.audit(by: .auditor)
            #expect(before.isClean, "\(before.lines.filter { !$0.findings.isEmpty })")
            try await house.service.database.write { transaction in
                for statement in Self.damages[number] { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains("statements"), "\(Self.damages[number]): \(found)")
            if number == 0 { try await house.mend() }
        }
    }
}
