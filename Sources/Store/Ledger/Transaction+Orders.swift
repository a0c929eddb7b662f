public import BoxOffice
internal import Ledger
public import Values

extension Transaction {
    /// - Parameter sequence: of the journal entry; `nil` for an order of nothing, which has none.
    public borrowing func insertOrder(
        _ order: Order, sequence: Int64?, soldOn day: LocalDay
    ) throws(StoreFault) {
        let terms = order.terms
        try execute(
            """
            INSERT INTO orders (shard, order_id, purchase, room, holder, price_version, price_kind, currency, price,
              extra, discount, gross, vat, fee, base, fee_refundable, vat_account, fee_account, policy, channel,
              country, country_source, voucher, ticket, sold_us, sold_seq, sold_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
              $22, $23, $24, $25, $26, $27)
            """, shard, order.id, order.purchase, order.room, order.holder, terms.priceVersion,
            terms.isFloor ? "floor" : "fixed", terms.currency, terms.price.minorUnits, terms.extra, terms.discount,
            terms.gross.minorUnits, terms.vat, terms.fee, order.base, terms.feeIsRefundable ? 1 : 0,
            terms.vatAccount.text, terms.feeAccount.text, terms.policy, terms.channel, terms.country?.country,
            terms.country?.source.rawValue, terms.voucher, order.ticket, order.soldAt, sequence, day)
    }

    public borrowing func order(_ id: OrderID) throws(StoreFault) -> Order? {
        try row(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.shard = $1 AND o.order_id = $2
            """, shard, id, read: readOrder)
    }

    /// The orders of a purchase, in the order of their making.
    public borrowing func orders(of purchase: PurchaseID) throws(StoreFault) -> [Order] {
        try rows(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.shard = $1 AND o.purchase = $2 ORDER BY o.order_id
            """, shard, purchase, read: readOrder)
    }

    /// What somebody bought from a wallet since an instant and has not given away or back, the newest first: orders of
    /// tickets that no money from outside was for. A ticket that a dispute ended counts: its order may still have a part of
    /// its price.
    public borrowing func walletOrders(
        of holder: HolderID, in currency: Currency, since instant: Instant, limit: Int
    ) throws(StoreFault) -> [OrderID] {
        try rows(
            """
            SELECT o.order_id FROM tickets t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
            WHERE t.shard = $1 AND t.subject = $2 AND o.holder = $2 AND o.currency = $3 AND o.sold_us >= $4
              AND o.gross > coalesce((SELECT r.after FROM order_reversals r WHERE r.shard = o.shard
                AND r.order_id = o.order_id ORDER BY r.n DESC LIMIT 1), 0)
              AND NOT EXISTS (SELECT 1 FROM hold_payments p WHERE p.shard = o.shard AND p.purchase = o.purchase
                AND p.outcome = 'tickets')
              AND NOT EXISTS (SELECT 1 FROM successions s WHERE s.shard = t.shard AND s.predecessor = t.ticket)
              AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket
                AND v.reason <> 'disputed')
            ORDER BY o.sold_us DESC, o.order_id DESC LIMIT $5
            """, shard, holder, currency, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// γ: what was given back of an order so far, and how many times something was.
    public borrowing func reversals(
        of order: OrderID, through sequence: Int64 = .max
    ) throws(StoreFault) -> (count: Int64, reversed: Int64) {
        try row(
            """
            SELECT n, after FROM order_reversals WHERE shard = $1 AND order_id = $2 AND +seq <= $3
            ORDER BY n DESC LIMIT 1
            """, shard, order, sequence
        ) { row throws(StoreFault) in (count: try row.integer(0), reversed: try row.integer(1)) } ?? (0, 0)
    }

    /// Chains a reversal behind the ones before it.
    public borrowing func insertReversal(
        _ refund: Refund, gross: Int64, sequence: Int64, reason: String
    ) throws(StoreFault) {
        let count = try reversals(of: refund.order).count
        try execute(
            """
            INSERT INTO order_reversals
              (shard, order_id, gross, n, prev_n, before, delta, after, refund, seq, at_us, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, refund.order, gross, count + 1, count == 0 ? Int64?.none : count, refund.reversedBefore,
            refund.reversedAfter - refund.reversedBefore, refund.reversedAfter, refund.id, sequence,
            refund.refundedAt, reason)
    }
}

/// Columns 0 to 24 as the queries above name them.
func readOrder(_ row: borrowing Row) throws(StoreFault) -> Order {
    let cohosts = try row.text(3)
    guard let vatAccount = Account(try row.text(19)) else { throw row.corrupt(19) }
    guard let feeAccount = Account(try row.text(20)) else { throw row.corrupt(20) }
    let currency = try row.currency(8)
    guard
        let terms = TicketTerms(
            priceVersion: try row.int(6), isFloor: try row.text(15) == "floor",
            price: Money(try row.integer(16), currency), extra: try row.integer(17), discount: try row.integer(18),
            gross: Money(try row.integer(7), currency), vat: try row.integer(9), vatAccount: vatAccount,
            fee: try row.integer(10), feeAccount: feeAccount, feeIsRefundable: try row.integer(11) == 1,
            policy: try row.text(12), channel: try row.text(21), country: try readEvidence(row, 22, 23),
            voucher: try row.optionalIdentifier(24)),
        let order = Order(
            id: try row.identifier(0), purchase: try row.optionalIdentifier(14), room: try row.identifier(1),
            owner: try row.identifier(2), cohosts: cohosts == "[]" ? [] : try parsedCohosts(cohosts),
            holder: try row.identifier(4), ticket: try row.identifier(5), terms: terms, soldAt: try row.instant(13))
    else { throw row.corrupt(7) }
    return order
}

func readEvidence(
    _ row: borrowing Row, _ country: Int, _ source: Int
) throws(StoreFault) -> CountryEvidence? {
    guard let code = try row.optionalText(country) else { return nil }
    guard let source = CountryEvidence.Source(rawValue: try row.text(source)),
        let evidence = CountryEvidence(country: code, source: source)
    else { throw row.corrupt(country) }
    return evidence
}
