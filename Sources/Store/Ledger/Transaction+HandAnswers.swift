public import BoxOffice
public import Values

/// A call that a provider has not answered.
public struct UnansweredCallRow: Sendable, Hashable {
    /// The name under which the provider was asked.
    public let call: String
    public let provider: ProviderName
    public let kind: OwedCallKind
    public let charge: ChargeID?
    public let repayment: RepaymentID?
    public let payout: PayoutTransferID?
    /// What went or did not; `nil` where no money is asked for.
    public let amount: Money?
    public let createdAt: Instant
    public let tries: Int
    public let isOpen: Bool
}

/// Calls without an answer, and what people say of them.
extension Transaction {
    /// Calls without an answer in the order of their names, behind one of them: payments first, then payouts.
    public borrowing func unansweredCalls(after cursor: String, limit: Int) throws(StoreFault) -> [UnansweredCallRow] {
        try rows(
            """
            SELECT q.call, q.provider, q.kind, q.charge, q.repayment, q.payout, q.amount, q.currency, q.created_us, q.tries
            FROM (
              SELECT c.call AS call, c.provider AS provider, c.kind AS kind, c.charge AS charge, c.repayment AS repayment,
                NULL AS payout, r.amount AS amount, r.currency AS currency, c.created_us AS created_us, d.tries AS tries
              FROM due_calls d JOIN provider_calls c ON c.shard = d.shard AND c.call = d.call
              LEFT JOIN repayments r ON r.shard = c.shard AND r.repayment = c.repayment WHERE d.shard = $1 AND d.call > $2
              UNION ALL
              SELECT 'transfer-' || t.payout, t.provider, 'payout', NULL, NULL, t.payout, t.net, t.currency, t.at_us, d.tries
              FROM due_transfers d JOIN payout_transfers t ON t.shard = d.shard AND t.payout = d.payout
              WHERE d.shard = $1 AND 'transfer-' || d.payout > $2) AS q
            ORDER BY q.call LIMIT $3
            """, shard, cursor, limit
        ) { row throws(StoreFault) in try readCall(row, isOpen: true) }
    }

    /// A call by its name, whether it has its answer or not.
    public borrowing func owedCall(_ name: String) throws(StoreFault) -> UnansweredCallRow? {
        if name.hasPrefix("transfer-") {
            return try row(
                """
                SELECT 'transfer-' || t.payout, t.provider, 'payout', NULL, NULL, t.payout, t.net, t.currency, t.at_us,
                  d.tries FROM payout_transfers t LEFT JOIN due_transfers d ON d.shard = t.shard AND d.payout = t.payout
                WHERE t.shard = $1 AND t.payout = $2
                """, shard, String(name.dropFirst("transfer-".count))
            ) { row throws(StoreFault) in try readCall(row, isOpen: !row.isNull(9)) }
        }
        return try row(
            """
            SELECT c.call, c.provider, c.kind, c.charge, c.repayment, NULL, r.amount, r.currency, c.created_us, d.tries
            FROM provider_calls c LEFT JOIN due_calls d ON d.shard = c.shard AND d.call = c.call
            LEFT JOIN repayments r ON r.shard = c.shard AND r.repayment = c.repayment
            WHERE c.shard = $1 AND c.call = $2
            """, shard, name
        ) { row throws(StoreFault) in try readCall(row, isOpen: !row.isNull(9)) }
    }

    /// What was said of a call last.
    public borrowing func handProposal(_ call: String) throws(StoreFault) -> HandProposal? {
        try row(
            """
            SELECT n, outcome, person, at_us FROM provider_hand_proposals WHERE shard = $1 AND call = $2 ORDER BY n DESC LIMIT 1
            """, shard, call
        ) { row throws(StoreFault) in
            guard let outcome = HandOutcome(rawValue: try row.text(1)) else { throw row.corrupt(1) }
            return HandProposal(
                n: try row.integer(0), outcome: outcome, person: try row.text(2), at: try row.instant(3))
        }
    }

    public borrowing func insert(
        _ proposal: HandProposal, of call: UnansweredCallRow, reason: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_hand_proposals (shard, call, n, prev_n, kind, owed, payout, outcome, reason, person, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, call.call, proposal.n, proposal.n == 1 ? Int64?.none : proposal.n - 1, call.kind.rawValue,
            call.payout == nil ? call.call : String?.none, call.payout, proposal.outcome.rawValue, reason,
            proposal.person, instant)
    }

    /// The answer, after which nobody says anything of the call.
    public borrowing func insertAnswer(
        _ proposal: HandProposal, second: String?, of call: UnansweredCallRow, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_hand_answers (shard, call, n, kind, outcome, first_person, second_person, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, call.call, proposal.n, call.kind.rawValue, proposal.outcome.rawValue, proposal.person, second,
            instant)
    }
}

private func readCall(_ row: borrowing Row, isOpen: Bool) throws(StoreFault) -> UnansweredCallRow {
    guard let provider = ProviderName(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    guard let kind = OwedCallKind(rawValue: try row.text(2)) else { throw row.corrupt(2) }
    return UnansweredCallRow(
        call: try row.text(0), provider: provider, kind: kind, charge: try row.optionalIdentifier(3),
        repayment: try row.optionalIdentifier(4), payout: try row.optionalIdentifier(5),
        amount: row.isNull(6) ? nil : try row.money(6, 7), createdAt: try row.instant(8),
        tries: row.isNull(9) ? 0 : try row.int(9), isOpen: isOpen)
}
