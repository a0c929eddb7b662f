import Ledger
import Schemas
import Simulation
import Testing
import Values

/// A journal of random entries over a few accounts.
private func randomJournal(_ count: Int, seed: UInt64) -> [JournalEntry] {
    var generator = SeededGenerator(seed: seed)
    let accounts: [Account] = [.provider, .bank, .vat, .commission, .suspense, .withholding]
    var instant = Instant(seconds: 1_767_225_600)
    return (0..<count).compactMap { _ in
        instant = instant.advanced(byMicroseconds: Int64.random(in: 0...5_000_000_000, using: &generator))
        let legs = (0..<Int.random(in: 1...4, using: &generator)).compactMap { _ -> Leg? in
            let pair = accounts.shuffled(using: &generator)
            let currency: Currency = Bool.random(using: &generator) ? .eur : .jpy
            return Leg(
                debit: pair[0], credit: pair[1],
                amount: Money(Int64.random(in: 1...1_000_000, using: &generator), currency))
        }
        let stamp = EntryStamp(
            id: .make(at: instant, using: &generator), postedAt: instant,
            effectiveOn: LocalDay(daysSince1970: Int(instant.seconds / 86_400)))
        return JournalEntry(stamp, kind: .topup, legs: legs)
    }
}

private func chained(_ entries: [JournalEntry]) -> [ChainedEntry] {
    var head = ChainHead.genesis
    return entries.map {
        let next = ChainedEntry($0, after: head)
        head = next.head
        return next
    }
}

@Suite("The journal")
struct JournalTests {
    @Test("has no leg of nothing, of a debt, to itself or beyond the limit")
    func legs() {
        #expect(Leg(debit: .bank, credit: .vat, amount: Money(1, .eur)) != nil)
        #expect(Leg(debit: .bank, credit: .vat, amount: Money(0, .eur)) == nil)
        #expect(Leg(debit: .bank, credit: .vat, amount: Money(-1, .eur)) == nil)
        #expect(Leg(debit: .bank, credit: .bank, amount: Money(1, .eur)) == nil)
        #expect(Leg(debit: .bank, credit: .vat, amount: Money(Money.limit + 1, .eur)) == nil)
        #expect(
            Leg.moving(Money(-5, .eur), debit: .bank, credit: .vat)
                == Leg(debit: .vat, credit: .bank, amount: Money(5, .eur)))
        #expect(Leg.moving(Money(0, .eur), debit: .bank, credit: .vat) == nil)
    }

    @Test("has no entry without legs, and only reversals name what they reverse")
    func entries() throws {
        let stamp = EntryStamp(
            id: .derived(at: Instant(seconds: 0), from: "a"), postedAt: Instant(seconds: 0),
            effectiveOn: LocalDay(daysSince1970: 0))
        let leg = try #require(Leg(debit: .bank, credit: .vat, amount: Money(1, .eur)))
        let other = EntryID.derived(at: Instant(seconds: 0), from: "b")
        #expect(JournalEntry(stamp, kind: .sale, legs: []) == nil)
        #expect(JournalEntry(stamp, kind: .sale, reverses: other, legs: [leg]) == nil)
        #expect(JournalEntry(stamp, kind: .reversal, legs: [leg]) == nil)
        #expect(JournalEntry(stamp, kind: .reversal, reverses: stamp.id, legs: [leg]) == nil)
        let tooMany = [Leg](repeating: leg, count: JournalEntry.maximumLegs + 1)
        #expect(JournalEntry(stamp, kind: .sale, legs: tooMany) == nil)
    }

    @Test("balances in every currency, and mirrors undo to nothing")
    func balanced() throws {
        for seed in UInt64(1)...20 {
            let entries = randomJournal(50, seed: seed)
            let balances = Balances(of: entries)
            #expect(balances.trialBalance.values.allSatisfy { $0 == 0 }, "seed \(seed)")
            let mirrors = try entries.map { entry in
                let stamp = EntryStamp(
                    id: .derived(at: entry.postedAt, from: entry.id.text), postedAt: entry.postedAt,
                    effectiveOn: entry.effectiveOn)
                let mirror = try #require(entry.mirror(stamp))
                #expect(mirror.mirror(stamp) == nil)
                #expect(mirror.reverses == entry.id)
                return mirror
            }
            #expect(Balances(of: entries + mirrors).rows.allSatisfy { $0.amount.isZero }, "seed \(seed)")
        }
    }

    @Test("is hashed exactly as the rules write it")
    func chainVector() throws {
        let at = try #require(Instant("2026-01-01T09:00:00Z"))
        let stamp = EntryStamp(
            id: try #require(EntryID("entry_01kdwdxfr07000000000000000")), postedAt: at,
            effectiveOn: try #require(LocalDay("2026-01-01")))
        let leg = try #require(Leg(debit: .provider, credit: .vat, amount: Money(167, .eur)))
        let first = ChainedEntry(try #require(JournalEntry(stamp, kind: .topup, legs: [leg])), after: .genesis)
        let text = """
            0000000000000000000000000000000000000000000000000000000000000000
            1|entry_01kdwdxfr07000000000000000|2026-01-01T09:00:00Z|2026-01-01|topup|
            assets:psp|EUR|167
            liabilities:vat|EUR|-167
            """
        #expect(first.hash == SHA256Digest(of: text))
        // The same text through `sha256sum`.
        #expect(first.hash.hex == "a43d233cb81947e7ad987b6c34f8b70c37e6ad09c301c6af9cdcd89fdc4aaebf")
    }

    @Test("shows every change: of content, order, end or start")
    func tampered() throws {
        let entries = randomJournal(30, seed: 2_026)
        let journal = chained(entries)
        let head = try verifyChain(journal)
        #expect(head == journal.last?.head)
        #expect(try verifyChain(journal.dropFirst(10), from: journal[9].head) == head)
        // The end cut off: the chain holds, but not up to the published head.
        #expect(try verifyChain(journal.dropLast()) != head)
        func reason(_ changed: [ChainedEntry]) -> ChainBreak.Reason? {
            do { try verifyChain(changed) } catch { return error.reason }
            return nil
        }
        var changed = journal
        changed[7] = ChainedEntry(
            stored: entries[8], sequence: 8, previousHash: journal[7].previousHash, hash: journal[7].hash)
        #expect(reason(changed) == .hash)
        changed = journal
        changed.swapAt(3, 4)
        #expect(reason(changed) == .sequence)
        changed = journal
        changed.remove(at: 12)
        #expect(reason(changed) == .sequence)
        // Rewritten from the middle on, with sound hashes, but behind another past.
        changed = Array(journal[..<10]) + [ChainedEntry(entries[10], after: ChainHead(sequence: 10, hash: .zero))]
        #expect(reason(changed) == .previousHash)
        let backwards = chained([entries[20], entries[1]])
        #expect(reason(backwards) == .time)
    }

    @Test("is stopped before an entry takes a wallet below zero, and not by one that ends at zero")
    func breach() throws {
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let wallet = try #require(Account("liabilities:wallet:x"))
        let escrow = try #require(Account("liabilities:escrow:y"))
        let unknown = try #require(Account("liabilities:nobody"))
        let stamp = EntryStamp(
            id: .derived(at: Instant(seconds: 0), from: "a"), postedAt: Instant(seconds: 0),
            effectiveOn: LocalDay(daysSince1970: 0))
        func breach(_ legs: (Account, Account, Int64)..., held: Int64) throws -> Posting? {
            let legs = legs.compactMap { Leg(debit: $0.0, credit: $0.1, amount: Money($0.2, .eur)) }
            let entry = try #require(JournalEntry(stamp, kind: .sale, legs: legs))
            return chart.breach(by: entry) { account, currency in
                account == wallet ? Money(-held, currency) : .zero(currency)
            }
        }
        #expect(try breach((wallet, escrow, 5), held: 5) == nil)
        #expect(try breach((wallet, escrow, 5), held: 4) == Posting(account: wallet, amount: Money(1, .eur)))
        // Only the sum of an entry counts, not the order of its legs.
        #expect(try breach((wallet, escrow, 5), (.provider, wallet, 1), held: 4) == nil)
        #expect(try breach((escrow, .commission, 1), held: 0)?.account == escrow)
        #expect(try breach((.provider, unknown, 1), held: 0)?.account == unknown)
        #expect(try breach((.host(.derived(at: stamp.postedAt, from: "h")), .bank, 9), held: 0) == nil)
    }

    @Test("shows accounts in debit that may not be")
    func floors() throws {
        let wallet = try #require(Account("liabilities:wallet:x"))
        let chart = try ChartOfAccounts(lines: [
            .init(pattern: "liabilities:wallet:*", class: .liability, mayGoIntoDebit: false, meaning: ""),
            .init(pattern: "assets:psp", class: .asset, mayGoIntoDebit: true, meaning: ""),
        ])
        let stamp = EntryStamp(
            id: .derived(at: Instant(seconds: 0), from: "a"), postedAt: Instant(seconds: 0),
            effectiveOn: LocalDay(daysSince1970: 0))
        func balances(_ debit: Account, _ credit: Account) throws -> Balances {
            let legs = [Leg(debit: debit, credit: credit, amount: Money(5, .eur))].compactMap(\.self)
            return Balances(of: [try #require(JournalEntry(stamp, kind: .topup, legs: legs))])
        }
        #expect(try balances(.provider, wallet).violations(of: chart) == [])
        #expect(try balances(.provider, wallet).amount(in: wallet, in: .eur) == Money(5, .eur))
        #expect(
            try balances(wallet, .provider).violations(of: chart) == [
                Posting(account: wallet, amount: Money(5, .eur))
            ])
        #expect(try balances(.bank, wallet).violations(of: chart).map(\.account) == [.bank])
    }
}
