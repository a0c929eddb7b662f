import BoxOffice
import Engines
import Ledger
import Schemas
import Store
import Testing
import Values

/// The audit and the books' queries say the same on both engines.
@Suite struct AuditEngineTests {
    private static let now = Instant(seconds: 1_772_000_000)
    private static let holder = HolderID.derived(at: now, from: "holder")

    private static func stamp(_ name: String, on day: String = "2026-02-25") throws -> EntryStamp {
        EntryStamp(id: .derived(at: now, from: name), postedAt: now, effectiveOn: try #require(LocalDay(day)))
    }

    private static func topup(_ name: String, on day: String = "2026-02-25") throws -> JournalEntry {
        try #require(
            JournalEntry(
                try stamp(name, on: day), kind: .topup, legs: PostingRecipe.topup(of: holder, Money(500, .eur))))
    }

    @Test(arguments: Engine.allCases)
    func `books with suspense, a late entry and a reversal are clean, and a planted row is not`(on engine: Engine)
        async throws
    {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let item = try await database.write { transaction in
            try transaction.insertWallet(Self.holder, at: Self.now)
            let first = try transaction.append(try Self.topup("first"))
            try transaction.append(try Self.topup("second", on: "2026-02-27"))
            let mirror = try #require(first.entry.mirror(try Self.stamp("mirror", on: "2026-02-27")))
            try transaction.append(mirror)
            let arrival = try SuspenseArrival(
                id: .derived(at: Self.now, from: "item"), source: "bank", reference: "1", amount: Money(700, .eur),
                reason: "late")
            let item = try transaction.bookSuspense(arrival, stamp: try Self.stamp("late", on: "2026-02-27")).item
            try transaction.insertOccurrence(
                of: try transaction.journalHead().chain.sequence, on: try #require(LocalDay("2026-02-24")))
            try transaction.audit(actor: "operator", act: "test", subject: "x", at: Self.now)
            try transaction.appendFeed(kind: "room", at: Self.now) { "\($0)" }
            return item
        }
        let report = try await database.read { try $0.auditBooks(chart: chart) }
        #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        #expect(report.sequence == 4)
        let day = try #require(LocalDay("2026-02-25"))
        let (occurred, open, target) = try await database.read { transaction in
            (
                try transaction.balances(occurredThrough: day),
                try transaction.suspenseItems(openOnly: true, after: "", limit: 9),
                try transaction.reversal(of: .derived(at: Self.now, from: "first"))
            )
        }
        #expect(occurred.first { $0.account == .unplaced }?.amount == Money(-700, .eur))
        #expect(open == [item])
        #expect(target == .derived(at: Self.now, from: "mirror"))
        try await database.write { transaction in
            try transaction.execute(
                "INSERT INTO accounts (shard, account, currency, class) VALUES ('0', 'assets:bank', 'JPY', 'asset')")
        }
        let broken = try await database.read { try $0.auditBooks(chart: chart) }
        #expect(broken.lines.filter { $0.broken > 0 }.map(\.check) == ["accounts"])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `a month's results are what is dated in it and recorded behind an entry`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        // Not recorded in the order of their days.
        let days = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-01-30", "2026-03-01"]
        try await database.write { transaction in
            try transaction.insertWallet(Self.holder, at: Self.now)
            try transaction.append(try Self.topup("first"))
            for (index, day) in days.enumerated() {
                // 1, 10, 100 … so that a sum says what is in it.
                let fee = Money([1, 10, 100, 1_000, 10_000][index], .eur)
                let entry = try #require(
                    JournalEntry(
                        try Self.stamp("fee \(index)", on: day), kind: .providerFee,
                        legs: PostingRecipe.providerFee(fee, to: .providerFees)))
                try transaction.append(entry)
            }
        }
        let january = try #require(LocalDay("2026-01-31"))
        let february = try #require(LocalDay("2026-02-28"))
        let (first, second, later, none) = try await database.read { transaction in
            (
                try transaction.results(datedAfter: nil, through: january, behind: 0),
                try transaction.results(datedAfter: january, through: february, behind: 0),
                try transaction.results(datedAfter: january, through: february, behind: 3),
                try transaction.results(datedAfter: february, through: february, behind: 0)
            )
        }
        #expect(first == [Posting(account: .providerFees, amount: Money(1_001, .eur))])
        #expect(second == [Posting(account: .providerFees, amount: Money(110, .eur))])
        #expect(later == [Posting(account: .providerFees, amount: Money(100, .eur))])
        #expect(none == [])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `a close follows the one before it, and heads are read back as they were published`(on engine: Engine)
        async throws
    {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        let days = try ["2026-02-28", "2026-03-31"].map { try #require(LocalDay($0)) }
        try await database.write { transaction in
            for (index, day) in days.enumerated() {
                let entry = try #require(
                    JournalEntry(
                        try Self.stamp("close \(index)", on: day.description), kind: .periodClose,
                        legs: PeriodClose.legs([Posting(account: .commission, amount: Money(-5, .eur))])))
                let chained = try transaction.append(entry)
                try transaction.insertPeriod(through: day, sequence: chained.sequence, by: "finance", at: Self.now)
            }
        }
        let (closed, periods) = try await database.read { (try $0.closedThrough(), try $0.periods(limit: 9)) }
        #expect(closed == days[1])
        #expect(periods.map(\.closedThrough) == [days[1], days[0]])
        let published = try await database.read { transaction in
            var hashes: [SHA256Digest] = []
            try transaction.entryHashes(from: 1, through: 2) { hashes.append($0) }
            return (hashes, try transaction.publishedThrough(), try transaction.publishedHeads(after: nil, limit: 9))
        }
        #expect(published.0.count == 2)
        #expect(published.1 == 0)
        #expect(published.2.isEmpty)
        let first = try await database.write { transaction in
            try transaction.insertNight(
                NightRow(day: days[0], cut: 2, payeeCut: 0, cutoff: Self.now, policy: "p", begunAt: Self.now),
                ratedThrough: 0)
            let head = try transaction.journalHead().chain
            let published = PublishedHead(
                day: days[0], first: 1, sequence: head.sequence, hash: head.hash, root: MerkleTree.empty, keyID: "k",
                statement: "s", at: Self.now)
            try transaction.insertHead(published)
            return published
        }
        let found = try await database.read {
            (try $0.publishedHead(over: 2), try $0.publishedHeads(after: nil, limit: 9))
        }
        #expect(found.0 == first)
        #expect(found.1 == [first])
        await database.close()
    }
}
