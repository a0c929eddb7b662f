import BoxOffice
import Foundation
import Ledger
import Schemas
import Store
import Testing
import Values

@Suite struct BackupTests {
    private static let now = Instant(seconds: 1_772_000_000)

    private func entry(_ number: Int) throws -> JournalEntry {
        let stamp = EntryStamp(
            id: .derived(at: Self.now, from: "entry \(number)"), postedAt: Self.now,
            effectiveOn: try #require(LocalDay("2026-02-25")))
        let holder = HolderID.derived(at: Self.now, from: "holder")
        return try #require(
            JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: holder, Money(100, .eur))))
    }

    private func chart() throws -> ChartOfAccounts { try ChartOfAccounts(json: ChartOfAccountsFile.json) }

    @Test func `a copy made while entries are appended is whole, and holds all that came before`() async throws {
        let (file, copy) = (TemporaryFile(), TemporaryFile())
        let database = try Database.ledger(at: file.path)
        let holder = HolderID.derived(at: Self.now, from: "holder")
        try await database.write { try $0.insertWallet(holder, at: Self.now) }
        let entries = try (1...120).map { try entry($0) }
        for entry in entries.prefix(40) { try await database.write { try $0.append(entry) } }
        async let rest: Void = {
            for entry in entries.dropFirst(40) { try await database.write { try $0.append(entry) } }
        }()
        try Database.copy(file.path, to: copy.path)
        try await rest
        let copied = try Database.auditing(ledgerAt: copy.path)
        let chart = try chart()
        let report = try await copied.read { try $0.auditBooks(chart: chart) }
        #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        #expect((40...120).contains(report.sequence))
        let stored = try await copied.read { try $0.entries(after: 0, through: .max, limit: 200).map(\.entry) }
        #expect(stored == Array(entries.prefix(stored.count)))
        await copied.close()
        await database.close()
        #expect(!FileManager.default.fileExists(atPath: copy.path + ".partial"))
    }

    @Test func `a copy replaces nothing, and a file that is not there is a fault`() async throws {
        let (file, copy) = (TemporaryFile(), TemporaryFile())
        let database = try Database.ledger(at: file.path)
        try Database.copy(file.path, to: copy.path)
        #expect(throws: StoreFault.self) { try Database.copy(file.path, to: copy.path) }
        #expect(throws: StoreFault.self) { try Database.copy(file.path + ".missing", to: copy.path + ".2") }
        #expect(!FileManager.default.fileExists(atPath: copy.path + ".2"))
        #expect(!FileManager.default.fileExists(atPath: copy.path + ".2.partial"))
        await database.close()
    }

    @Test func `an auditor's database can't write, and asks for the schema of this version`() async throws {
        let file = TemporaryFile()
        let first = try #require(SchemaScripts.ledger.first)
        let old = try Database(
            path: file.path, migrations: [Migration(number: first.number, name: first.name, script: first.text)])
        await old.close()
        #expect(throws: StoreFault.schemaOutdated(number: 2)) { try Database.auditing(ledgerAt: file.path) }
        let current = try Database.ledger(at: file.path)
        let auditor = try Database.auditing(ledgerAt: file.path)
        await #expect(throws: StoreFault.closed) { try await auditor.write { try $0.execute("DELETE FROM heads") } }
        await #expect(throws: StoreFault.self) { try await auditor.read { try $0.execute("DELETE FROM heads") } }
        await auditor.close()
        await current.close()
    }

    @Test func `a file of the first schema migrates and audits clean`() async throws {
        let file = TemporaryFile()
        let first = try #require(SchemaScripts.ledger.first)
        let old = try Database(
            path: file.path, migrations: [Migration(number: first.number, name: first.name, script: first.text)])
        let holder = HolderID.derived(at: Self.now, from: "holder")
        let entries = try (1...10).map { try entry($0) }
        try await old.write { transaction in
            try transaction.insertWallet(holder, at: Self.now)
            for entry in entries { try transaction.append(entry) }
            try transaction.audit(actor: "operator", act: "test", subject: "x", at: Self.now)
        }
        await old.close()
        let migrated = try Database.ledger(at: file.path)
        let chart = try chart()
        let report = try await migrated.read { try $0.auditBooks(chart: chart) }
        #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        #expect(report.sequence == 10)
        await migrated.close()
    }
}
