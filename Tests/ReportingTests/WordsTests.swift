import Foundation
import Testing
import Values

@testable import Reporting

@Suite("Words, figures and names")
struct WordsTests {
    @Test("Amounts are written as the language writes them, with the currency's own decimals")
    func amounts() throws {
        let (english, french) = (try Words(.english), try Words(.french))
        #expect(english.amount(123_456_789, exponent: 2) == "1,234,567.89")
        #expect(french.amount(-123_456, exponent: 2) == "\u{2212}1\u{202F}234,56")
        #expect(english.amount(-5, exponent: 2) == "\u{2212}0.05")
        #expect(english.amount(1_000, exponent: 0) == "1,000")
        #expect(french.amount(1_000, exponent: 3) == "1,000")
        #expect(english.amount(.min, exponent: 2) == "\u{2212}92,233,720,368,547,758.08")
        #expect(english.percent(9_700) == "97%" && french.percent(1_250) == "12,5\u{202F}%")
        #expect(english.percent(0) == "0%" && english.percent(10_000) == "100%")
    }

    @Test("Dates are written as the language writes them")
    func dates() throws {
        let (english, french) = (try Words(.english), try Words(.french))
        let day = try #require(LocalDay("2026-08-01"))
        #expect(english.longDate(day) == "Saturday 1 August 2026")
        #expect(french.longDate(day) == "samedi 1er août 2026")
        #expect(english.time(try #require(Instant("2026-08-01T22:00:00Z"))) == "1 August 2026, 22:00 UTC")
        #expect(english.time(try #require(Instant("2026-08-01T22:00:07.5Z"))) == "1 August 2026, 22:00:07 UTC")
    }

    @Test("A title that looks like a place for a word stays a title")
    func places() {
        #expect(Words.fill("{a} and {b}, {c", ["a": "{b}", "b": "x"]) == "{b} and x, {c")
    }

    @Test("Every code that a page can show has its word", arguments: ReportLanguage.allCases)
    func codes(language: ReportLanguage) throws {
        let words = try Words(language)
        var keys = CarriedRow.Reason.allCases.flatMap { ["reason.\($0.rawValue)", "why.\($0.rawValue)"] }
        keys += StatementLine.State.allCases.map { "line_state.\($0.rawValue)" }
        keys += StatementAccount.Kind.allCases.map { "line.\($0.rawValue)" }
        keys += Proceeds.Part.allCases.map { "part.\($0.rawValue)" }
        for key in keys { #expect(words(key) != key) }
    }

    @Test("No page shows the key of a word that is missing", arguments: ReportLanguage.allCases)
    func keys(language: ReportLanguage) throws {
        let key = try Regex(#">\s*[a-z_]+(\.[a-z_0-9]+)+\s*<"#)
        let names = try Regex(#"\.(csv|json|html|xlsx|hledger|beancount)\s*<"#)
        for facts in [NightReportTests.story, NightReportTests.nothing] {
            for page in try NightReport.files(facts, language: language) where page.name.hasSuffix(".html") {
                let text = String(decoding: page.bytes, as: UTF8.self)
                let missing = text.matches(of: key).map { String(text[$0.range]) }.filter { !$0.contains(names) }
                #expect(missing.isEmpty)
            }
        }
    }

    @Test("What buyers paid is in exactly one place each, whatever happened", arguments: [11, 12, 13, 14] as [UInt64])
    func proceeds(seed: UInt64) throws {
        let facts = Story(seed: seed, days: 6, currencies: [.eur, .jpy]).facts
        let books = try NightBooks(facts)
        for proceeds in books.proceeds {
            #expect(proceeds.paid == proceeds.parts.values.reduce(0, +), "seed \(seed)")
            let sales = facts.sales.filter { $0.currency == proceeds.currency }
            #expect(proceeds.paid == sales.reduce(0) { $0 + $1.gross }, "seed \(seed)")
            #expect(proceeds.parts[.refunds, default: 0] == sales.reduce(0) { $0 + $1.refunded }, "seed \(seed)")
            #expect(proceeds.parts[.other] == nil, "seed \(seed)")
        }
    }

    @Test("Two accounts never get one name in a foreign journal")
    func accountNames() throws {
        let parts = [
            "a", "A", "a_b", "a-b", "a--b", "a_-b", "ab", "Ab", "", "é", "è", "a b", "a.b", "1", "x", "other", "a-",
            "_a",
        ]
        let accounts = parts.flatMap { ["liabilities:host:\($0)", "\($0)", "equity:\($0)"] }
        let bean = Set(accounts.map(BeancountAccount.name))
        #expect(bean.count == Set(accounts).count)
        #expect(Set(accounts.map(HledgerJournal.name)).count == Set(accounts).count)
        let valid = try Regex(#"^(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9\-]*)+$"#)
        for name in bean { #expect(name.wholeMatch(of: valid) != nil, "\(name)") }
        #expect(BeancountAccount.name("expenses:dispute-fees") == "Expenses:Dispute--fees")
    }

    @Test("A table is sorted as its definition says and refuses cells of another kind")
    func tables() throws {
        let definition = try #require(try ReportDefinition.all().first { $0.name == "balances" })
        let rows: [[Cell]] = [
            [.text("b"), .text("EUR"), .money(-1)], [.text("a"), .text("USD"), .money(0)],
            [.text("a"), .text("EUR"), .money(1)],
        ]
        let table = try Table(definition, rows: rows)
        #expect(table.rows == [rows[2], rows[1], rows[0]])
        #expect(throws: ReportRefusal.cellKind(table: "balances", row: 0, column: "balance")) {
            try Table(definition, rows: [[.text("a"), .text("EUR"), .integer(1)]])
        }
        #expect(throws: ReportRefusal.columnCount(table: "balances", row: 0)) {
            try Table(definition, rows: [[.text("a")]])
        }
        #expect(throws: ReportRefusal.cellKind(table: "balances", row: 0, column: "account")) {
            try Table(definition, rows: [[.absent, .text("EUR"), .money(0)]])
        }
        #expect(
            throws: ReportRefusal.total(table: "balances", column: "balance", currency: "EUR", expected: 0, found: 1)
        ) {
            try Table(definition, rows: [rows[2]])
        }
    }
}
