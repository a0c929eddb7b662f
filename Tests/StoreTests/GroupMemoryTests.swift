import BoxOffice
import Engines
import Ledger
import Simulation
import Store
import Testing
import Values

private struct No: Error {}

/// What the commands of a group share must never be more than what is stored.
@Suite struct GroupMemoryTests {
    private static let now = Instant(seconds: 1_772_000_000)
    private static let holder = HolderID.derived(at: now, from: "holder")

    private static func entry(_ number: Int, cents: Int64 = 500) throws -> JournalEntry {
        let stamp = EntryStamp(
            id: .derived(at: now, from: "entry \(number)"), postedAt: now,
            effectiveOn: try #require(LocalDay("2026-02-25")))
        return try #require(
            JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: holder, Money(cents, .eur))))
    }

    @Test(arguments: Engine.allCases)
    func `commands that fail after they wrote leave a chain without gaps to their neighbours`(on engine: Engine)
        async throws
    {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        let stored = await withTaskGroup(of: Bool.self) { group in
            for n in 1...200 {
                group.addTask {
                    do {
                        try await database.write { transaction in
                            try transaction.append(try Self.entry(n))
                            try transaction.appendFeed(kind: "room", at: Self.now) { "\($0)" }
                            if n.isMultiple(of: 3) { throw No() }
                        }
                        return true
                    } catch { return false }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(stored == 134)
        let (entries, head, feed) = try await database.read { transaction in
            (
                try transaction.entries(after: 0, through: .max, limit: 1_000), try transaction.journalHead(),
                try transaction.feed(after: 0, limit: 1_000)
            )
        }
        #expect(try verifyChain(entries) == head.chain)
        #expect(head.chain.sequence == 134)
        #expect(feed.map(\.sequence) == Array(1...134))
        #expect(head.feed == 134)
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `an account that a failed command made is made again by the next`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        await #expect(throws: No.self) {
            try await database.write { transaction in
                try transaction.append(try Self.entry(1))
                throw No()
            }
        }
        try await database.write { try $0.append(try Self.entry(2)) }
        let amount = try await database.read { try $0.amount(in: .wallet(Self.holder), .eur) }
        #expect(amount == Money(500, .eur))
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `marks change no balance, now or at an earlier entry`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        var generator = SeededGenerator(seed: 7)
        let amounts = (1...700).map { _ in Int64.random(in: 1...9_999, using: &generator) }
        for group in 0..<7 {
            let held = try await database.write { transaction in
                for n in group * 100..<(group + 1) * 100 {
                    try transaction.append(try Self.entry(n, cents: amounts[n]))
                }
                return try transaction.amount(in: .wallet(Self.holder), .eur)
            }
            #expect(held == Money(amounts.prefix((group + 1) * 100).reduce(0, +), .eur), "seed \(generator.seed)")
        }
        let (marks, early) = try await database.read { transaction in
            (
                try transaction.rows("SELECT seq FROM balance_marks WHERE shard = '0' ORDER BY seq") {
                    row throws(StoreFault) in try row.int(0)
                },
                try [1, 199, 200, 201, 555, 700].map {
                    -(try transaction.balance(of: .wallet(Self.holder), in: .eur, through: Int64($0))).minorUnits
                }
            )
        }
        #expect(marks == [200, 400, 600])
        #expect(early == [1, 199, 200, 201, 555, 700].map { amounts.prefix($0).reduce(0, +) })
        await database.close()
    }
}
