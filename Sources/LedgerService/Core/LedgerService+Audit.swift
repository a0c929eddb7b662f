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
        return try await database.read { transaction in
            let report = try transaction.auditBooks(chart: chart)
            let signatures = HeadAudit.line(stored: try transaction.statedHeads(), kept: [:], keyRing: keyRing)
            return report.with(signatures)
        }
    }
}
