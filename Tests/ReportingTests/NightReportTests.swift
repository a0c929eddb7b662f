import Foundation
import Reporting
import Testing
import Values

@Suite("The night's files")
struct NightReportTests {
    static let story = Story(seed: 7, days: 6, hosts: 3, rooms: 4).facts

    @Test("Every file of a night is its golden file, in both languages", arguments: ReportLanguage.allCases)
    func golden(language: ReportLanguage) throws {
        let files = try NightReport.files(Self.story, language: language)
        #expect(files.count == 23)
        for file in files where language == .english || file.name.hasSuffix(".html") {
            try GoldenFiles.expect(file, in: "night-\(language.rawValue)")
        }
    }

    @Test("The same facts give the same bytes, whatever order the rows come in", arguments: [1, 2] as [UInt64])
    func stable(seed: UInt64) throws {
        let facts = Story(seed: seed, days: 6, currencies: [.eur, .jpy]).facts
        var turned = facts
        turned.sales.reverse()
        turned.escrow.reverse()
        turned.payouts.reverse()
        turned.balances.reverse()
        turned.carried.reverse()
        turned.orders.reverse()
        turned.hosts.reverse()
        turned.batches.reverse()
        for index in turned.hosts.indices { turned.hosts[index].lines.reverse() }
        let once = try NightReport.files(facts, language: .english)
        #expect(try NightReport.files(turned, language: .english) == once)
    }

    @Test("An empty night has every file, and says that nothing happened")
    func empty() throws {
        let files = try NightReport.files(Self.nothing, language: .french)
        let page = try #require(files.first { $0.name == NightReport.indexName })
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(text.contains("Aucun billet n’a été vendu ce jour."))
        #expect(!text.contains("<svg"))
        #expect(
            files.contains {
                $0.name == "payouts.csv" && $0.bytes == Array("batch_day,host,currency,gross,withheld,net\r\n".utf8)
            })
    }

    @Test("The control file names every other file with its true digest, rows and sums")
    func control() throws {
        struct Control: Decodable {
            struct File: Decodable {
                let name: String
                let sha256: String
                let bytes: Int
                let rows: Int?
                let sums: [String: [String: Int64]]
                let first_sequence: Int64
                let last_sequence: Int64
            }
            let files: [File]
        }
        let files = try NightReport.files(Self.story, language: .english)
        let bytes = try #require(files.first { $0.name == "control.json" }).bytes
        let control = try JSONDecoder().decode(Control.self, from: Data(bytes))
        #expect(control.files.map(\.name) == files.map(\.name).filter { $0 != "control.json" })
        for entry in control.files {
            let file = try #require(files.first { $0.name == entry.name })
            #expect(entry.sha256 == SHA256Digest(of: file.bytes).hex)
            #expect(entry.bytes == file.bytes.count)
            #expect(entry.last_sequence == Self.story.headSequence && entry.first_sequence == 1)
            if entry.name.hasSuffix(".csv") {
                let records = String(decoding: file.bytes, as: UTF8.self).components(separatedBy: "\r\n").count - 2
                #expect(entry.rows == records)
            }
        }
        let sales = try #require(control.files.first { $0.name == "sales.csv" })
        #expect(sales.sums["gross"] == ["EUR": Self.story.sales.reduce(0) { $0 + $1.gross }])
    }

    static let nothing = NightFacts(
        platform: "Guichet", day: LocalDay(daysSince1970: 20_454), cutoff: Instant(seconds: 1_767_308_400),
        cutSequence: 0, headSequence: 0, headHash: String(repeating: "0", count: 64), policy: "guichet-standard",
        policyVersion: 1, timeZone: "Europe/Paris", batches: [], journal: [], balances: [], sales: [], escrow: [],
        payouts: [], carried: [], orders: [], hosts: [])
}
