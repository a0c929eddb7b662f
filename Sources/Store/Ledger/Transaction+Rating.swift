internal import BoxOffice
internal import Foundation
public import Payouts
public import Values

extension Transaction {
    /// Sales and refunds after one sequence and up to another, in order.
    public borrowing func ratingFacts(
        after start: Int64, through end: Int64, limit: Int
    ) throws(StoreFault) -> [RatingFact] {
        // Sales are read whole, in one pass; the few facts that give something back one after the other.
        let sales = try rows(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher, o.sold_seq
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.shard = $1 AND o.sold_seq > $2 AND o.sold_seq <= $3 ORDER BY o.sold_seq LIMIT $4
            """, shard, start, end, limit
        ) { row throws(StoreFault) in (sequence: try row.integer(25), order: try readOrder(row)) }
        let returns = try ratingReturns(after: start, through: end, limit: limit)
        var facts: [RatingFact] = []
        facts.reserveCapacity(min(limit, sales.count + returns.count))
        var (nextSale, nextReturn) = (0, 0)
        while facts.count < limit, nextSale < sales.count || nextReturn < returns.count {
            if nextReturn == returns.count
                || nextSale < sales.count && sales[nextSale].sequence < returns[nextReturn].sequence
            {
                facts.append(.sale(sequence: sales[nextSale].sequence, sales[nextSale].order))
                nextSale += 1
            } else {
                facts.append(try ratingFact(of: returns[nextReturn]))
                nextReturn += 1
            }
        }
        return facts
    }

    private typealias RatingReturn = (
        sequence: Int64, order: OrderID, refund: RefundID, before: Int64, after: Int64, at: Instant
    )

    /// What gave something back of an order, or decided that it was lost.
    private borrowing func ratingReturns(
        after start: Int64, through end: Int64, limit: Int
    ) throws(StoreFault) -> [RatingReturn] {
        try rows(
            """
            SELECT seq, order_id, refund, before, after, at_us
            FROM order_reversals WHERE shard = $1 AND seq > $2 AND seq <= $3
            UNION ALL
            SELECT x.seq, x.order_id, x.refund, v.after, v.after, x.at_us FROM dispute_losses x
            JOIN order_reversals v ON v.shard = x.shard AND v.order_id = x.order_id AND v.n = (SELECT max(n)
              FROM order_reversals m WHERE m.shard = x.shard AND m.order_id = x.order_id AND m.seq < x.seq)
            WHERE x.shard = $1 AND x.seq > $2 AND x.seq <= $3
            ORDER BY seq LIMIT $4
            """, shard, start, end, limit
        ) { row throws(StoreFault) in
            (
                sequence: try row.integer(0), order: try row.identifier(1), refund: try row.identifier(2),
                before: try row.integer(3), after: try row.integer(4), at: try row.instant(5)
            )
        }
    }

    private borrowing func ratingFact(of reference: RatingReturn) throws(StoreFault) -> RatingFact {
        guard let standing = try standing(of: reference.order, through: reference.sequence - 1) else {
            throw .corrupt(column: "order_reversals.order_id")
        }
        let order = standing.order
        var availableOn: LocalDay?
        if case .released(_, let day) = standing.settlement { availableOn = day }
        return .refund(
            sequence: reference.sequence,
            Refund(
                id: reference.refund, order: order.id, room: order.room,
                amount: Money(reference.after - reference.before, order.currency),
                reversedBefore: reference.before, reversedAfter: reference.after, refundedAt: reference.at,
                // What the entry took from hosts follows from where the order stood.
                hostReversals: PostingRecipe.refund(standing, to: reference.after).hosts,
                shareAvailableOn: availableOn,
                bracketsBefore: try bracketsReversed(of: order.id, through: reference.sequence - 1),
                bracketsAfter: try bracketsReversed(of: order.id, through: reference.sequence)))
    }

    /// γ' of R4: what was given back of an order, without what is disputed and not lost. `+seq` so that SQLite looks up the
    /// order and not all entries up to there.
    public borrowing func bracketsReversed(
        of order: OrderID, through sequence: Int64 = .max
    ) throws(StoreFault) -> Int64 {
        let refunded = try rows(
            """
            SELECT delta FROM order_reversals WHERE shard = $1 AND order_id = $2 AND +seq <= $3
              AND reason NOT IN ('disputed', 'dispute_won')
            """, shard, order, sequence
        ) { row throws(StoreFault) in try row.integer(0) }
        let lost = try rows(
            "SELECT amount FROM dispute_losses WHERE shard = $1 AND order_id = $2 AND seq <= $3", shard, order, sequence
        ) { row throws(StoreFault) in try row.integer(0) }
        return refunded.reduce(0, +) + lost.reduce(0, +)
    }

    /// How an owner's brackets stand; `day`: as they stood after that night.
    public borrowing func tierUse(of key: TierKey, through day: LocalDay? = nil) throws(StoreFault) -> TierUse {
        let used = try row(
            """
            SELECT used FROM tier_use WHERE shard = $1 AND host = $2 AND currency = $3
              AND ($4 IS NULL OR day <= $4) ORDER BY n DESC LIMIT 1
            """, shard, key.host, key.currency, day
        ) { row throws(StoreFault) in
            guard let used = numbers(try row.text(0)) else { throw row.corrupt(0) }
            return used
        }
        return TierUse(used: used ?? [])
    }

    public borrowing func insertTierUse(
        _ use: TierUse, of key: TierKey, on day: LocalDay, through sequence: Int64
    ) throws(StoreFault) {
        let last = try row(
            "SELECT max(n) FROM tier_use WHERE shard = $1 AND host = $2 AND currency = $3", shard, key.host,
            key.currency
        ) { row throws(StoreFault) in try row.optionalInteger(0) }
        let previous = last.flatMap(\.self)
        try execute(
            """
            INSERT INTO tier_use (shard, host, currency, n, prev_n, used, day, through_seq)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, key.host, key.currency, (previous ?? 0) + 1, previous, list(use.used), day, sequence)
    }

    /// Puts a rated order among those whose money is in escrow.
    public borrowing func insertEscrowed(_ order: OrderID, of room: RoomID) throws(StoreFault) {
        try execute(
            "INSERT INTO escrowed (shard, room, order_id) VALUES ($1, $2, $3)", shard, room, order)
    }

    public borrowing func removeEscrowed(_ order: OrderID, of room: RoomID) throws(StoreFault) {
        try execute(
            "DELETE FROM escrowed WHERE shard = $1 AND room = $2 AND order_id = $3", shard, room, order)
    }

    /// Orders in escrow of rooms that were over before an instant, and of cancelled rooms, each with γ: what was given back
    /// of it so far.
    public borrowing func escrowed(
        over instant: Instant, after cursor: (room: String, order: String), limit: Int
    ) throws(StoreFault) -> [(room: RoomID, order: OrderID, reversed: Int64)] {
        try rows(
            """
            SELECT e.room, e.order_id, coalesce((SELECT v.after FROM order_reversals v WHERE v.shard = e.shard
              AND v.order_id = e.order_id ORDER BY v.n DESC LIMIT 1), 0)
            FROM escrowed e JOIN rooms r ON r.shard = e.shard AND r.room = e.room
            LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE e.shard = $1 AND (e.room, e.order_id) > ($2, $3)
              AND (r.ends_us < $4 OR (f.state IN ('closed', 'cancelled') AND f.at_us < $4))
            ORDER BY e.room, e.order_id LIMIT $5
            """, shard, cursor.room, cursor.order, instant, limit
        ) { row throws(StoreFault) in
            (room: try row.identifier(0), order: try row.identifier(1), reversed: try row.integer(2))
        }
    }

    /// The same orders as they were sold and split, which changes no more.
    /// - Parameter count: so many behind the cursor are passed over.
    public borrowing func ordersInEscrow(
        over instant: Instant, after cursor: (room: String, order: String), passing count: Int, limit: Int
    ) throws(StoreFault) -> [RatedOrder] {
        try rows(
            """
            SELECT o.order_id, o.room, x.host, x.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher,
              s.parts, s.shares, s.platform
            FROM (SELECT e.order_id, r.host, r.cohosts FROM escrowed e
              JOIN rooms r ON r.shard = e.shard AND r.room = e.room
              LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
                AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
              WHERE e.shard = $1 AND (e.room, e.order_id) > ($2, $3)
                AND (r.ends_us < $4 OR (f.state IN ('closed', 'cancelled') AND f.at_us < $4))
              ORDER BY e.room, e.order_id LIMIT $5 OFFSET $6) x
            JOIN orders o ON o.shard = $1 AND o.order_id = x.order_id
            JOIN order_splits s ON s.shard = $1 AND s.order_id = x.order_id
            """, shard, cursor.room, cursor.order, instant, limit, count
        ) { row throws(StoreFault) in
            let order = try readOrder(row)
            return RatedOrder(order: order, split: try readSplit(row, of: order.id, in: order.currency, from: 25))
        }
    }
}
