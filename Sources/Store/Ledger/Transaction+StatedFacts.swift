public import BoxOffice
public import Values

/// Something that the books have and a provider's statement has not.
public struct ProviderGapRow: Sendable, Hashable {
    public let provider: ProviderName
    public let fact: StatedFact
    public let target: String
    /// As the provider's balance should have moved.
    public let amount: Money
    public let sequence: Int64
    public let bookedAt: Instant

    public init(
        provider: ProviderName, fact: StatedFact, target: String, amount: Money, sequence: Int64, bookedAt: Instant
    ) {
        self.provider = provider
        self.fact = fact
        self.target = target
        self.amount = amount
        self.sequence = sequence
        self.bookedAt = bookedAt
    }
}

/// What the books have of the lines of providers' statements, and the other way round.
extension Transaction {
    /// What the books have of a line: the fact that its kind states, of the object that it names.
    ///
    /// A refund that failed before it went moved nothing here, and neither did a dispute that was over when it was heard
    /// of; the provider states each as a pair of lines all the same.
    public borrowing func booked(
        _ line: ProviderMovement, of provider: ProviderName
    ) throws(StoreFault) -> BookedMovement? {
        guard let fact = line.kind.fact else { return nil }
        for name in [line.source, line.related] where !name.isEmpty {
            if let found = try booked(fact, Self.lookUp(fact), name, of: provider) { return found }
        }
        // Nobody has heard the provider's name of it: people answered in its place, or the event was lost.
        guard let ours = line.ours, let lookUp = Self.lookUpOurs(fact) else { return nil }
        return try booked(fact, lookUp, ours, of: provider)
    }

    private borrowing func booked(
        _ fact: StatedFact, _ lookUp: StaticString, _ name: String, of provider: ProviderName
    ) throws(StoreFault) -> BookedMovement? {
        let found = try row(lookUp, shard, provider.rawValue, name) { row throws(StoreFault) in
            (
                target: try row.text(0), amount: try row.money(1, 2), sequence: try row.optionalInteger(3),
                charge: try row.optionalText(4)
            )
        }
        guard let found else { return nil }
        return BookedMovement(
            target: found.target, amount: found.amount, sequence: found.sequence,
            charge: found.charge.flatMap { ChargeID($0) }, statedBy: try stating(fact, found.target, by: provider))
    }

    /// The same by our own name; `nil` for facts of which providers keep none. A refund of which people said that it was
    /// never made is none: a line that says otherwise stays open.
    private static func lookUpOurs(_ fact: StatedFact) -> StaticString? {
        switch fact {
        case .repayment:
            """
            SELECT r.repayment, -r.amount, r.currency, f.seq, r.charge FROM repayments r
            JOIN charges c ON c.shard = r.shard AND c.charge = r.charge AND c.provider = $2
            JOIN repayment_facts f ON f.shard = r.shard AND f.repayment = r.repayment AND f.state = 'succeeded'
            WHERE r.shard = $1 AND r.repayment = $3
            """
        case .repaymentReturn:
            """
            SELECT r.repayment, r.amount, r.currency, f.seq, r.charge FROM repayments r
            JOIN charges c ON c.shard = r.shard AND c.charge = r.charge AND c.provider = $2
            JOIN repayment_facts f ON f.shard = r.shard AND f.repayment = r.repayment AND f.state = 'failed'
              AND f.prev_state = 'succeeded'
            WHERE r.shard = $1 AND r.repayment = $3
            """
        case .payout:
            """
            SELECT t.payout, -t.net, t.currency, f.seq, NULL FROM payout_transfers t
            JOIN payout_transfer_facts f ON f.shard = t.shard AND f.payout = t.payout AND f.state = 'paid'
            WHERE t.shard = $1 AND t.provider = $2 AND t.payout = $3
            """
        case .payoutReturn:
            """
            SELECT t.payout, t.net, t.currency, f.seq, NULL FROM payout_transfers t
            JOIN payout_transfer_facts f ON f.shard = t.shard AND f.payout = t.payout AND f.state = 'returned'
            WHERE t.shard = $1 AND t.provider = $2 AND t.payout = $3
            """
        case .payment, .dispute, .disputeReturn, .settlement, .settlementReturn: nil
        }
    }

    /// Target, amount, currency, entry and payment of a fact, by a provider's name of it.
    private static func lookUp(_ fact: StatedFact) -> StaticString {
        switch fact {
        case .payment:
            """
            SELECT p.reference, p.amount, p.currency, p.seq, p.reference FROM provider_objects o JOIN hold_payments p
              ON p.shard = o.shard AND p.provider = o.provider AND p.reference = o.charge
            WHERE o.shard = $1 AND o.provider = $2 AND o.object = $3
            """
        case .repayment:
            """
            SELECT r.repayment, -r.amount, r.currency, f.seq, r.charge FROM repayment_names n
            JOIN repayments r ON r.shard = n.shard AND r.repayment = n.repayment
            JOIN repayment_facts f ON f.shard = n.shard AND f.repayment = n.repayment
              AND (f.state = 'succeeded' OR (f.state = 'failed' AND f.prev_state <> 'succeeded'))
            WHERE n.shard = $1 AND n.provider = $2 AND n.name = $3
            """
        case .repaymentReturn:
            """
            SELECT r.repayment, r.amount, r.currency, f.seq, r.charge FROM repayment_names n
            JOIN repayments r ON r.shard = n.shard AND r.repayment = n.repayment
            JOIN repayment_facts f ON f.shard = n.shard AND f.repayment = n.repayment AND f.state = 'failed'
            WHERE n.shard = $1 AND n.provider = $2 AND n.name = $3
            """
        case .dispute:
            """
            SELECT d.dispute, -d.amount, d.currency, s.seq, d.charge FROM disputes d LEFT JOIN dispute_steps s
              ON s.shard = d.shard AND s.provider = d.provider AND s.dispute = d.dispute AND s.step = 'take'
            WHERE d.shard = $1 AND d.provider = $2 AND d.dispute = $3 AND (s.seq IS NOT NULL OR EXISTS (SELECT 1
              FROM dispute_facts f WHERE f.shard = d.shard AND f.provider = d.provider AND f.dispute = d.dispute
                AND f.fact = 'reinstated'))
            """
        case .disputeReturn:
            """
            SELECT d.dispute, d.amount, d.currency, s.seq, d.charge FROM disputes d LEFT JOIN dispute_steps s
              ON s.shard = d.shard AND s.provider = d.provider AND s.dispute = d.dispute AND s.step = 'give_back'
            WHERE d.shard = $1 AND d.provider = $2 AND d.dispute = $3 AND (s.seq IS NOT NULL OR (NOT EXISTS (SELECT 1
              FROM dispute_steps t WHERE t.shard = d.shard AND t.provider = d.provider AND t.dispute = d.dispute)
              AND EXISTS (SELECT 1 FROM dispute_facts f WHERE f.shard = d.shard AND f.provider = d.provider
                AND f.dispute = d.dispute AND f.fact = 'reinstated')))
            """
        case .settlement:
            """
            SELECT p.payout, -p.amount, p.currency, f.seq, NULL FROM provider_payouts p JOIN provider_payout_facts f
              ON f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout
              AND (f.state = 'paid' OR (f.state = 'failed' AND f.prev_state <> 'paid'))
            WHERE p.shard = $1 AND p.provider = $2 AND p.payout = $3
            """
        case .settlementReturn:
            """
            SELECT p.payout, p.amount, p.currency, f.seq, NULL FROM provider_payouts p JOIN provider_payout_facts f
              ON f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout AND f.state = 'failed'
            WHERE p.shard = $1 AND p.provider = $2 AND p.payout = $3
            """
        case .payout:
            """
            SELECT t.payout, -t.net, t.currency, f.seq, NULL FROM payout_transfer_names n
            JOIN payout_transfers t ON t.shard = n.shard AND t.payout = n.payout
            JOIN payout_transfer_facts f ON f.shard = n.shard AND f.payout = n.payout AND f.state = 'paid'
            WHERE n.shard = $1 AND n.provider = $2 AND n.name = $3
            """
        case .payoutReturn:
            """
            SELECT t.payout, t.net, t.currency, f.seq, NULL FROM payout_transfer_names n
            JOIN payout_transfers t ON t.shard = n.shard AND t.payout = n.payout
            JOIN payout_transfer_facts f ON f.shard = n.shard AND f.payout = n.payout AND f.state = 'returned'
            WHERE n.shard = $1 AND n.provider = $2 AND n.name = $3
            """
        }
    }

    /// What the books have of a provider in a range of the journal and no line states. Each table is read by its index on
    /// the entry, so this costs what was booked in the range.
    /// - Parameters:
    ///   - range: sequences, the first one outside.
    ///   - known: what was booked earlier the provider can't know.
    public borrowing func unstated(
        by provider: ProviderName, after first: Int64, through last: Int64, since known: Instant
    ) throws(StoreFault) -> [ProviderGapRow] {
        try rows(
            """
            SELECT f.fact, f.target, f.amount, f.currency, f.seq, e.posted_us FROM (
              SELECT 'payment' AS fact, p.reference AS target, p.amount AS amount, p.currency AS currency, p.seq AS seq
              FROM hold_payments p WHERE p.shard = $1 AND p.provider = $2 AND p.seq > $3 AND p.seq <= $4
              UNION ALL
              SELECT 'repayment', r.repayment, -r.amount, r.currency, f.seq
              FROM repayment_facts f JOIN repayments r ON r.shard = f.shard AND r.repayment = f.repayment
              JOIN charges c ON c.shard = r.shard AND c.charge = r.charge
              WHERE f.shard = $1 AND c.provider = $2 AND f.seq > $3 AND f.seq <= $4 AND f.state = 'succeeded'
              UNION ALL
              SELECT 'repayment_return', r.repayment, r.amount, r.currency, f.seq
              FROM repayment_facts f JOIN repayments r ON r.shard = f.shard AND r.repayment = f.repayment
              JOIN charges c ON c.shard = r.shard AND c.charge = r.charge
              WHERE f.shard = $1 AND c.provider = $2 AND f.seq > $3 AND f.seq <= $4 AND f.state = 'failed'
                AND (f.prev_state = 'succeeded' OR EXISTS (SELECT 1 FROM provider_movement_ends m
                  WHERE m.shard = $1 AND m.provider = $2 AND m.fact = 'repayment' AND m.target = r.repayment))
              UNION ALL
              SELECT CASE s.step WHEN 'take' THEN 'dispute' ELSE 'dispute_return' END, d.dispute,
                CASE s.step WHEN 'take' THEN -d.amount ELSE d.amount END, d.currency, s.seq
              FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider
                AND d.dispute = s.dispute
              WHERE s.shard = $1 AND s.provider = $2 AND s.seq > $3 AND s.seq <= $4 AND s.step IN ('take', 'give_back')
              UNION ALL
              SELECT CASE f.state WHEN 'paid' THEN 'settlement' ELSE 'settlement_return' END, p.payout,
                CASE f.state WHEN 'paid' THEN -p.amount ELSE p.amount END, p.currency, f.seq
              FROM provider_payout_facts f JOIN provider_payouts p ON p.shard = f.shard AND p.provider = f.provider
                AND p.payout = f.payout
              WHERE f.shard = $1 AND f.provider = $2 AND f.seq > $3 AND f.seq <= $4
              UNION ALL
              SELECT CASE f.state WHEN 'paid' THEN 'payout' ELSE 'payout_return' END, t.payout,
                CASE f.state WHEN 'paid' THEN -t.net ELSE t.net END, t.currency, f.seq
              FROM payout_transfer_facts f JOIN payout_transfers t ON t.shard = f.shard AND t.payout = f.payout
              WHERE f.shard = $1 AND t.provider = $2 AND f.seq > $3 AND f.seq <= $4) AS f
            JOIN entries e ON e.shard = $1 AND e.seq = f.seq
            WHERE e.posted_us >= $5
              AND NOT EXISTS (SELECT 1 FROM provider_movement_ends m WHERE m.shard = $1 AND m.provider = $2
                AND m.fact = f.fact AND m.target = f.target)
            ORDER BY f.seq
            """, shard, provider.rawValue, first, last, known
        ) { row throws(StoreFault) in
            try readGap(row, provider)
        }
    }

    /// Writes down that a statement left something out.
    public borrowing func insert(
        _ gap: ProviderGapRow, of statement: Int64, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_gaps (shard, provider, fact, target, n, currency, amount, seq, booked_us, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, gap.provider.rawValue, gap.fact.rawValue, gap.target, statement, gap.amount.currency,
            gap.amount.minorUnits, gap.sequence, gap.bookedAt, instant)
    }

    /// What statements left out and still is open, oldest first, behind one of them. Looked up among all that ever were
    /// left out: those are exceptions.
    public borrowing func openGaps(
        after cursor: (at: Instant, provider: String, name: String), limit: Int
    ) throws(StoreFault) -> [ProviderGapRow] {
        try rows(
            """
            SELECT g.fact, g.target, g.amount, g.currency, g.seq, g.booked_us, g.provider FROM provider_gaps g
            WHERE g.shard = $1 AND (g.booked_us, g.provider, g.fact || ' ' || g.target) > ($2, $3, $4)
              AND NOT EXISTS (SELECT 1 FROM provider_gap_ends x WHERE x.shard = g.shard AND x.provider = g.provider
                AND x.fact = g.fact AND x.target = g.target)
              AND NOT EXISTS (SELECT 1 FROM provider_movement_ends m WHERE m.shard = g.shard
                AND m.provider = g.provider AND m.fact = g.fact AND m.target = g.target)
            ORDER BY g.booked_us, g.provider, g.fact || ' ' || g.target LIMIT $5
            """, shard, cursor.at, cursor.provider, cursor.name, limit
        ) { row throws(StoreFault) in
            guard let provider = ProviderName(rawValue: try row.text(6)) else { throw row.corrupt(6) }
            return try readGap(row, provider)
        }
    }

    /// Whether something was left out, and is still open; `nil` if it was not left out.
    public borrowing func isOpenGap(
        _ fact: StatedFact, _ target: String, of provider: ProviderName
    ) throws(StoreFault) -> Bool? {
        let isGap = try row(
            "SELECT 1 FROM provider_gaps WHERE shard = $1 AND provider = $2 AND fact = $3 AND target = $4", shard,
            provider.rawValue, fact.rawValue, target
        ) { _ throws(StoreFault) in true }
        guard isGap != nil else { return nil }
        let isExplained = try row(
            "SELECT 1 FROM provider_gap_ends WHERE shard = $1 AND provider = $2 AND fact = $3 AND target = $4", shard,
            provider.rawValue, fact.rawValue, target
        ) { _ throws(StoreFault) in true }
        let stated = try stating(fact, target, by: provider)
        return isExplained == nil && stated == nil
    }

    public borrowing func explainGap(
        _ fact: StatedFact, _ target: String, of provider: ProviderName, reason: String, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_gap_ends (shard, provider, fact, target, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, provider.rawValue, fact.rawValue, target, reason, actor, instant)
    }

    /// How long a provider's payout or a refund may be on its way: banks take days, and the line is there at once.
    private static let daysOnTheWay: Int64 = 10

    /// What statements and books do not agree on since before an instant: a few words for each, oldest first. Payouts and
    /// refunds that are known here may be on their way for ten days more.
    public borrowing func statementProblems(before instant: Instant, limit: Int) throws(StoreFault) -> [String] {
        let lines = try rows(
            """
            SELECT o.provider || ' statement ' || o.movement FROM open_movements o WHERE o.shard = $1 AND o.created_us < $2
              AND (o.created_us < $3 OR NOT EXISTS (SELECT 1 FROM provider_movements m WHERE m.shard = o.shard
                AND m.provider = o.provider AND m.movement = o.movement
                AND (EXISTS (SELECT 1 FROM provider_payouts p WHERE p.shard = m.shard AND p.provider = m.provider
                    AND p.payout = m.source AND NOT EXISTS (SELECT 1 FROM provider_payout_facts f
                      WHERE f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout
                        AND f.state <> 'pending'))
                  OR EXISTS (SELECT 1 FROM repayment_names n WHERE n.shard = m.shard AND n.provider = m.provider
                    AND n.name = m.source AND NOT EXISTS (SELECT 1 FROM repayment_facts f
                      WHERE f.shard = n.shard AND f.repayment = n.repayment
                        AND f.state NOT IN ('requested', 'pending'))))))
            ORDER BY o.created_us, o.provider, o.movement LIMIT $4
            """, shard, instant, instant.advanced(bySeconds: -Self.daysOnTheWay * 86_400), limit
        ) { row throws(StoreFault) in try row.text(0) }
        let gaps = try openGaps(after: (Instant(microseconds: .min), "", ""), limit: limit)
        let odd = try openOddLines(after: (Instant(microseconds: .min), "", ""), limit: limit).filter {
            $0.at < instant
        }
        return lines + odd.map { "\($0.provider.rawValue) statement \($0.name) \($0.problem.rawValue)" }
            + gaps.map { "\($0.provider.rawValue) unstated \($0.fact.rawValue) \($0.target)" }
    }
}

private func readGap(_ row: borrowing Row, _ provider: ProviderName) throws(StoreFault) -> ProviderGapRow {
    guard let fact = StatedFact(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    return ProviderGapRow(
        provider: provider, fact: fact, target: try row.text(1), amount: try row.money(2, 3),
        sequence: try row.integer(4), bookedAt: try row.instant(5))
}
