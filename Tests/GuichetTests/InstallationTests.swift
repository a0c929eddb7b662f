import Schemas
import Testing

@testable import guichet

/// A server whose resources are broken says so and does not start.
@Suite struct InstallationTests {
    private func words(_ check: InstallationCheck) -> String {
        do {
            _ = try check.policies()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `what is shipped is sound`() throws {
        #expect(words(InstallationCheck()) == "")
    }

    @Test func `a chart without an account, in another class, or unreadable is named`() {
        var check = InstallationCheck()
        let chart = String(decoding: ChartOfAccountsFile.json, as: UTF8.self)
        check.chart = Array(chart.replacing("liabilities:suspense", with: "liabilities:elsewhere").utf8)
        #expect(words(check).contains("no line for liabilities:suspense"))
        check.chart = Array(chart.replacing(#""class": "income""#, with: #""class": "asset""#).utf8)
        #expect(words(check).contains("income:commission"))
        check.chart = Array("{".utf8)
        #expect(words(check).contains("chart of accounts is broken"))
    }

    @Test func `broken presets and broken texts are named`() {
        var check = InstallationCheck()
        check.presets = Array("[]".utf8)
        #expect(words(check).contains("presets of policies are broken"))
        check = InstallationCheck()
        check.textProblems = ["the refusal sold_out has two texts"]
        #expect(words(check).contains("sold_out"))
    }
}
