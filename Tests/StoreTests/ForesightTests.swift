import BoxOffice
import Engines
import Foundation
import Ledger
import Simulation
import Store
import Testing
import Values

private struct No: Error {}

/// What is asked for a whole group before its first command must be what each of them would have found.
@Suite struct ForesightTests {
    private static let now = Instant(seconds: 1_772_000_000)
    private static let holders = (0..<5).map { HolderID.derived(at: now, from: "holder \($0)") }

    /// Spends from a wallet what is in it, once by its name.
    private struct Command: Sendable {
        let number: Int
        let holder: HolderID
        let name: String
        let amount: Money
        /// It gives up after it has written.
        let givesUp: Bool
        /// What it says it will ask: all, the wrong wallet, or nothing.
        let foresight: Foresight?
    }

    private static func entry(_ number: Int, _ kind: EntryKind, _ legs: [Leg]) throws -> JournalEntry {
        let stamp = EntryStamp(
            id: .derived(at: now, from: "entry \(number)"), postedAt: now,
            effectiveOn: try #require(LocalDay("2026-02-25")))
        return try #require(JournalEntry(stamp, kind: kind, legs: legs))
    }

    private static func carryOut(_ command: Command, in transaction: borrowing Transaction) throws -> String {
        if let stored = try transaction.storedOutcome(scope: "spend", key: command.name) { return stored.outcome }
        let wallet = try transaction.amount(in: .wallet(command.holder), .eur)
        guard command.amount.minorUnits <= wallet.minorUnits else { return "poor with \(wallet)" }
        let leg = try #require(Leg(debit: .wallet(command.holder), credit: .commission, amount: command.amount))
        try transaction.append(try entry(command.number, .sale, [leg]))
        try transaction.storeOutcome(
            "\(command.number)", scope: "spend", key: command.name, requestHash: SHA256Digest(of: command.name), at: now
        )
        if command.givesUp { throw No() }
        return "\(command.number) from \(wallet)"
    }

    private static func commands(givingUp: Bool = true, _ generator: inout SeededGenerator) -> [Command] {
        (1...120).map { number in
            let holder = holders.randomElement(using: &generator) ?? holders[0]
            let name = "\(Int.random(in: 0..<90, using: &generator))"
            let wallets = [(holder, Currency.eur), (holders[0], .eur), (holder, .usd), nil]
            let wallet = wallets.randomElement(using: &generator) ?? nil
            let foreseen = Foresight { transaction in
                _ = try? transaction.storedOutcome(scope: "spend", key: name)
                _ = try? transaction.journalHead()
                if let (owner, currency) = wallet { _ = try? transaction.amount(in: .wallet(owner), currency) }
            }
            return Command(
                number: number, holder: holder, name: name, amount: Money(Int64(number % 7 * 40 + 1), .eur),
                givesUp: Int.random(in: 0..<15, using: &generator) == 0 && givingUp,
                foresight: Int.random(in: 0..<4, using: &generator) == 0 ? nil : foreseen)
        }
    }

    private static func open(_ fresh: FreshDatabase) async throws -> Database {
        let database = try fresh.ledger()
        for (index, holder) in holders.enumerated() {
            try await database.write { transaction in
                try transaction.append(
                    try entry(1_000 + index, .topup, PostingRecipe.topup(of: holder, Money(1_500, .eur))))
            }
        }
        return database
    }

    /// What became of the commands that follow one another, together in groups as large as they come.
    private static func outcomes(_ commands: [Command], on database: Database) async throws -> [String] {
        // Nothing is taken from the queue while this one runs, so the others are one group.
        let gate = DispatchGroup()
        gate.enter()
        let first = Task { try await database.write { _ in gate.wait() } }
        let outcomes = await withTaskGroup(of: (Int, String).self) { group in
            for (index, command) in commands.enumerated() {
                group.addTask {
                    do {
                        return (
                            index,
                            try await database.write(foreseeing: command.foresight) { try carryOut(command, in: $0) }
                        )
                    } catch { return (index, error is No ? "gave up" : "\(error)") }
                }
            }
            try? await Task.sleep(for: .milliseconds(200))
            gate.leave()
            return await group.reduce(into: [String](repeating: "", count: commands.count)) { $0[$1.0] = $1.1 }
        }
        try await first.value
        return outcomes
    }

    /// The order in which tasks come is not theirs to choose, so that what is compared is what must hold in any order: no
    /// wallet below nothing, no name twice, and the books of those that were carried out. Odd seeds have commands that give
    /// up after they have written, so that their group runs again with savepoints.
    @Test(arguments: Engine.allCases, 0..<6 as Range<UInt64>)
    func `groups spend no money twice and carry nothing out twice`(on engine: Engine, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fresh = try await FreshDatabase(engine)
        let database = try await Self.open(fresh)
        let commands = Self.commands(givingUp: seed % 2 == 1, &generator)
        var outcomes = try await Self.outcomes(commands, on: database)
        // Once more: whatever has a name that was carried out says so again.
        let again = try await Self.outcomes(commands, on: database)
        var carriedOut: [String: Int] = [:]
        for (command, outcome) in zip(commands, outcomes) where outcome.hasPrefix("\(command.number) from") {
            #expect(
                carriedOut.updateValue(command.number, forKey: command.name) == nil, "seed \(seed): \(command.name)")
        }
        outcomes.removeAll { !$0.contains("poor") }
        for (command, outcome) in zip(commands, again) {
            guard let number = carriedOut[command.name] else { continue }
            #expect(outcome == "\(number)", "seed \(seed): \(command.name)")
        }
        #expect(carriedOut.count > 10 && !outcomes.isEmpty)
        let left = try await database.read { transaction in
            try Self.holders.map { try transaction.amount(in: .wallet($0), .eur).minorUnits }
        }
        #expect(left.allSatisfy { $0 >= 0 }, "seed \(seed): \(left)")
        let spentAgain = zip(commands, again).filter { $1.hasPrefix("\($0.number) from") && carriedOut[$0.name] == nil }
        let byNumber = Dictionary(uniqueKeysWithValues: commands.map { ($0.number, $0) })
        let spent = (carriedOut.values.compactMap { byNumber[$0] } + spentAgain.map(\.0)).reduce(into: [:]) {
            $0[$1.holder, default: 0] += $1.amount.minorUnits
        }
        #expect(left == Self.holders.map { 1_500 - spent[$0, default: 0] }, "seed \(seed)")
        await database.close()
    }

    /// One after the other each is a group of its own, and ends as it ends without foresight.
    @Test(arguments: Engine.allCases)
    func `a command ends as it ends without foresight`(on engine: Engine) async throws {
        var generator = SeededGenerator(seed: 11)
        let commands = Self.commands(&generator)
        var ends: [[String]] = []
        for isForeseen in [true, false] {
            let fresh = try await FreshDatabase(engine)
            let database = try await Self.open(fresh)
            var outcomes: [String] = []
            for command in commands {
                do {
                    let foresight = isForeseen ? command.foresight : nil
                    outcomes.append(
                        try await database.write(foreseeing: foresight) { try Self.carryOut(command, in: $0) })
                } catch { outcomes.append(error is No ? "gave up" : "\(error)") }
            }
            ends.append(outcomes)
            await database.close()
        }
        #expect(ends[0] == ends[1])
        #expect(ends[0].contains("gave up") && ends[0].contains { $0.hasPrefix("poor") })
    }

    private static let count: StaticString = "SELECT count(*) FROM wallets WHERE shard = $1"

    private static func count(in transaction: borrowing Transaction) throws(StoreFault) -> Int? {
        try transaction.row(count, "0") { row throws(StoreFault) in try row.int(0) }
    }

    private static let changes: [StaticString] = [
        "INSERT INTO wallets (shard, holder, created_us) VALUES ($1, $2, $3)",
        "INSERT INTO wallets (shard, holder, created_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        "INSERT INTO wallets (shard, holder, created_us) SELECT $1, $2, $3",
        "UPDATE wallets SET created_us = $3 WHERE shard = $1 AND holder = $2 AND created_us < 0",
        "DELETE FROM wallets WHERE shard = $1 AND holder = $2 AND created_us < $3 - 1",
        "WITH gone AS (SELECT 1) DELETE FROM wallets WHERE shard = $1 AND holder = $2 AND created_us < $3 - 1",
    ]

    /// Nobody writes past the head's row in life; a wallet that comes past it tells the kept answer from a new one.
    @Test(arguments: changes.indices, [false, true])
    func `an answer is kept until the group changes what was read`(change: Int, ensuring: Bool) async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.ledger()
        let foresight = Foresight { _ = try? Self.count(in: $0) }
        let counts = try await database.write(foreseeing: foresight) { transaction in
            try fresh.administer("INSERT INTO wallets (shard, holder, created_us) VALUES ('0', 'past', 0)")
            var counts = [try Self.count(in: transaction)]
            try transaction.append(
                try Self.entry(1, .topup, PostingRecipe.topup(of: Self.holders[0], Money(1_500, .eur))))
            counts.append(try Self.count(in: transaction))
            let sql = Self.changes[change]
            if ensuring {
                try transaction.ensure(sql, "0", Self.holders[0].text, 0)
            } else {
                try transaction.execute(sql, "0", Self.holders[0].text, 0)
            }
            counts.append(try Self.count(in: transaction))
            return counts
        }
        #expect(counts == [0, 0, change < 3 ? 2 : 1])
        await database.close()
    }

    @Test func `a question that fails harms nobody, and what is no question is not carried out`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.ledger()
        let foresights: [Foresight?] = [
            nil,
            Foresight { transaction in
                _ = try? transaction.row("SELECT 1 / CAST($1 AS BIGINT)", 0) { _ throws(StoreFault) in true }
            },
            Foresight { transaction in
                _ = try? transaction.execute(Self.changes[0], "0", "unasked", 0)
                _ = try? transaction.row(
                    "INSERT INTO wallets (shard, holder, created_us) VALUES ($1, $2, $3) RETURNING 1", "0", "unasked", 0
                ) { _ throws(StoreFault) in true }
            },
        ]
        let gate = DispatchGroup()
        gate.enter()
        let first = Task { try await database.write { _ in gate.wait() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, foresight) in (foresights + foresights).enumerated() {
                group.addTask {
                    _ = try await database.write(foreseeing: foresight) { transaction in
                        try transaction.execute(Self.changes[0], "0", Self.holders[0].text + "\(index)", 0)
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            gate.leave()
            try await group.waitForAll()
        }
        try await first.value
        #expect(try await database.read { try Self.count(in: $0) } == 6)
        await database.close()
    }
}
