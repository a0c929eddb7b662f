internal import HTTPEdge
public import Ledger
internal import Schemas
internal import Store

extension LedgerService {
    /// Reads the whole ledger and compares every table with the journal; see `Transaction.auditBooks(chart:)`.
    public func audit(by caller: Caller) async throws -> AuditReport {
        try requireFinance(caller)
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let keyRing = keyRing
        return try await database.read { transaction in
            let report = try transaction.auditBooks(chart: chart)
            let signatures = HeadAudit.line(stored: try transaction.statedHeads(), kept: [:], keyRing: keyRing)
            return report.with(signatures)
        }
    }
}
