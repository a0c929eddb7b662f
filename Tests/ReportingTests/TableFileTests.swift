import Foundation
import Reporting
import Testing
import Values

@Suite("Tables as CSV and JSON")
struct TableFileTests {
    private func text(_ name: String, _ facts: NightFacts) throws -> String {
        let file = try #require(try NightReport.files(facts, language: .english).first { $0.name == name })
        return String(decoding: file.bytes, as: UTF8.self)
    }

    @Test("The files of the payout rules have exactly their columns")
    func headings() throws {
        let heads = [
            "payouts.csv": "batch_day,host,currency,gross,withheld,net",
            "balances.csv": "account,currency,balance",
            "journal.csv":
                "seq,entry,posted_at,effective_on,kind,reverses,account,currency,amount,prev_hash,hash",
        ]
        for (name, head) in heads {
            #expect(try text(name, NightReportTests.story).hasPrefix(head + "\r\n"))
        }
    }

    @Test("A cell with a comma, a quote or a line end is quoted, and any other stays bare, a formula too")
    func quoting() throws {
        var facts = NightReportTests.nothing
        let titles = ["a,b", "say \"hi\"", "two\r\nlines", "=1+1", "@SUM(A1)", " spaced ", "é"]
        facts.sales = titles.enumerated().map { index, title in
            SalesRow(
                day: facts.day, room: "r\(index)", title: title, host: "h", currency: .eur, tickets: 1, gross: 3,
                vat: 1,
                fee: 1, base: 1, refundedTickets: 0, refunded: 0)
        }
        let found = try text("sales.csv", facts)
        for cell in ["\"a,b\"", "\"say \"\"hi\"\"\"", "\"two\r\nlines\"", ",=1+1,", ",@SUM(A1),", ", spaced ,", ",é,"] {
            #expect(found.contains(cell))
        }
        #expect(found.contains("EUR,1,3,0.03,1,0.01,1,0.01,1,0.01,0,0,0.00\r\n"))
    }

    @Test("The journal's CSV re-adds to the balances and its chain holds")
    func journalChain() throws {
        let found = try text("journal.csv", NightReportTests.story)
        var sums: [String: Int64] = [:]
        var entries: [(head: [String], body: [String])] = []
        for record in found.components(separatedBy: "\r\n").dropFirst().dropLast() {
            let cells = record.components(separatedBy: ",")
            sums[cells[6] + "," + cells[7], default: 0] += try #require(Int64(cells[8]))
            if entries.last?.head[0] != cells[0] { entries.append((cells, [])) }
            entries[entries.count - 1].body.append("\(cells[6])|\(cells[7])|\(cells[8])")
        }
        var previous = String(repeating: "0", count: 64)
        for entry in entries {
            let head = entry.head[0...5].joined(separator: "|")
            let hash = SHA256Digest(of: ([previous, head] + entry.body).joined(separator: "\n")).hex
            #expect(entry.head[9] == previous && entry.head[10] == hash)
            previous = hash
        }
        #expect(previous == NightReportTests.story.headHash)
        for row in NightReportTests.story.balances {
            #expect(sums["\(row.account),\(row.currency)", default: 0] == row.balance)
        }
    }

    @Test("A sale that crosses a bracket shows both parts with their rates")
    func crossingSale() throws {
        let file = try #require(
            try NightReport.files(Hostile.facts, language: .english).first {
                $0.name.hasPrefix("statement-") && $0.name.hasSuffix(".csv")
            })
        #expect(String(decoding: file.bytes, as: UTF8.self).contains("400@9700+600@8000"))
    }

    @Test("JSON is valid, sorted and says the same as the CSV")
    func json() throws {
        for file in try NightReport.files(Hostile.facts, language: .english) where file.name.hasSuffix(".json") {
            let value = try JSONSerialization.jsonObject(with: Data(file.bytes))
            #expect(value is [String: Any])
        }
        struct Sales: Decodable {
            struct Row: Decodable { let title: String }
            let rows: [Row]
        }
        let sales = try text("sales.json", Hostile.facts)
        #expect(try JSONDecoder().decode(Sales.self, from: Data(sales.utf8)).rows.first?.title == Hostile.title)
    }
}
