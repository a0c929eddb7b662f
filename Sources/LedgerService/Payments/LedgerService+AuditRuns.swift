internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What an audit of the whole ledger came to, as it was written down.
public struct AuditRunView: Sendable, Hashable, Encodable {
    public let audit: Int64
    public let clean: Bool
    /// The last entry that it read.
    public let sequence: Int64
    public let hash: String
    public let checks: Int
    public let broken: Int
    /// The first thing that was broken; empty for a clean audit.
    public let detail: String
    public let actor: String
    public let at: Instant

    init(_ row: AuditRunRow) {
        audit = row.n
        clean = row.broken == 0
        sequence = row.sequence
        hash = row.hash
        checks = row.checks
        broken = row.broken
        detail = row.detail
        actor = row.actor
        at = row.at
    }
}

/// A page of audits, the last one first.
public struct AuditRunList: Sendable, Hashable, Encodable {
    public let audits: [AuditRunView]
    public let next: String?
}

/// Why the audits that were made do not speak for a batch.
enum AuditProblem: Sendable, Hashable {
    case missing(through: Int64)
    case behind(Int64, through: Int64)
    case otherJournal(Int64)
    case old(Instant)
    case broken(count: Int, String)

    var words: String {
        switch self {
        case .missing(let through): "no audit; the batch ends at entry \(through)"
        case .behind(let sequence, let through): "audited through entry \(sequence); the batch ends at entry \(through)"
        case .otherJournal(let sequence): "the audit read another entry \(sequence)"
        case .old(let at): "the last audit is of \(at)"
        case .broken(let count, let first): "audit: \(count) broken, \(first)"
        }
    }
}

/// Audits whose results are kept, so that a batch can lean on one without making it again.
extension LedgerService {
    /// Audits the whole ledger while others sell, and writes down what it came to.
    public func recordAudit(key: IdempotencyKey?, by caller: Caller) async throws -> AuditRunView {
        try requireFinance(caller)
        let command = OnceOnly("audit", by: caller, key: key, request: "")
        if let key, let known = try await auditRun(command, key) { return known }
        // What an audit says is true of when it began to read: two may overlap.
        let now = clock.now()
        let report = try await audit(by: caller)
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                let n = try transaction.insertAuditRun(report, by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "books_audited", subject: String(n),
                    detail: "\(report.sequence) \(report.isClean ? "clean" : "broken")", at: now)
                return String(n)
            }
            return try view(ofAudit: outcome, in: transaction)
        }
    }

    /// The audit that a command has made before: asking again does not read everything again.
    private func auditRun(_ command: OnceOnly, _ key: IdempotencyKey) async throws -> AuditRunView? {
        try await database.read { transaction in
            guard let stored = try transaction.storedOutcome(scope: command.scope, key: key.text) else { return nil }
            guard stored.requestHash == command.requestHash.hex else { throw LedgerRefusal.idempotencyMismatch }
            return try view(ofAudit: stored.outcome, in: transaction)
        }
    }

    private func view(ofAudit n: String, in transaction: borrowing Transaction) throws -> AuditRunView {
        guard let number = Int64(n), let row = try transaction.auditRuns(before: number + 1, limit: 1).first else {
            throw StoreFault.corrupt(column: "idempotency_keys.outcome")
        }
        return AuditRunView(row)
    }

    /// Audits that were written down, the last one first.
    public func auditRuns(_ page: PageRequest, by caller: Caller) async throws -> AuditRunList {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let before = page.after.flatMap { Int64($0) } ?? .max
            let (rows, next) = page.page(try transaction.auditRuns(before: before, limit: page.limit + 1)) { "\($0.n)" }
            return AuditRunList(audits: rows.map { AuditRunView($0) }, next: next)
        }
    }

    /// Why no audit speaks for a batch; `nil` where the one that read furthest does: it is clean, read everything that the night of the batch
    /// wrote, read this journal, and is not too old.
    func auditProblem(
        of batch: PayoutBatchRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> AuditProblem? {
        guard let end = try transaction.nightEnd(batch.day)?.headSequence else {
            throw StoreFault.corrupt(column: "payout_batches.day")
        }
        guard let run = try transaction.furthestAuditRun() else { return .missing(through: end) }
        guard run.sequence >= end else { return .behind(run.sequence, through: end) }
        let hash = try transaction.entryHash(run.sequence)
        guard run.sequence == 0 || hash == run.hash else { return .otherJournal(run.sequence) }
        guard now <= run.at.advanced(bySeconds: 3_600 * settings.payouts.auditHours) else { return .old(run.at) }
        return run.broken == 0 ? nil : .broken(count: run.broken, run.detail)
    }

    /// Before an approved batch leaves: audits the books unless an audit speaks for it already, so that whoever sends need
    /// not know of it. A night's timer has made one; then this reads nothing.
    func auditBefore(sending day: LocalDay, at now: Instant, by caller: Caller) async throws {
        let isDue = try await database.read { transaction in
            guard let row = try transaction.payoutBatch(of: day) else { return false }
            let batch = try standing(of: day, in: transaction)
            let need = settings.payouts.needsSecond(batch.totals) ? 2 : 1
            guard batch.approval.isSent || batch.approval.approvers.count >= need else { return false }
            return try auditProblem(of: row, at: now, in: transaction) != nil
        }
        if isDue { _ = try await recordAudit(key: nil, by: caller) }
    }
}
