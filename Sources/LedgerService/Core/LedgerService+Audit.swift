internal import Foundation
internal import HTTPEdge
public import Ledger
internal import Schemas
internal import Store
internal import Tickets

extension LedgerService {
    /// Reads the whole ledger and compares every table with the journal; see `Transaction.auditBooks(chart:)`.
    public func audit(by caller: Caller) async throws -> AuditReport {
        try requireFinanceReading(caller)
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        // Heads outlive the keys that signed them.
        let keyRing = ticketKeys.schedule.everKnown
        // Kept outside of the database: a journal that was cut short with everything else in it is seen by these alone.
        let kept = keptHeads()
        // Whoever looks at a room must not wait behind it.
        return try await database.report { transaction in
            let report = try transaction.auditBooks(chart: chart)
            let signatures = HeadAudit.line(stored: try transaction.statedHeads(), kept: kept, keyRing: keyRing)
            return report.with(signatures)
        }
    }

    /// The head files of the data folder, by name; none where heads are kept nowhere.
    private func keptHeads() -> [String: String] {
        guard let folder = settings.headsFolder else { return [:] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".jws") }.reduce(into: [:]) { kept, name in
            kept[name] = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
        }
    }
}
