import BoxOffice
import Engines
import Ledger
import Simulation
import Store
import Testing
import Values

/// What the tables refuse by themselves, whatever the code above them does.
@Suite struct LedgerSchemaTests {
    private static let now = Instant(seconds: 1_772_000_000)

    private func inLedger(on engine: Engine, _ body: (Database) async throws -> Void) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        try await body(database)
        await database.close()
    }

    private func entry(_ number: Int, at instant: Instant = now, cents: Int64 = 500) throws -> JournalEntry {
        let holder = HolderID.derived(at: Self.now, from: "holder")
        let stamp = EntryStamp(
            id: .derived(at: Self.now, from: "entry \(number)"), postedAt: instant,
            effectiveOn: try #require(LocalDay("2026-02-25")))
        return try #require(
            JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: holder, Money(cents, .eur))))
    }

    @Test(arguments: Engine.allCases)
    func `what is appended is read back, chained and added up`(on engine: Engine) async throws {
        try await inLedger(on: engine) { database in
            var generator = SeededGenerator(seed: 42)
            let entries = try (1...30).map { try entry($0, cents: Int64.random(in: 1...9_999, using: &generator)) }
            for entry in entries { try await database.write { try $0.append(entry) } }
            let (stored, balances, head) = try await database.read { transaction in
                (
                    try transaction.entries(after: 0, through: .max, limit: 100),
                    try transaction.balances(through: .max), try transaction.journalHead()
                )
            }
            #expect(stored.map(\.entry) == entries)
            #expect(try verifyChain(stored) == head.chain)
            #expect(balances == Balances(of: entries).rows, "seed \(generator.seed)")
            let early = try await database.read { try $0.balances(through: 10) }
            #expect(early == Balances(of: entries.prefix(10)).rows)
            #expect(try await database.read { try $0.lastSequence(before: Self.now) } == 0)
            #expect(try await database.read { try $0.lastSequence(before: Self.now.advanced(bySeconds: 1)) } == 30)
        }
    }

    /// SQL is a literal everywhere, in tests too.
    private static let wrongStatements: [StaticString] = [
        "UPDATE entries SET posted_us = 0", "DELETE FROM entries", "UPDATE legs SET amount = 1",
        "DELETE FROM legs",
        // A second entry behind the same hash would fork the chain; one behind a number that is not there leaves a gap;
        // one behind another hash than the last entry has is no chain.
        """
        INSERT INTO entries (shard, seq, entry, posted_us, effective_on, kind, is_reversal, prev_hash, hash)
        SELECT shard, 7, 'other', posted_us, effective_on, kind, 0, prev_hash, hash FROM entries
        """,
        """
        INSERT INTO entries (shard, seq, prev_seq, entry, posted_us, effective_on, kind, is_reversal, prev_hash, hash)
        SELECT shard, 7, 6, 'other', posted_us, effective_on, kind, 0, hash, prev_hash FROM entries
        """,
        """
        INSERT INTO entries (shard, seq, prev_seq, entry, posted_us, effective_on, kind, is_reversal, prev_hash, hash)
        SELECT shard, 2, 1, 'other', posted_us, effective_on, kind, 0, prev_hash, prev_hash FROM entries
        """,
        // An amount of nothing, a leg to itself, a currency that the account does not have.
        "INSERT INTO legs SELECT shard, seq, 2, debit, credit, currency, 0 FROM legs",
        "INSERT INTO legs SELECT shard, seq, 2, debit, debit, currency, 5 FROM legs",
        "INSERT INTO legs SELECT shard, seq, 2, debit, credit, 'JPY', 5 FROM legs",
        "INSERT INTO legs SELECT shard, 9, 2, debit, credit, currency, 5 FROM legs",
        // A receipt that leaves a gap, and one that is its own first.
        "INSERT INTO receipts VALUES ('0', 1, 'g', 2, 1, 'entered', '{}', 0)",
        "INSERT INTO receipts VALUES ('0', 1, 'g', 2, NULL, 'entered', '{}', 0)",
        // A payout line for an accrual that does not exist.
        "INSERT INTO payout_lines VALUES ('0', 'accrual', 'host', 'EUR', 5, 'batch')",
        "INSERT INTO api_keys VALUES ('0', 'short', 'key', 'operator', 'x', '', 'x', 0, NULL, NULL, NULL)",
    ]

    @Test(arguments: Engine.allCases, wrongStatements.indices)
    func `a statement that breaks the books is refused`(on engine: Engine, index: Int) async throws {
        try await inLedger(on: engine) { database in
            let first = try entry(1)
            let sql = Self.wrongStatements[index]
            try await database.write { try $0.append(first) }
            let fault = await #expect(throws: StoreFault.self) {
                try await database.write { try $0.execute(sql) }
            }
            #expect(fault?.isConstraint == true, "\(String(describing: fault))")
            let after = try await database.read { try $0.entries(after: 0, through: .max, limit: 10) }
            #expect(after.map(\.entry) == [first])
        }
    }

    @Test(arguments: Engine.allCases)
    func `an entry stands once, however often it is appended`(on engine: Engine) async throws {
        try await inLedger(on: engine) { database in
            let first = try entry(1)
            try await database.write { try $0.append(first) }
            await #expect(throws: StoreFault.self) { try await database.write { try $0.append(first) } }
            let head = try await database.read { try $0.journalHead() }
            #expect(head.chain.sequence == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `the feed counts without gaps beside the journal`(on engine: Engine) async throws {
        try await inLedger(on: engine) { database in
            let first = try entry(1)
            try await database.write { transaction in
                try transaction.appendFeed(kind: "room", at: Self.now) { "\($0)" }
                try transaction.append(first)
                try transaction.appendFeed(kind: "room", at: Self.now) { "\($0)" }
            }
            let (rows, head) = try await database.read { (try $0.feed(after: 0, limit: 10), try $0.journalHead()) }
            #expect(rows.map(\.sequence) == [1, 2])
            #expect(rows.map(\.body) == ["1", "2"])
            #expect(head.feed == 2)
            #expect(head.chain.sequence == 1)
        }
    }
}
