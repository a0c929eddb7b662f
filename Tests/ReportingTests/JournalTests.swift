import Foundation
import Reporting
import Testing
import Values

@Suite("Journals for other programs")
struct JournalTests {
    @Test("hledger, strict, re-adds random journals to our balances", arguments: [1, 2, 3, 4] as [UInt64])
    func hledger(seed: UInt64) throws {
        let facts = Story(seed: seed, days: 6, currencies: [.eur, .jpy, try #require(Currency("KWD"))]).facts
        let files = try NightReport.files(facts, language: .english).filter { $0.name == "journal.hledger" }
        let check = try Tool.hledger.run(["-f", "journal.hledger", "check", "--strict"], files: files)
        #expect(check.status == 0, "seed \(seed): \(check.output)")
        let balances = try Tool.hledger.run(
            ["-f", "journal.hledger", "bal", "--flat", "--empty", "--no-total", "-O", "csv", "--layout", "bare"],
            files: files)
        var found: Set<BalanceRow> = []
        for line in balances.output.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
            guard cells.count == 3, let currency = Currency(cells[1]) else { continue }
            let money = try #require(Money(decimal: cells[2], currency), "seed \(seed): \(line)")
            if !money.isZero {
                found.insert(BalanceRow(account: cells[0], currency: currency, balance: money.minorUnits))
            }
        }
        let difference = found.symmetricDifference(facts.balances.filter { $0.balance != 0 })
        #expect(difference.isEmpty, "seed \(seed): \(difference.first.map(String.init(describing:)) ?? "")")
    }

    @Test("hledger refuses a journal in which one minor unit was moved")
    func hledgerFindsAnError() throws {
        let files = try NightReport.files(Story(seed: 1, days: 4).facts, language: .english)
        let journal = try #require(files.first { $0.name == "journal.hledger" })
        let changed = try Self.replaceFirst(" = ", with: " = 1", in: journal)
        let check = try Tool.hledger.run(["-f", "journal.hledger", "check"], files: [changed])
        #expect(check.status != 0)
    }

    @Test("bean-check accepts random journals and finds one minor unit", arguments: [1, 2] as [UInt64])
    func beancount(seed: UInt64) throws {
        let python = try #require(
            Tool.python, "Set GUICHET_PYTHON to a Python that has beancount 3; without it nobody re-adds this journal.")
        let facts = Story(seed: seed, days: 6, currencies: [.eur, .jpy]).facts
        let files = try NightReport.files(facts, language: .english)
        let journal = try #require(files.first { $0.name == "journal.beancount" })
        let arguments = ["-m", "beancount.scripts.check", "journal.beancount"]
        let good = try python.run(arguments, files: [journal])
        #expect(good.status == 0, "seed \(seed): \(good.output)")

        // The balance of the provider's account, wrong by one cent.
        let row = try #require(facts.balances.first { $0.account == "assets:psp" && $0.currency == .eur })
        let wrong = try Self.replaceFirst(
            "Assets:Psp  \(Money(row.balance, .eur).decimal) ~",
            with: "Assets:Psp  \(Money(row.balance + 1, .eur).decimal) ~", in: journal)
        let bad = try python.run(arguments, files: [wrong])
        #expect(bad.status != 0, "seed \(seed)")
    }

    @Test("Both programs read a journal of ids that try to break out of their place")
    func hostileNames() throws {
        let facts = Hostile.facts
        let files = try NightReport.files(facts, language: .english)
        let check = try Tool.hledger.run(
            ["-f", "journal.hledger", "check", "--strict"], files: files.filter { $0.name == "journal.hledger" })
        #expect(check.status == 0, "\(check.output)")
        let python = try #require(Tool.python, "Set GUICHET_PYTHON to a Python that has beancount 3.")
        let bean = try python.run(
            ["-m", "beancount.scripts.check", "journal.beancount"],
            files: files.filter { $0.name == "journal.beancount" })
        #expect(bean.status == 0, "\(bean.output)")
    }

    private static func replaceFirst(_ text: String, with other: String, in file: ReportFile) throws -> ReportFile {
        var content = String(decoding: file.bytes, as: UTF8.self)
        let range = try #require(content.range(of: text))
        content.replaceSubrange(range, with: other)
        return ReportFile(name: file.name, contentType: file.contentType, bytes: Array(content.utf8))
    }
}
