import Foundation
import Reporting
import Testing
import Values

@Suite("Pages")
struct PageTests {
    @Test("Pages are well formed, in both languages", arguments: ReportLanguage.allCases)
    func wellFormed(language: ReportLanguage) throws {
        for facts in [NightReportTests.story, Hostile.facts, NightReportTests.nothing] {
            let pages = try NightReport.files(facts, language: language).filter { $0.name.hasSuffix(".html") }
            let lint = try Tool.xmllint.run(["--noout", "--nonet"] + pages.map { "./" + $0.name }, files: pages)
            #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.output)")
        }
    }

    @Test("A hostile title stays text: no element, attribute or script comes from it")
    func hostileTitles() throws {
        let files = try NightReport.files(Hostile.facts, language: .english)
        for page in files where page.name.hasSuffix(".html") {
            let text = String(decoding: page.bytes, as: UTF8.self)
            #expect(!text.contains("<script") && !text.contains("<b>") && !text.contains("<i>"))
            #expect(text.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"))
            #expect(text.components(separatedBy: "</style>").count == 2)
        }
    }

    @Test("No file name leaves its folder")
    func fileNames() throws {
        for file in try NightReport.files(Hostile.facts, language: .english) {
            #expect(!file.name.contains("/") && !file.name.contains("\\") && !file.name.hasPrefix("."))
            #expect(file.name.utf8.count < 200)
        }
    }

    @Test("A page runs nothing, loads nothing and has no inline style")
    func selfContained() throws {
        for page in try NightReport.files(NightReportTests.story, language: .french)
        where page.name.hasSuffix(".html") {
            let text = String(decoding: page.bytes, as: UTF8.self)
            #expect(!text.contains("<script") && !text.contains(" src=") && !text.contains(" style=\""))
            #expect(!text.contains("<link") && !text.contains("@import") && !text.contains("url("))
            let namespaces = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"]
            let others = text.components(separatedBy: "http").dropFirst().filter { rest in
                !rest.hasPrefix("-equiv") && !namespaces.contains { ("http" + rest).hasPrefix($0) }
            }
            #expect(others.isEmpty)
        }
    }

    @Test("The policy that pages carry allows exactly their own style sheet")
    func policy() throws {
        let page = try #require(
            try NightReport.files(NightReportTests.nothing, language: .english).first { $0.name == "report.html" })
        let text = String(decoding: page.bytes, as: UTF8.self)
        let style = try #require(
            text.components(separatedBy: "<style>").last?.components(separatedBy: "</style>").first)
        #expect(!style.contains("<") && !style.contains("&"))
        let digest = Data(SHA256Digest(of: style).bytes).base64EncodedString()
        #expect(ReportPage.contentSecurityPolicy.contains("'sha256-\(digest)'"))
        #expect(text.contains(ReportPage.contentSecurityPolicy.replacingOccurrences(of: "'", with: "&#39;")))
    }

    @Test("Every chart says what it shows, and its ids are unique on the page")
    func accessibleCharts() throws {
        let facts = Story(seed: 3, days: 6, currencies: [.eur, .jpy]).facts
        let page = try #require(
            try NightReport.files(facts, language: .english).first { $0.name == "report.html" })
        let text = String(decoding: page.bytes, as: UTF8.self)
        let charts = text.components(separatedBy: "<svg ").dropFirst()
        #expect(charts.count >= 8)
        for chart in charts {
            #expect(chart.contains("role=\"img\"") && chart.contains("<title id=") && chart.contains("<desc id="))
        }
        let ids = text.components(separatedBy: " id=\"").dropFirst().compactMap { $0.split(separator: "\"").first }
        #expect(Set(ids).count == ids.count)
    }
}
