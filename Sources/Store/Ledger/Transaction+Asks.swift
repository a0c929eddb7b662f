public import BoxOffice
public import Values

/// A payment after which its provider is to be asked.
public struct DueAsk: Sendable, Hashable {
    public let charge: ChargeID
    public let provider: ProviderName
    /// How often the time came before.
    public let tries: Int
}

/// Payments whose end nobody has told yet.
extension Transaction {
    /// The provider is asked after a payment from an instant on, if nobody tells before; one that is known stays as it is.
    public borrowing func ask(after charge: ChargeID, from due: Instant) throws(StoreFault) {
        try execute(
            "INSERT INTO due_asks (shard, charge, due_us, tries) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING", shard,
            charge, due)
    }

    /// The end of a payment is known.
    public borrowing func endAsks(after charge: ChargeID) throws(StoreFault) {
        try execute("DELETE FROM due_asks WHERE shard = $1 AND charge = $2", shard, charge)
    }

    /// Whether somebody is to be asked now; a question that disturbs no writer.
    public borrowing func hasDueAsks(at instant: Instant) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM due_asks WHERE shard = $1 AND due_us <= $2 LIMIT 1", shard, instant) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// Payments whose time has come, each put off to its next time: whoever dies while asking leaves it to then.
    /// - Parameter pause: seconds until the next time, by how often the time came before.
    public borrowing func takeDueAsks(
        at instant: Instant, limit: Int, pause: (Int) -> Int64
    ) throws(StoreFault) -> [DueAsk] {
        let asks = try rows(
            """
            SELECT d.charge, c.provider, d.tries FROM due_asks d JOIN charges c ON c.shard = d.shard
              AND c.charge = d.charge
            WHERE d.shard = $1 AND d.due_us <= $2 ORDER BY d.due_us, d.charge LIMIT $3
            """, shard, instant, limit, read: readAsk)
        for ask in asks {
            try execute(
                "UPDATE due_asks SET due_us = $3, tries = tries + 1, asked_us = $4 WHERE shard = $1 AND charge = $2",
                shard, ask.charge, instant.advanced(bySeconds: pause(ask.tries)), instant)
        }
        return asks
    }

    /// A payment that somebody wants to know of now; `nil` where its end is known or its provider was asked just now.
    /// - Parameter last: asked since then is asked just now.
    public borrowing func takeAsk(
        after charge: ChargeID, at instant: Instant, unlessSince last: Instant
    ) throws(StoreFault) -> DueAsk? {
        let ask = try row(
            """
            SELECT d.charge, c.provider, d.tries FROM due_asks d JOIN charges c ON c.shard = d.shard
              AND c.charge = d.charge
            WHERE d.shard = $1 AND d.charge = $2 AND (d.asked_us IS NULL OR d.asked_us <= $3)
            """, shard, charge, last, read: readAsk)
        guard let ask else { return nil }
        try execute("UPDATE due_asks SET asked_us = $3 WHERE shard = $1 AND charge = $2", shard, charge, instant)
        return ask
    }
}

private func readAsk(_ row: borrowing Row) throws(StoreFault) -> DueAsk {
    guard let provider = ProviderName(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    return DueAsk(charge: try row.identifier(0), provider: provider, tries: try row.int(2))
}
