internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
public import Values

/// How the books stand for a batch.
public struct PayoutGatesView: Sendable, Hashable, Encodable {
    public struct Gate: Sendable, Hashable, Encodable {
        /// `clearing`, `suspense`, `books` or `inbox`.
        public let gate: String
        public let passed: Bool
        /// How many things are not in order.
        public let count: Int
        public let detail: String
    }

    public struct Run: Sendable, Hashable, Encodable {
        public let passed: Bool
        public let at: Instant
        public let gates: [Gate]
    }

    public let day: LocalDay
    public let batch: String
    /// As things stand now.
    public let now: Run
    /// As they stood when somebody last wanted to send the batch.
    public let lastSending: Run?
}

/// Gates before money moves. What they cost: accounts of passage and the inbox are look-ups of what is open; the whole audit
/// is not made again but looked up by the state that it reached; the journal's chain is followed from where it was followed
/// last, so the first look of a house reads the whole journal and each later one the entries since then; the batch is
/// compared with its own lines and entries, a few queries of its items.
extension LedgerService {
    /// How far the chain holds, and where it breaks.
    struct ChainLook: Sendable {
        let from: Int64
        let result: Result<ChainHead, ChainBreak>
    }

    /// The gates as they stand now; nothing is written.
    public func payoutGates(of day: LocalDay, by caller: Caller) async throws -> PayoutGatesView {
        try requireFinanceReading(caller)
        let now = clock.now()
        return try await database.read { transaction in
            guard let batch = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
            let start = try transaction.verifiedHead()
            let chain = ChainLook(from: start.sequence, result: try transaction.followChain(from: start))
            let findings = try gates(of: batch, chain: chain, at: now, in: transaction)
            return PayoutGatesView(
                day: day, batch: batch.batch,
                now: PayoutGatesView.Run(
                    passed: findings.allSatisfy(\.passed), at: now, gates: findings.map(Self.view)),
                lastSending: try transaction.lastGateRun(of: batch.batch).map {
                    PayoutGatesView.Run(passed: $0.passed, at: $0.at, gates: $0.findings.map(Self.view))
                })
        }
    }

    private static func view(of finding: GateFinding) -> PayoutGatesView.Gate {
        PayoutGatesView.Gate(
            gate: finding.gate.rawValue, passed: finding.passed, count: finding.count, detail: finding.detail)
    }

    /// Follows the chain in a transaction that only reads, so that no sale waits for it.
    func followedHead() async throws -> ChainHead {
        try await database.read { transaction in
            let start = try transaction.verifiedHead()
            guard case .success(let head) = try transaction.followChain(from: start) else { return start }
            return head
        }
    }

    /// Looks at the books, and writes down how they were found.
    /// - Parameter head: up to where the chain was followed a moment ago.
    /// - Returns: the number of the look where all gates let the batch through, else those that hold it.
    func passGates(
        _ batch: PayoutBatchRow, from head: ChainHead, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Result<Int64, BatchApprovalRefusal> {
        let chain = ChainLook(from: head.sequence, result: try transaction.followChain(from: head))
        let findings = try gates(of: batch, chain: chain, at: now, in: transaction)
        let n = try transaction.insertGateRun(
            of: batch.batch, findings, verified: try? chain.result.get(), by: actor, at: now)
        let holding = findings.filter { !$0.passed }.map(\.gate.rawValue).sorted()
        guard holding.isEmpty else {
            try transaction.audit(
                actor: actor, act: "batch_held", subject: batch.batch, detail: holding.joined(separator: ", "), at: now)
            return .failure(.held(holding))
        }
        return .success(n)
    }

    /// Every gate, in the order of ``PayoutGate``.
    private func gates(
        of batch: PayoutBatchRow, chain: ChainLook, at now: Instant, in transaction: borrowing Transaction
    ) throws -> [GateFinding] {
        let safeguards = settings.payouts
        let uncleared = try transaction.unexplainedPassages()
        let suspense = try transaction.openSuspense(
            before: now.advanced(bySeconds: -Int64(safeguards.suspenseDays) * 86_400))
        let waiting = try transaction.waitingEvents(
            before: now.advanced(bySeconds: -60 * safeguards.inboxMinutes), limit: 100
        ).map { "\($0.provider.rawValue) \($0.kind)" }
        let unanswered = try transaction.unansweredCalls(
            before: now.advanced(bySeconds: -3_600 * PayoutSafeguards.statementHours), limit: 100)
        let untold = try waiting + unanswered + statementFindings(at: now, in: transaction)
        return [
            GateFinding(
                .clearing, count: uncleared.count,
                detail: uncleared.map { "\($0.account) \($0.amount), explained \($0.explained)" }
                    .joined(separator: "; ")),
            GateFinding(.suspense, count: suspense.count, detail: suspense.oldest ?? ""),
            try books(of: batch, chain: chain, at: now, in: transaction),
            GateFinding(.inbox, count: untold.count, detail: untold.first ?? ""),
        ]
    }

    /// An audit that reached the batch is clean, the journal's chain holds, the batch is the sum of what it pays, and its figures are those of its digest.
    private func books(
        of batch: PayoutBatchRow, chain: ChainLook, at now: Instant, in transaction: borrowing Transaction
    ) throws -> GateFinding {
        var problems: [String] = []
        if let problem = try auditProblem(of: batch, at: now, in: transaction) { problems.append(problem.words) }
        var range = ""
        switch chain.result {
        case .success(let head): range = "entries \(chain.from + 1) to \(head.sequence)"
        case .failure(let fault): problems.append("entry \(fault.sequence): \(fault.reason.rawValue)")
        }
        problems += try transaction.unsoundItems(of: batch.batch)
        guard let night = try transaction.night(batch.day) else {
            throw StoreFault.corrupt(column: "payout_batches.day")
        }
        var digest = BatchDigest(of: batch.day, cut: night.cut, policy: night.policy)
        for item in try transaction.items(of: batch.batch) {
            digest.add(item.host, gross: item.gross, withheld: item.withheld, net: item.net)
        }
        if digest.value().hex != batch.digest { problems.append("digest") }
        return GateFinding(.books, count: problems.count, detail: problems.first ?? range)
    }
}
