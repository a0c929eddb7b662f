import Schemas
import Simulation
import Testing
import Values

@testable import Ledger

/// What the auditor says of sound journals and of each way to break one.
@Suite("The journal's auditor")
struct JournalAuditorTests {
    private let chart: ChartOfAccounts

    init() throws { chart = try ChartOfAccounts(json: ChartOfAccountsFile.json) }

    private static let holder = "liabilities:wallet:x"

    private func journal(_ count: Int, closing: Bool = false) throws -> [AuditedEntry] {
        var head = ChainHead.genesis
        let day = try #require(LocalDay("2026-03-31"))
        return try (1...count).map { number in
            let stamp = EntryStamp(
                id: .derived(at: Instant(seconds: 1_775_000_000), from: "\(number)"),
                postedAt: Instant(seconds: 1_775_000_000 + Int64(number)),
                effectiveOn: closing && number > 2 ? day.advanced(byDays: 1) : day)
            let holder = try #require(Account(Self.holder))
            let leg = try #require(Leg(debit: .provider, credit: holder, amount: Money(100, .eur)))
            let entry = try #require(
                JournalEntry(stamp, kind: closing && number == 2 ? .periodClose : .topup, legs: [leg]))
            let chained = ChainedEntry(entry, after: head)
            head = chained.head
            return AuditedEntry(
                sequence: chained.sequence, entry: entry.id.text, postedMicroseconds: entry.postedAt.microseconds,
                effectiveOn: entry.effectiveOn.description, kind: entry.kind.rawValue, reverses: nil,
                previousHash: chained.previousHash.hex, hash: chained.hash.hex,
                legs: [.init(number: 1, debit: "assets:psp", credit: Self.holder, currency: "EUR", amount: 100)])
        }
    }

    private func broken(
        _ entries: [AuditedEntry], heads: [AuditedHead] = [], reversed: Set<String> = [],
        head: (sequence: Int64, hash: String, postedMicroseconds: Int64)? = nil
    ) -> Set<String> {
        var auditor = JournalAuditor(chart: chart, reversed: reversed, heads: heads)
        for entry in entries { auditor.add(entry) }
        let last = entries.last.map {
            (sequence: $0.sequence, hash: $0.hash, postedMicroseconds: $0.postedMicroseconds)
        }
        return Set(auditor.finish(head: head ?? last).filter { $0.broken > 0 }.map(\.check))
    }

    private func changed(
        _ entry: AuditedEntry, posted: Int64? = nil, on day: String? = nil, kind: String? = nil,
        reverses: String? = nil, legs: [AuditedEntry.Leg]? = nil
    ) -> AuditedEntry {
        AuditedEntry(
            sequence: entry.sequence, entry: entry.entry, postedMicroseconds: posted ?? entry.postedMicroseconds,
            effectiveOn: day ?? entry.effectiveOn, kind: kind ?? entry.kind, reverses: reverses ?? entry.reverses,
            previousHash: entry.previousHash, hash: entry.hash, legs: legs ?? entry.legs)
    }

    @Test("finds nothing in a journal that the ledger wrote, closes included")
    func clean() throws {
        #expect(try broken(journal(20)).isEmpty)
        #expect(try broken(journal(5, closing: true)).isEmpty)
        #expect(broken([]).isEmpty)
    }

    @Test("names the rule that each change breaks")
    func changes() throws {
        let sound = try journal(6)
        func with(_ entry: AuditedEntry, at index: Int = 3) -> [AuditedEntry] {
            var entries = sound
            entries[index] = entry
            return entries
        }
        func leg(
            _ number: Int64 = 1, _ debit: String = "assets:psp", _ credit: String = JournalAuditorTests.holder,
            _ amount: Int64 = 100
        )
            -> [AuditedEntry.Leg]
        { [.init(number: number, debit: debit, credit: credit, currency: "EUR", amount: amount)] }
        #expect(broken(with(changed(sound[3], legs: leg(1, "assets:psp", Self.holder, 101)))) == ["J9"])
        #expect(broken(with(changed(sound[3], on: "2026-03-30"))) == ["J9"])
        #expect(broken(with(changed(sound[3], on: "some day"))) == ["J4", "J9"])
        #expect(broken(with(changed(sound[3], posted: 5))) == ["J4", "J9"])
        #expect(broken(with(changed(sound[3], kind: "gift"))) == ["J1", "J9"])
        #expect(broken(with(changed(sound[3], legs: []))) == ["J6", "J9"])
        #expect(broken(with(changed(sound[3], legs: leg(2)))) == ["J1"])
        #expect(broken(with(changed(sound[3], legs: leg(1, Self.holder, Self.holder)))) == ["J6", "J9"])
        #expect(broken(with(changed(sound[3], legs: leg(1, "assets:psp", Self.holder, -100)))) == ["J5", "J9"])
        #expect(broken(with(changed(sound[3], legs: leg(1, "assets:psp", "liabilities:other")))) == ["J9", "J10"])
        #expect(
            broken(with(changed(sound[0], legs: leg(1, Self.holder, "assets:psp")), at: 0)) == ["J9", "J10"])
        #expect(broken(with(changed(sound[3], kind: "reversal"))) == ["J7", "J9"])
        #expect(broken(with(changed(sound[3], legs: leg(1, "suspense", Self.holder)))) == ["J9", "J12"])
    }

    @Test("sees what is missing, doubled, swapped or cut off")
    func places() throws {
        let sound = try journal(6)
        #expect(broken(Array(sound[0..<3] + sound[4...])) == ["J2", "J9"])
        #expect(broken(Array(sound[0..<3] + [sound[4], sound[3], sound[5]])) == ["J2", "J4", "J9"])
        let last = (sequence: Int64(6), hash: sound[5].hash, postedMicroseconds: sound[5].postedMicroseconds)
        #expect(broken(Array(sound[0..<5]), head: last) == ["J4", "J9"])
        let head = AuditedHead(table: "published_heads", day: "2026-03-31", sequence: 6, hash: sound[5].hash)
        #expect(broken(sound, heads: [head]).isEmpty)
        #expect(broken(Array(sound[0..<5]), heads: [head]) == ["heads"])
        let other = AuditedHead(table: "published_heads", day: "2026-03-31", sequence: 4, hash: sound[5].hash)
        #expect(broken(sound, heads: [other]) == ["heads"])
    }

    @Test("passes through the trees of published heads, a night without entries included")
    func trees() throws {
        let sound = try journal(7)
        func head(_ day: String, _ range: Range<Int>) throws -> AuditedHead {
            var tree = MerkleAccumulator()
            for entry in sound[range] {
                tree.append(leaf: MerkleTree.leaf(try #require(SHA256Digest(hex: entry.hash))))
            }
            return AuditedHead(
                table: "published_heads", day: day, sequence: Int64(range.upperBound),
                hash: range.upperBound == 0 ? SHA256Digest.zero.hex : sound[range.upperBound - 1].hash,
                tree: (first: Int64(range.lowerBound + 1), root: tree.root.hex))
        }
        let heads = try [
            head("2026-03-01", 0..<0), head("2026-03-02", 0..<4), head("2026-03-03", 4..<4), head("2026-03-04", 4..<7),
        ]
        #expect(broken(sound, heads: heads).isEmpty)
        let wrong = try [head("2026-03-02", 0..<4), head("2026-03-04", 3..<7)]
        #expect(broken(sound, heads: wrong) == ["heads"])
    }

    @Test("wants nothing dated in a closed period")
    func closed() throws {
        var entries = try journal(5, closing: true)
        entries[3] = changed(entries[3], on: "2026-03-31")
        #expect(broken(entries) == ["J8", "J9"])
    }
}
