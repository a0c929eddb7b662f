public import BoxOffice
public import Values

/// An order as a report needs it: as it stood at a sequence.
public struct ReportOrder: Sendable, Hashable {
    public let order: Order
    public let soldOn: LocalDay
    public let soldSequence: Int64
    /// What it was paid for.
    public let kind: Kind

    public enum Kind: Sendable, Hashable {
        case ticket
        /// Money for the host without a ticket.
        case tip
        /// More time for a ticket of another order.
        case overtime
    }

    /// How reports name it: tips and extensions by their own names.
    public var name: String {
        switch kind {
        case .ticket: order.id.text
        case .tip: TipID(of: order.id).text
        case .overtime: ExtensionID(of: order.id).text
        }
    }
}

extension Transaction {
    /// Orders whose sale was posted up to a sequence, in that order.
    public borrowing func orders(through sequence: Int64) throws(StoreFault) -> [ReportOrder] {
        try rows(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher, o.sold_on,
              o.sold_seq, t.order_id, e.order_id
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            LEFT JOIN tips t ON t.shard = o.shard AND t.order_id = o.order_id
            LEFT JOIN extensions e ON e.shard = o.shard AND e.order_id = o.order_id
            WHERE o.shard = $1 AND o.sold_seq <= $2 ORDER BY o.sold_seq
            """, shard, sequence
        ) { row throws(StoreFault) in
            ReportOrder(
                order: try readOrder(row), soldOn: try row.day(25), soldSequence: try row.integer(26),
                kind: !row.isNull(27) ? .tip : row.isNull(28) ? .ticket : .overtime)
        }
    }

    /// What moved the hosts' accounts between two sequences (the first exclusive), by order; credit positive.
    ///
    /// Releases and refunds are the entries of an order that touch a host.
    public borrowing func hostCredits(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [(order: OrderID, host: HostID, amount: Money)] {
        try rows(
            """
            SELECT x.order_id, l.credit, l.debit, l.amount, l.currency FROM (
              SELECT shard, order_id, seq FROM releases
              UNION ALL SELECT shard, order_id, seq FROM order_reversals) x
            JOIN legs l ON l.shard = x.shard AND l.seq = x.seq
            WHERE x.shard = $1 AND x.seq > $2 AND x.seq <= $3
              AND (l.credit LIKE 'liabilities:host:%' OR l.debit LIKE 'liabilities:host:%')
            ORDER BY x.seq, l.leg
            """, shard, start, end
        ) { row throws(StoreFault) in
            let order: OrderID = try row.identifier(0)
            let amount = try row.money(3, 4)
            let prefix = "liabilities:host:"
            if let host = HostID((try row.text(1)).dropFirst(prefix.count)) { return (order, host, amount) }
            guard let host = HostID((try row.text(2)).dropFirst(prefix.count)) else { throw row.corrupt(2) }
            return (order, host, -amount)
        }
    }
}
