public import BoxOffice
public import Values

/// A payment after which its provider is to be asked.
public struct DueAsk: Sendable, Hashable {
    public let charge: ChargeID
    public let provider: ProviderName
    /// How often the time came before.
    public let tries: Int

    public init(charge: ChargeID, provider: ProviderName, tries: Int = 0) {
        self.charge = charge
        self.provider = provider
        self.tries = tries
    }
}

/// What there is to ask after of a payment, by the provider's names.
public struct OpenEnds: Sendable, Hashable {
    /// Of the payment itself, while it is open or being processed.
    public let payment: [String]
    /// Of money that is on its way back.
    public let repayments: [String]
}

/// Payments of which nobody has told yet how they end.
extension Transaction {
    /// A payment, or money of it on its way back, has a new state: its provider is asked from an instant on while anything of
    /// it has no end, and not any more once all has.
    public borrowing func keepAsking(
        after charge: ChargeID, of provider: ProviderName, from due: Instant
    ) throws(StoreFault) {
        guard try !endAsksIfOver(after: charge), provider != .manual else { return }
        try execute(
            """
            INSERT INTO due_asks (shard, charge, due_us, tries) VALUES ($1, $2, $3, 0)
            ON CONFLICT (shard, charge) DO UPDATE SET tries = 0, due_us = CASE WHEN excluded.due_us < due_asks.due_us
              THEN excluded.due_us ELSE due_asks.due_us END
            """, shard, charge, due)
    }

    /// Nobody is asked after a payment any more of which everything has its end.
    /// - Returns: whether it has.
    @discardableResult
    public borrowing func endAsksIfOver(after charge: ChargeID) throws(StoreFault) -> Bool {
        let isOpen = try row(
            """
            SELECT 1 FROM charge_facts f WHERE f.shard = $1 AND f.charge = $2
              AND f.n = (SELECT max(n) FROM charge_facts m WHERE m.shard = f.shard AND m.charge = f.charge)
              AND f.state IN ('open', 'processing')
            """, shard, charge
        ) { _ throws(StoreFault) in true }
        let repayments = try repayments(of: charge)
        guard isOpen == nil, !repayments.contains(where: { $0.state == .pending }) else { return false }
        try execute("DELETE FROM due_asks WHERE shard = $1 AND charge = $2", shard, charge)
        return true
    }

    /// What there is to ask after.
    public borrowing func openEnds(of charge: ChargeID) throws(StoreFault) -> OpenEnds {
        let state = try self.charge(charge)?.state
        let isOpen = state == .open || state == .processing
        let names = try rows(
            """
            SELECT n.name FROM repayment_names n JOIN repayments r ON r.shard = n.shard AND r.repayment = n.repayment
            JOIN repayment_facts g ON g.shard = r.shard AND g.repayment = r.repayment
              AND g.n = (SELECT max(n) FROM repayment_facts m WHERE m.shard = r.shard AND m.repayment = r.repayment)
            WHERE r.shard = $1 AND r.charge = $2 AND g.state = 'pending' ORDER BY n.name
            """, shard, charge
        ) { row throws(StoreFault) in try row.text(0) }
        return OpenEnds(payment: isOpen ? try objects(of: charge) : [], repayments: names)
    }

    /// Whether somebody is to be asked now; a question that disturbs no writer.
    public borrowing func hasDueAsks(at instant: Instant) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM due_asks WHERE shard = $1 AND due_us <= $2 LIMIT 1", shard, instant) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// The payment whose time came first, put off to its next time: whoever dies while asking leaves it to then.
    /// - Parameter pause: seconds until the next time, by how often the time came before.
    public borrowing func takeDueAsk(at instant: Instant, pause: (Int) -> Int64) throws(StoreFault) -> DueAsk? {
        let ask = try row(
            """
            SELECT d.charge, c.provider, d.tries FROM due_asks d JOIN charges c ON c.shard = d.shard
              AND c.charge = d.charge
            WHERE d.shard = $1 AND d.due_us <= $2 ORDER BY d.due_us, d.charge LIMIT 1
            """, shard, instant, read: readAsk)
        guard let ask else { return nil }
        try execute(
            "UPDATE due_asks SET due_us = $3, tries = tries + 1, asked_us = $4 WHERE shard = $1 AND charge = $2",
            shard, ask.charge, instant.advanced(bySeconds: pause(ask.tries)), instant)
        return ask
    }

    /// Puts off all payments of a provider whose time would come before an instant; none of them was asked after.
    public borrowing func putAsksOff(of provider: ProviderName, until later: Instant) throws(StoreFault) {
        try execute(
            """
            UPDATE due_asks SET due_us = $3 WHERE shard = $1 AND due_us < $3 AND EXISTS (SELECT 1 FROM charges c
              WHERE c.shard = due_asks.shard AND c.charge = due_asks.charge AND c.provider = $2)
            """, shard, provider.rawValue, later)
    }

    /// A payment that somebody wants to know of now; `nil` where its end is known or its provider was asked just now.
    /// - Parameter last: asked since then is asked just now.
    public borrowing func wantedAsk(after charge: ChargeID, unlessSince last: Instant) throws(StoreFault) -> DueAsk? {
        try row(
            """
            SELECT d.charge, c.provider, d.tries FROM due_asks d JOIN charges c ON c.shard = d.shard
              AND c.charge = d.charge
            WHERE d.shard = $1 AND d.charge = $2 AND (d.asked_us IS NULL OR d.asked_us <= $3)
            """, shard, charge, last, read: readAsk)
    }

    /// A provider is being asked after a payment.
    public borrowing func markAsked(_ ask: DueAsk, at instant: Instant) throws(StoreFault) {
        try execute("UPDATE due_asks SET asked_us = $3 WHERE shard = $1 AND charge = $2", shard, ask.charge, instant)
    }
}

private func readAsk(_ row: borrowing Row) throws(StoreFault) -> DueAsk {
    guard let provider = ProviderName(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    return DueAsk(charge: try row.identifier(0), provider: provider, tries: try row.int(2))
}
