public import BoxOffice
internal import Ledger
public import Payouts
public import Values

/// An attempt to bring an item of a batch to its host, in the state that its last fact left it in.
public struct PayoutTransferRow: Sendable, Hashable {
    public let payout: PayoutTransferID
    public let batch: String
    public let digest: String
    public let host: HostID
    public let net: Money
    public let attempt: Int
    public let provider: ProviderName
    public let destination: String
    public let requestedAt: Instant
    public let state: PayoutTransferState
    /// Why the provider refused it, in a word of its own; else empty.
    public let detail: String
    public let since: Instant
}

/// An item of a batch with its last attempt.
public struct PayoutItemRow: Sendable, Hashable {
    public let host: HostID
    public let gross: Money
    public let withheld: Money
    public let net: Money
    public let last: PayoutTransferRow?

    public var key: TierKey { TierKey(host: host, currency: net.currency) }

    func attempted(_ attempts: [TierKey: PayoutTransferRow]) -> PayoutItemRow {
        PayoutItemRow(host: host, gross: gross, withheld: withheld, net: net, last: attempts[key])
    }
}

extension Transaction {
    /// Where a host is paid from now on. The same again is not stored twice.
    /// - Returns: whether it is new.
    public borrowing func setDestination(
        _ destination: PayoutDestination, of host: HostID, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Bool {
        let last = try self.destination(of: host)
        if let last, last.provider == destination.provider, last.text == destination.text { return false }
        try execute(
            """
            INSERT INTO payout_destinations (shard, host, n, prev_n, provider, destination, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, host, (last?.n ?? 0) + 1, last?.n, destination.provider.rawValue, destination.text, actor,
            try notBeforeHead(instant))
        return true
    }

    public borrowing func destination(
        of host: HostID
    ) throws(StoreFault) -> DestinationRow? {
        try row(
            """
            SELECT host, n, provider, destination, at_us FROM payout_destinations WHERE shard = $1 AND host = $2
            ORDER BY n DESC LIMIT 1
            """, shard, host, read: readDestination)
    }

    /// The batch of a day and its digest; `nil` where no night of it has ended.
    public borrowing func batch(of day: LocalDay) throws(StoreFault) -> (batch: String, digest: String)? {
        try row(
            """
            SELECT b.batch, b.digest FROM payout_batches b JOIN night_results r ON r.shard = b.shard AND r.day = b.day
            WHERE b.shard = $1 AND b.day = $2
            """, shard, day
        ) { row throws(StoreFault) in (batch: try row.text(0), digest: try row.text(1)) }
    }

    /// The items of a batch by host and currency, each with its last attempt.
    /// - Parameters:
    ///   - first: the first host of a part of the batch.
    ///   - last: its last host.
    public borrowing func items(
        of batch: String, from first: String = "", through last: String = "~"
    ) throws(StoreFault) -> [PayoutItemRow] {
        let items = try rows(
            """
            SELECT host, currency, gross, withheld, net FROM payout_items WHERE shard = $1 AND batch = $2
              AND host >= $3 AND host <= $4 ORDER BY host, currency
            """, shard, batch, first, last, read: readItem)
        let attempts = try attempts(of: batch, from: first, through: last)
        return items.map { $0.attempted(attempts) }
    }

    /// The last attempt of each item of a part of a batch.
    borrowing func attempts(
        of batch: String, from first: String, through last: String
    ) throws(StoreFault) -> [TierKey: PayoutTransferRow] {
        let transfers = try rows(
            """
            SELECT t.payout, t.batch, t.digest, t.host, t.net, t.currency, t.attempt, t.provider, d.destination, t.at_us,
              f.state, f.detail, f.at_us
            FROM payout_transfers t
            JOIN payout_destinations d ON d.shard = t.shard AND d.host = t.host AND d.n = t.destination
            JOIN payout_transfer_facts f ON f.shard = t.shard AND f.payout = t.payout
              AND f.n = (SELECT max(n) FROM payout_transfer_facts m WHERE m.shard = t.shard AND m.payout = t.payout)
            WHERE t.shard = $1 AND t.batch = $2 AND t.host >= $3 AND t.host <= $4 ORDER BY t.attempt
            """, shard, batch, first, last, read: readTransfer)
        return Dictionary(
            transfers.map { (TierKey(host: $0.host, currency: $0.net.currency), $0) }, uniquingKeysWith: { $1 })
    }

    public borrowing func payoutTransfer(_ id: PayoutTransferID) throws(StoreFault) -> PayoutTransferRow? {
        try row(
            """
            SELECT t.payout, t.batch, t.digest, t.host, t.net, t.currency, t.attempt, t.provider, d.destination, t.at_us,
              f.state, f.detail, f.at_us
            FROM payout_transfers t
            JOIN payout_destinations d ON d.shard = t.shard AND d.host = t.host AND d.n = t.destination
            JOIN payout_transfer_facts f ON f.shard = t.shard AND f.payout = t.payout
              AND f.n = (SELECT max(n) FROM payout_transfer_facts m WHERE m.shard = t.shard AND m.payout = t.payout)
            WHERE t.shard = $1 AND t.payout = $2
            """, shard, id, read: readTransfer)
    }

    /// The transfer that a provider calls so.
    public borrowing func payoutTransfer(
        named name: String, by provider: ProviderName
    ) throws(StoreFault) -> PayoutTransferID? {
        try row(
            "SELECT payout FROM payout_transfer_names WHERE shard = $1 AND provider = $2 AND name = $3", shard,
            provider.rawValue, name
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Whether another attempt stands behind one that was refused.
    public borrowing func wasSentAgain(_ id: PayoutTransferID) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM payout_retries WHERE shard = $1 AND refused = $2", shard, id) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// Asks for an attempt, and owes it to its provider where that is a machine.
    /// - Parameter destination: its number among those of the host.
    public borrowing func insertTransfer(
        _ id: PayoutTransferID, of item: PayoutItemRow, in batch: (batch: String, digest: String),
        to destination: (n: Int64, provider: ProviderName), by actor: String, at instant: Instant
    ) throws(StoreFault) {
        let attempt = (item.last?.attempt ?? 0) + 1
        try execute(
            """
            INSERT INTO payout_transfers (shard, payout, batch, digest, host, currency, net, attempt, prev_attempt,
              provider, destination, requested_by, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, id, batch.batch, batch.digest, item.host, item.net.currency, item.net.minorUnits, attempt,
            item.last?.attempt, destination.provider.rawValue, destination.n, actor, instant)
        try execute(
            """
            INSERT INTO payout_transfer_facts (shard, payout, n, state, detail, at_us)
            VALUES ($1, $2, 1, 'requested', '', $3)
            """, shard, id, try notBeforeHead(instant))
        if let last = item.last {
            try execute(
                "INSERT INTO payout_retries (shard, payout, refused, state) VALUES ($1, $2, $3, 'refused')", shard, id,
                last.payout)
        }
        if destination.provider != .manual {
            try execute(
                "INSERT INTO due_transfers (shard, payout, due_us, tries) VALUES ($1, $2, $3, 0)", shard, id, instant)
        }
    }

    public borrowing func name(
        _ id: PayoutTransferID, _ name: String, by provider: ProviderName
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO payout_transfer_names (shard, provider, name, payout) VALUES ($1, $2, $3, $4)", shard,
            provider.rawValue, name, id)
    }

    /// The name that its provider gave to a transfer.
    public borrowing func name(of id: PayoutTransferID) throws(StoreFault) -> String? {
        try row("SELECT name FROM payout_transfer_names WHERE shard = $1 AND payout = $2", shard, id) {
            row throws(StoreFault) in try row.text(0)
        }
    }

    /// Chains a state behind the one before; it has its provider's answer then.
    public borrowing func append(
        _ state: PayoutTransferState, to id: PayoutTransferID, sequence: Int64? = nil, mirror: Int64? = nil,
        detail: String = "", at instant: Instant
    ) throws(StoreFault) {
        let last = try row(
            "SELECT n, state FROM payout_transfer_facts WHERE shard = $1 AND payout = $2 ORDER BY n DESC LIMIT 1",
            shard, id
        ) { row throws(StoreFault) in (n: try row.integer(0), state: try row.text(1)) }
        guard let last else { throw .corrupt(column: "payout_transfer_facts.n") }
        try execute(
            """
            INSERT INTO payout_transfer_facts
              (shard, payout, n, prev_n, prev_state, state, seq, mirror_seq, detail, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, id, last.n + 1, last.n, last.state, state.rawValue, sequence, mirror, detail,
            try notBeforeHead(instant))
        try execute("DELETE FROM due_transfers WHERE shard = $1 AND payout = $2", shard, id)
    }

    /// The entry that booked an item.
    public borrowing func entry(
        ofItem host: HostID, _ currency: Currency, in batch: String
    ) throws(StoreFault) -> EntryID? {
        try row(
            """
            SELECT e.entry FROM payout_items i JOIN entries e ON e.shard = i.shard AND e.seq = i.seq
            WHERE i.shard = $1 AND i.batch = $2 AND i.host = $3 AND i.currency = $4
            """, shard, batch, host, currency
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// What an item paid.
    public borrowing func accruals(
        paidBy batch: String, to host: HostID, _ currency: Currency
    ) throws(StoreFault) -> [Accrual] {
        try rows(
            """
            SELECT a.accrual, a.kind, a.host, a.amount, a.currency, a.available_on, a.accrued_on, a.room, a.order_id
            FROM payout_lines l JOIN accruals a ON a.shard = l.shard AND a.accrual = l.accrual
            WHERE l.shard = $1 AND l.batch = $2 AND l.host = $3 AND l.currency = $4 ORDER BY l.accrual
            """, shard, batch, host, currency, read: readAccrual)
    }

    /// Owes again what a payout that came back had paid.
    public borrowing func insertReturned(
        _ accrual: Accrual, of returned: AccrualID, by payout: PayoutTransferID
    ) throws(StoreFault) {
        try insertAccrual(accrual)
        try execute(
            "INSERT INTO payout_return_lines (shard, accrual, returned, payout) VALUES ($1, $2, $3, $4)", shard,
            accrual.id, returned, payout)
    }

    /// Payouts that came back between two places of the journal: for the statements of their hosts.
    public borrowing func returnedPayouts(
        after sequence: Int64, through end: Int64
    ) throws(StoreFault) -> [(host: HostID, gross: Money, day: LocalDay, batch: String)] {
        try rows(
            """
            SELECT t.host, i.gross, t.currency, e.effective_on, t.batch FROM payout_transfer_facts f
            JOIN payout_transfers t ON t.shard = f.shard AND t.payout = f.payout
            JOIN payout_items i ON i.shard = t.shard AND i.batch = t.batch AND i.host = t.host
              AND i.currency = t.currency
            JOIN entries e ON e.shard = f.shard AND e.seq = f.mirror_seq
            WHERE f.shard = $1 AND f.mirror_seq > $2 AND f.mirror_seq <= $3 ORDER BY f.mirror_seq
            """, shard, sequence, end
        ) { row throws(StoreFault) in
            (
                host: try row.identifier(0), gross: try row.money(1, 2), day: try row.day(3), batch: try row.text(4)
            )
        }
    }

    // The outbox of transfers

    public borrowing func hasDueTransfers(at instant: Instant) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM due_transfers WHERE shard = $1 AND due_us <= $2 LIMIT 1", shard, instant) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// Takes transfers that are due, so that no other process asks for them before the lease is over.
    public borrowing func takeTransfers(
        at instant: Instant, lease: Instant, limit: Int
    ) throws(StoreFault) -> [(payout: PayoutTransferID, tries: Int)] {
        let due = try rows(
            "SELECT payout, tries FROM due_transfers WHERE shard = $1 AND due_us <= $2 ORDER BY due_us, payout LIMIT $3",
            shard, instant, limit
        ) { row throws(StoreFault) in
            (payout: try row.identifier(0, as: PayoutTransferID.self), tries: try row.int(1))
        }
        for one in due { try postpone(one.payout, until: lease, countsAsTry: true) }
        return due
    }

    /// Asks again later.
    public borrowing func postpone(
        _ id: PayoutTransferID, until due: Instant, countsAsTry: Bool = false
    ) throws(StoreFault) {
        try execute(
            "UPDATE due_transfers SET due_us = $3, tries = tries + $4 WHERE shard = $1 AND payout = $2", shard, id, due,
            countsAsTry ? 1 : 0)
    }
}

private func readTransfer(_ row: borrowing Row) throws(StoreFault) -> PayoutTransferRow {
    guard let provider = ProviderName(rawValue: try row.text(7)) else { throw row.corrupt(7) }
    guard let state = PayoutTransferState(rawValue: try row.text(10)) else { throw row.corrupt(10) }
    return PayoutTransferRow(
        payout: try row.identifier(0), batch: try row.text(1), digest: try row.text(2), host: try row.identifier(3),
        net: try row.money(4, 5), attempt: try row.int(6), provider: provider, destination: try row.text(8),
        requestedAt: try row.instant(9), state: state, detail: try row.text(11), since: try row.instant(12))
}

func readItem(_ row: borrowing Row) throws(StoreFault) -> PayoutItemRow {
    PayoutItemRow(
        host: try row.identifier(0), gross: try row.money(2, 1), withheld: try row.money(3, 1),
        net: try row.money(4, 1), last: nil)
}
