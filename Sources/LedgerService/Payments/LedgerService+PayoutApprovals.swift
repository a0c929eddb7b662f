public import BoxOffice
public import HTTPEdge
internal import Payouts
internal import Store
public import Values

/// Who agreed to a batch, and what there was to explain.
public struct PayoutApprovalView: Sendable, Hashable, Encodable {
    public struct Approval: Sendable, Hashable, Encodable {
        /// The id of the key that approved.
        public let approver: String
        public let at: Instant
        public let findings: Int
        public let reason: String?
    }

    public struct Rejection: Sendable, Hashable, Encodable {
        public let actor: String
        public let at: Instant
        public let reason: String
    }

    public struct Finding: Sendable, Hashable, Encodable {
        /// `item_above`, `total_above`, `new_destination` or `growth`.
        public let code: String
        public let host: HostID?
        public let amount: Money?
    }

    /// The id of the key that ran the night.
    public let creator: String
    public let round: Int
    public let need: Int
    /// Of this round.
    public let approvals: [Approval]
    public let rejections: [Rejection]
    /// What an approval has to explain now, the first of it: sums, then items by host; empty once the batch was sent.
    public let findings: [Finding]
    /// How many there are in all.
    public let findingsCount: Int
    public let totals: [Money]
}

/// A batch with all that its approval is about, as one transaction reads it.
struct BatchStanding {
    let row: PayoutBatchRow
    let items: [PayoutItemRow]
    let approvals: [PayoutApprovalRow]
    let rounds: [PayoutRoundRow]

    /// Approvals of the round that is open, or that ended with the sending.
    var current: [PayoutApprovalRow] { approvals.filter { $0.round == approval.round } }
    var part: PayeePart? { PayeePart(items.map(\.key), of: row) }
    var totals: [Money] { PayoutSafeguards.totals(of: items.map(\.net)) }

    var approval: BatchApproval {
        let isSent = rounds.last?.isSent ?? false
        let round = isSent ? rounds.count : rounds.count + 1
        return BatchApproval(
            digest: row.digest, creator: row.creator, madeAt: row.madeAt, round: round,
            approvers: Set(approvals.filter { $0.round == round }.map(\.approver)), isSent: isSent)
    }

    /// When everybody who agreed had seen the batch's destinations; `nil` before anybody did.
    var seenAt: Instant? { current.map(\.at).min() }
}

/// Four eyes over payout batches.
extension LedgerService {
    func standing(of day: LocalDay, in transaction: borrowing Transaction) throws -> BatchStanding {
        guard let row = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
        return BatchStanding(
            row: row, items: try transaction.items(of: row.batch), approvals: try transaction.approvals(of: row.batch),
            rounds: try transaction.rounds(of: row.batch))
    }

    /// Earlier payouts that an average is made of: a quarter of a year of weekly ones.
    private static let averaged = 12

    /// As many findings as anybody reads in a batch's own answer; those of its items can be listed.
    private static let findingsShown = 100

    /// Items of a batch as whoever approves them meets them.
    func reviewed(
        _ items: [PayoutItemRow], of batch: String, _ people: PeopleOfPart, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [PayoutReviewItem] {
        guard let first = items.first, let last = items.last else { return [] }
        let before = try transaction.paidBefore(
            batch, from: first.host.text, through: last.host.text, limit: Self.averaged)
        return items.map { item in
            let destination = people.destinations[item.host]
            let earlier = before[item.key]
            return PayoutReviewItem(
                host: item.host, net: item.net, changedAt: destination.flatMap { $0.n > 1 ? $0.since : nil },
                earlier: earlier?.count ?? 0, earlierSum: earlier?.sum ?? 0)
        }
    }

    /// What there is to explain about a batch.
    func findings(
        of batch: BatchStanding, _ people: PeopleOfPart, at now: Instant, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [PayoutFinding] {
        settings.payouts.findings(
            of: try reviewed(batch.items, of: batch.row.batch, people, in: transaction), at: now)
    }

    /// One more person agrees to a batch.
    func approveBatch(
        of day: LocalDay, digest: String, reason: String?, key: IdempotencyKey, by signatory: Signatory
    ) async throws {
        let caller = signatory.caller
        try requireFinance(caller)
        let name = signatory.signature.name
        let command = OnceOnly(
            "payout-approve", by: caller, key: key, request: "\(day)|\(digest)|\(name)|\(reason ?? "")")
        let now = clock.now()
        try await database.write { transaction in
            _ = try transaction.once(command, at: now) {
                let batch = try standing(of: day, in: transaction)
                let people = try PeopleOfPart(of: batch.part, in: transaction)
                let findings = try findings(of: batch, people, at: now, in: transaction)
                var approval = batch.approval
                try approval.approve(digest, by: signatory.signature, reason: reason, findings: findings)
                try transaction.insertApproval(
                    PayoutApprovalRow(
                        round: approval.round, approver: name, findings: findings.count, reason: reason, at: now),
                    of: batch.row)
                try transaction.audit(
                    actor: caller.actor, act: "batch_approved", subject: batch.row.batch,
                    detail: "\(name) \(digest) \(reason ?? "")", at: now)
                return batch.row.batch
            }
        }
    }

    /// Somebody stops a batch: what was agreed to is taken back, and another round begins.
    func rejectBatch(
        of day: LocalDay, digest: String, reason: String, key: IdempotencyKey, by signatory: Signatory
    ) async throws {
        let caller = signatory.caller
        try requireFinance(caller)
        let name = signatory.signature.name
        let command = OnceOnly("payout-reject", by: caller, key: key, request: "\(day)|\(digest)|\(reason)")
        let now = clock.now()
        try await database.write { transaction in
            _ = try transaction.once(command, at: now) {
                let batch = try standing(of: day, in: transaction)
                var approval = batch.approval
                let round = approval.round
                try approval.reject(digest, reason: reason)
                try transaction.insertRound(
                    PayoutRoundRow(round: round, isSent: false, actor: name, reason: reason, at: now),
                    of: batch.row.batch)
                try transaction.audit(
                    actor: caller.actor, act: "batch_rejected", subject: batch.row.batch,
                    detail: "\(name) \(reason)", at: now)
                return batch.row.batch
            }
        }
    }

    func approvalView(
        of batch: BatchStanding, _ people: PeopleOfPart, at now: Instant, in transaction: borrowing Transaction
    ) throws -> PayoutApprovalView {
        let findings = batch.approval.isSent ? [] : try findings(of: batch, people, at: now, in: transaction)
        return PayoutApprovalView(
            creator: batch.row.creator, round: batch.approval.round,
            need: settings.payouts.needsSecond(batch.totals) ? 2 : 1,
            approvals: batch.current.map {
                PayoutApprovalView.Approval(
                    approver: $0.approver, at: $0.at, findings: $0.findings, reason: $0.reason)
            },
            rejections: batch.rounds.filter { !$0.isSent }.map {
                PayoutApprovalView.Rejection(actor: $0.actor, at: $0.at, reason: $0.reason ?? "")
            },
            findings: findings.prefix(Self.findingsShown).map {
                PayoutApprovalView.Finding(code: $0.code, host: $0.host, amount: $0.amount)
            }, findingsCount: findings.count, totals: batch.totals)
    }
}

/// A batch in a list.
public struct PayoutBatchSummary: Sendable, Hashable, Encodable {
    public let day: LocalDay
    public let batch: String
    public let digest: String
    public let state: PayoutBatchState
    public let items: Int
    public let totals: [Money]
    public let approvals: Int
    public let need: Int
}

struct PayoutBatchList: Encodable {
    let batches: [PayoutBatchSummary]
    let next: String?
}

extension LedgerService {
    /// A page of batches, the last one first.
    public func payoutBatches(
        _ page: PageRequest, by caller: Caller
    ) async throws -> (batches: [PayoutBatchSummary], next: String?) {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let (rows, next) = page.page(
                try transaction.payoutBatches(before: page.after ?? "9999-12-31", limit: page.limit + 1),
                key: \.day.description)
            var batches: [PayoutBatchSummary] = []
            for row in rows { batches.append(try summary(of: row, in: transaction)) }
            return (batches, next)
        }
    }

    private func summary(
        of row: PayoutBatchRow, in transaction: borrowing Transaction
    ) throws -> PayoutBatchSummary {
        let sums = try transaction.batchSums(of: row.batch)
        // Items are not read one by one: a list of a year's batches would read a year's payouts.
        let batch = BatchStanding(
            row: row, items: [], approvals: try transaction.approvals(of: row.batch),
            rounds: try transaction.rounds(of: row.batch))
        let needsSecond = settings.payouts.needsSecond(sums.totals)
        return PayoutBatchSummary(
            day: row.day, batch: row.batch, digest: row.digest,
            state: batch.approval.state(
                needsSecond: needsSecond, isOpen: sums.payable > sums.paid, isEmpty: sums.payable == 0),
            items: sums.items, totals: sums.totals, approvals: batch.approval.approvers.count,
            need: needsSecond ? 2 : 1)
    }
}
