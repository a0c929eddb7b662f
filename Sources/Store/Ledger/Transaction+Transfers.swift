public import BoxOffice
public import Values

extension Transaction {
    public borrowing func insertTransfer(_ offer: TransferOffer, codeHash: SHA256Digest) throws(StoreFault) {
        try execute(
            """
            INSERT INTO transfers (shard, transfer, code_hash, ticket, room, holder, offered_us, expires_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, offer.id, codeHash.hex, offer.ticket, offer.room, offer.holder, offer.offeredAt,
            offer.expiresAt)
    }

    public borrowing func transfer(_ id: TransferID) throws(StoreFault) -> TransferStanding? {
        try row(
            """
            SELECT x.transfer, x.ticket, x.room, x.holder, x.offered_us, x.expires_us, e.outcome, v.ticket
            FROM transfers x LEFT JOIN transfer_ends e ON e.shard = x.shard AND e.transfer = x.transfer
            LEFT JOIN revocations v ON v.shard = x.shard AND v.ticket = x.ticket
            WHERE x.shard = $1 AND x.transfer = $2
            """, shard, id, read: readTransfer)
    }

    /// The offer that a code stands for.
    public borrowing func transfer(codeHash: SHA256Digest) throws(StoreFault) -> TransferStanding? {
        try row(
            """
            SELECT x.transfer, x.ticket, x.room, x.holder, x.offered_us, x.expires_us, e.outcome, v.ticket
            FROM transfers x LEFT JOIN transfer_ends e ON e.shard = x.shard AND e.transfer = x.transfer
            LEFT JOIN revocations v ON v.shard = x.shard AND v.ticket = x.ticket
            WHERE x.shard = $1 AND x.code_hash = $2
            """, shard, codeHash.hex, read: readTransfer)
    }

    /// Whether a ticket is offered at an instant.
    public borrowing func isOffered(_ ticket: TicketID, at instant: Instant) throws(StoreFault) -> Bool {
        try row(
            """
            SELECT 1 FROM transfers x WHERE x.shard = $1 AND x.ticket = $2 AND x.expires_us > $3
              AND NOT EXISTS (SELECT 1 FROM transfer_ends e WHERE e.shard = x.shard AND e.transfer = x.transfer)
            LIMIT 1
            """, shard, ticket, instant
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// Writes down how an offer ended.
    /// - Parameter successor: the ticket in other hands, if it was accepted.
    public borrowing func endTransfer(
        _ id: TransferID, successor: TicketID?, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO transfer_ends (shard, transfer, outcome, successor, at_us) VALUES ($1, $2, $3, $4, $5)", shard,
            id, successor == nil ? "withdrawn" : "accepted", successor, instant)
    }
}

private func readTransfer(_ row: borrowing Row) throws(StoreFault) -> TransferStanding {
    let outcome = try row.optionalText(6)
    guard outcome == nil || outcome == "accepted" || outcome == "withdrawn" else { throw row.corrupt(6) }
    return TransferStanding(
        TransferOffer(
            id: try row.identifier(0), ticket: try row.identifier(1), room: try row.identifier(2),
            holder: try row.identifier(3), offeredAt: try row.instant(4), expiresAt: try row.instant(5)),
        end: outcome.flatMap { TransferState(rawValue: $0) }, isInForce: row.isNull(7))
}
