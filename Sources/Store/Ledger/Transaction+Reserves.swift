internal import BoxOffice
public import Payouts
public import Values

/// A reserve of which something is left.
public struct OpenReserveRow: Sendable, Hashable {
    public let key: TierKey
    public let reserve: OpenReserve
    /// The night that held it back.
    public let heldOn: LocalDay
    /// How many moves took from it.
    public let step: Int64
}

// What nights hold back of payees, and give back.
extension Transaction {
    /// What payees have on a day whose class holds a part back, or of whom something is held back, in the order of host and
    /// currency; reserves are asked for by ``openReserves(of:)``. Of nobody else is anything read.
    /// - Parameters:
    ///   - before: the day of the night before, `nil` for the first one: what is available since then is new.
    ///   - cursor: the payee after which to go on; two empty texts for the first.
    public borrowing func reserveStandings(
        on day: LocalDay, since before: LocalDay?, after cursor: (host: String, currency: String), limit: Int
    ) throws(StoreFault) -> [(key: TierKey, available: Int64, fresh: Int64, reversed: Int64)] {
        // A reversal is of a share that was available before, unless that share is new as well. What came back from a
        // bank was available before; of it everything was held back that was to be.
        try rows(
            """
            SELECT host, currency, CAST(sum(amount) AS BIGINT),
              CAST(sum(CASE WHEN kind = 'share' OR (kind = 'reversal' AND is_early = 1) THEN new_amount ELSE 0 END)
                AS BIGINT),
              CAST(sum(CASE WHEN kind = 'reversal' AND is_early = 0 THEN new_amount ELSE 0 END) AS BIGINT)
            FROM (SELECT o.host, o.currency, o.amount, a.kind,
                CASE WHEN (o.available_on > $3 OR o.accrued_on > $3) AND NOT EXISTS (SELECT 1 FROM payout_return_lines r
                  WHERE r.shard = a.shard AND r.accrual = a.accrual) THEN o.amount ELSE 0 END AS new_amount,
                CASE WHEN a.kind = 'reversal' AND EXISTS (SELECT 1 FROM accruals s WHERE s.shard = a.shard
                  AND s.order_id = a.order_id AND s.host = a.host AND s.kind = 'share'
                  AND (s.available_on > $3 OR s.accrued_on > $3) AND NOT EXISTS (SELECT 1 FROM payout_return_lines t
                    WHERE t.shard = s.shard AND t.accrual = s.accrual)) THEN 1 ELSE 0 END AS is_early
              FROM (SELECT DISTINCT f.host FROM risk_facts f WHERE f.shard = $1 AND f.host >= $4 AND f.reserve_bp > 0
                AND (0 < (SELECT m.reserve_bp FROM risk_facts m WHERE m.shard = f.shard AND m.host = f.host
                    AND m.from_day <= $2 ORDER BY m.n DESC LIMIT 1)
                  OR EXISTS (SELECT 1 FROM open_reserves q WHERE q.shard = f.shard AND q.host = f.host))) c
              CROSS JOIN owed o JOIN accruals a ON a.shard = o.shard AND a.accrual = o.accrual
              WHERE o.shard = $1 AND o.host = c.host AND (o.host, o.currency) > ($4, $5) AND o.available_on <= $2
                AND o.accrued_on <= $2) x
            GROUP BY host, currency ORDER BY host, currency LIMIT $6
            """, shard, day, before?.description ?? "", cursor.host, cursor.currency, limit
        ) { row throws(StoreFault) in
            (
                key: TierKey(host: try row.identifier(0), currency: try row.currency(1)),
                available: try row.integer(2), fresh: try row.integer(3), reversed: max(0, -(try row.integer(4)))
            )
        }
    }

    /// Whether a night has moved the reserves of a payee: then it is done with them.
    public borrowing func hasReserveMoves(of key: TierKey, on day: LocalDay) throws(StoreFault) -> Bool {
        try row(
            """
            SELECT 1 FROM reserve_moves WHERE shard = $1 AND host = $2 AND currency = $3 AND day = $4
              AND n = (SELECT max(m.n) FROM reserve_moves m WHERE m.shard = $1 AND m.host = $2 AND m.currency = $3)
            """, shard, key.host, key.currency, day
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// The reserves of a payee of which something is left, the one that ends first, first.
    public borrowing func openReserves(of key: TierKey) throws(StoreFault) -> [OpenReserveRow] {
        try rows(
            """
            SELECT o.host, o.currency, o.reserve, o.left_amount, o.until_day, m.day, o.step FROM open_reserves o
            JOIN reserve_moves m ON m.shard = o.shard AND m.host = o.host AND m.currency = o.currency
              AND m.n = o.reserve
            WHERE o.shard = $1 AND o.host = $2 AND o.currency = $3 ORDER BY o.until_day, o.reserve
            """, shard, key.host, key.currency, read: readOpenReserve)
    }

    /// The same of a host in every currency.
    public borrowing func openReserves(of host: HostID, limit: Int) throws(StoreFault) -> [OpenReserveRow] {
        try rows(
            """
            SELECT o.host, o.currency, o.reserve, o.left_amount, o.until_day, m.day, o.step FROM open_reserves o
            JOIN reserve_moves m ON m.shard = o.shard AND m.host = o.host AND m.currency = o.currency
              AND m.n = o.reserve
            WHERE o.shard = $1 AND o.host = $2 ORDER BY o.currency, o.until_day, o.reserve LIMIT $3
            """, shard, host, limit, read: readOpenReserve)
    }

    /// What is in reserve of a host, by currency; zero where all of it was given back.
    public borrowing func reserved(of host: HostID) throws(StoreFault) -> [Money] {
        try rows(
            """
            SELECT m.after, m.currency FROM reserve_moves m WHERE m.shard = $1 AND m.host = $2 AND m.n = (SELECT max(x.n)
              FROM reserve_moves x WHERE x.shard = m.shard AND x.host = m.host AND x.currency = m.currency)
            ORDER BY m.currency
            """, shard, host
        ) { row throws(StoreFault) in try row.money(0, 1) }
    }

    /// What was in reserve of a payee when the night of a day was done, and the first day on which some of it ends.
    public borrowing func reserved(
        of key: TierKey, through day: LocalDay
    ) throws(StoreFault) -> (amount: Int64, until: LocalDay?) {
        let amount =
            try row(
                """
                SELECT after FROM reserve_moves WHERE shard = $1 AND host = $2 AND currency = $3 AND day <= $4
                ORDER BY n DESC LIMIT 1
                """, shard, key.host, key.currency, day
            ) { row throws(StoreFault) in try row.integer(0) } ?? 0
        guard amount > 0 else { return (amount, nil) }
        let until = try row(
            """
            SELECT min(h.until_day) FROM reserve_moves h WHERE h.shard = $1 AND h.host = $2 AND h.currency = $3
              AND h.kind = 'held' AND h.day <= $4 AND h.until_day > $4
              AND 0 < (SELECT min(s.left_after) FROM reserve_moves s WHERE s.shard = h.shard AND s.host = h.host
                AND s.currency = h.currency AND s.reserve = h.reserve AND s.day <= $4)
            """, shard, key.host, key.currency, day
        ) { row throws(StoreFault) in row.isNull(0) ? nil : try row.day(0) }
        return (amount, until.flatMap(\.self))
    }

    /// The number of the next move of a payee, and what is held of it before.
    public borrowing func nextReserveMove(of key: TierKey) throws(StoreFault) -> (number: Int64, before: Int64) {
        try row(
            """
            SELECT n + 1, after FROM reserve_moves WHERE shard = $1 AND host = $2 AND currency = $3
            ORDER BY n DESC LIMIT 1
            """, shard, key.host, key.currency
        ) { row throws(StoreFault) in (number: try row.integer(0), before: try row.integer(1)) } ?? (1, 0)
    }

    /// Stores a move behind its entry, with what it accrues.
    /// - Parameters:
    ///   - place: from ``nextReserveMove(of:)``.
    ///   - taken: the reserve from which it takes; `nil` for a new one.
    public borrowing func insertReserveMove(
        _ move: ReserveMove, of key: TierKey, on day: LocalDay, at place: (number: Int64, before: Int64),
        from taken: OpenReserveRow?, _ accruals: (now: Accrual, later: Accrual)?, sequence: Int64
    ) throws(StoreFault) {
        let until: LocalDay
        switch move {
        case .released(let reserve), .used(let reserve, _): until = reserve.until
        case .held(_, let last): until = last
        }
        if let accruals {
            try insertAccrual(accruals.now)
            try insertAccrual(accruals.later)
        }
        let leftBefore = taken?.reserve.left ?? 0
        let leftAfter = leftBefore - move.credited
        let reserve = taken?.reserve.number ?? place.number
        let step = taken.map { $0.step + 1 } ?? 0
        try execute(
            """
            INSERT INTO reserve_moves (shard, host, currency, n, prev_n, kind, reserve, step, prev_step, day, until_day,
              amount, before, after, left_before, left_after, seq, accrual, later)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            """, shard, key.host, key.currency, place.number, place.number > 1 ? place.number - 1 : nil, move.kind,
            reserve, step, taken?.step, day, until, move.amount, place.before, place.before - move.credited, leftBefore,
            leftAfter, sequence, accruals?.now.id, accruals?.later.id)
        try execute(
            "DELETE FROM open_reserves WHERE shard = $1 AND host = $2 AND currency = $3 AND reserve = $4", shard,
            key.host, key.currency, reserve)
        guard leftAfter > 0 else { return }
        try execute(
            """
            INSERT INTO open_reserves (shard, host, currency, reserve, step, left_amount, until_day)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, key.host, key.currency, reserve, step, leftAfter, until)
    }
}

private func readOpenReserve(_ row: borrowing Row) throws(StoreFault) -> OpenReserveRow {
    OpenReserveRow(
        key: TierKey(host: try row.identifier(0), currency: try row.currency(1)),
        reserve: OpenReserve(number: try row.integer(2), left: try row.integer(3), until: try row.day(4)),
        heldOn: try row.day(5), step: try row.integer(6))
}
