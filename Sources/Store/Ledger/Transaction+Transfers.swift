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
            SELECT x.transfer, coalesce(f.ticket, x.ticket), x.room, x.holder, x.offered_us,
              coalesce(f.expires_us, x.expires_us), e.outcome, v.ticket
            FROM transfers x LEFT JOIN transfer_ends e ON e.shard = x.shard AND e.transfer = x.transfer
            LEFT JOIN transfer_follows f ON f.shard = x.shard AND f.transfer = x.transfer AND f.n = (SELECT max(m.n)
              FROM transfer_follows m WHERE m.shard = x.shard AND m.transfer = x.transfer)
            LEFT JOIN revocations v ON v.shard = x.shard AND v.ticket = coalesce(f.ticket, x.ticket)
            WHERE x.shard = $1 AND x.transfer = $2
            """, shard, id, read: readTransfer)
    }

    /// The offer that a code stands for.
    public borrowing func transfer(codeHash: SHA256Digest) throws(StoreFault) -> TransferStanding? {
        try row(
            """
            SELECT x.transfer, coalesce(f.ticket, x.ticket), x.room, x.holder, x.offered_us,
              coalesce(f.expires_us, x.expires_us), e.outcome, v.ticket
            FROM transfers x LEFT JOIN transfer_ends e ON e.shard = x.shard AND e.transfer = x.transfer
            LEFT JOIN transfer_follows f ON f.shard = x.shard AND f.transfer = x.transfer AND f.n = (SELECT max(m.n)
              FROM transfer_follows m WHERE m.shard = x.shard AND m.transfer = x.transfer)
            LEFT JOIN revocations v ON v.shard = x.shard AND v.ticket = coalesce(f.ticket, x.ticket)
            WHERE x.shard = $1 AND x.code_hash = $2
            """, shard, codeHash.hex, read: readTransfer)
    }

    /// Whether a ticket is offered at an instant.
    public borrowing func isOffered(_ ticket: TicketID, at instant: Instant) throws(StoreFault) -> Bool {
        try openOffer(of: ticket, at: instant) != nil
    }

    /// The offer of a ticket that is open at an instant.
    public borrowing func openOffer(of ticket: TicketID, at instant: Instant) throws(StoreFault) -> TransferOffer? {
        let found: [TransferID] = try rows(
            """
            SELECT transfer FROM transfers WHERE shard = $1 AND ticket = $2
            UNION SELECT transfer FROM transfer_follows WHERE shard = $1 AND ticket = $2
            """, shard, ticket
        ) { row throws(StoreFault) in try row.identifier(0) }
        for id in found {
            guard let standing = try transfer(id), standing.end == nil, standing.offer.ticket == ticket,
                instant < standing.offer.expiresAt
            else { continue }
            return standing.offer
        }
        return nil
    }

    /// Lets an offer go on with the ticket that took the place of the offered one.
    public borrowing func follow(
        _ offer: TransferOffer, with ticket: TicketID, until end: Instant, at instant: Instant
    ) throws(StoreFault) {
        let last = try row(
            "SELECT max(n) FROM transfer_follows WHERE shard = $1 AND transfer = $2", shard, offer.id
        ) { row throws(StoreFault) in try row.optionalInteger(0) }.flatMap(\.self)
        try execute(
            """
            INSERT INTO transfer_follows (shard, transfer, n, prev_n, ticket, room, expires_us, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, offer.id, (last ?? 0) + 1, last, ticket, offer.room, end, instant)
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
