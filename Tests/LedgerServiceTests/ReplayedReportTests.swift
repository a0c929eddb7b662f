import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Reporting
import Schemas
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

/// Every report over the ledgers of the worked cases: disputes, returned payouts, brackets, funds. Their control totals
/// come from the journal, so a report that is made agrees with it.
@Suite struct ReplayedReportTests {
    @Test(arguments: ReplayCases.names)
    func `each report of a worked case agrees with its journal`(_ name: String) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID().uuidString).ndjson")
        try Data(try ReplayCases.bytes(name, "events.ndjson")).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let fresh = try await FreshDatabase(.chosen)
        let database = try fresh.ledger()
        let replay = try Replay(
            try ReplayConfig(json: ReplayCases.bytes(name, "config.json")), events: path.path, in: database)
        _ = try await replay.run { _ in }
        let settings = try #require(
            LedgerSettings(
                issuer: "https://ledger.test", audience: "https://gateway.test",
                policies: try PolicyBook(json: PolicyPresets.json)))
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        let service = LedgerService(database: database, settings: settings, signingKey: key)
        let first = try #require(LocalDay("2000-01-01"))
        let period = try #require(ReportPeriod(from: first, to: first.advanced(byDays: 40_000)))
        var funds: [String: Int64] = [:]
        for shelved in settings.reports.reports {
            let export = try await service.export(
                shelved.report.name, ReportRequest(period: period, formats: [.csv]), by: .finance)
            if shelved.report.name == "fund-statement" { funds = export.totals.sums["amount"] ?? [:] }
            if shelved.report.name == "trial-balance" { #expect(export.totals.rows > 1) }
        }
        let given = try await database.read { transaction in
            try transaction.rows("SELECT coalesce(sum(given), 0) FROM fund_months WHERE shard = $1", "0") {
                row throws(StoreFault) in try row.integer(0)
            }
        }
        #expect(funds.values.reduce(0, +) == given.first)
        if name.hasPrefix("10") || name.hasPrefix("11") { #expect(given != [0]) }
        await database.close()
        withExtendedLifetime(fresh) {}
    }
}
