import Simulation
import Store

extension IndependentAuditor {
    /// Takes what stands in the tables, in the plainest way.
    init(reading transaction: borrowing Transaction) throws(StoreFault) {
        self.init()
        entries = try transaction.rows(
            "SELECT seq, entry, posted_us, effective_on, kind, reverses, prev_hash, hash FROM entries ORDER BY seq"
        ) { row throws(StoreFault) in
            Entry(
                sequence: try row.integer(0), id: try row.text(1), postedAt: try row.instant(2), day: try row.text(3),
                kind: try row.text(4), reverses: try row.optionalText(5), previousHash: try row.text(6),
                hash: try row.text(7))
        }
        let legs = try transaction.rows(
            "SELECT seq, debit, credit, currency, amount FROM legs ORDER BY seq, leg"
        ) { row throws(StoreFault) in
            (try row.integer(0), try row.text(1), try row.text(2), try row.text(3), try row.integer(4))
        }
        for leg in legs where entries.indices.contains(Int(leg.0) - 1) {
            entries[Int(leg.0) - 1].legs.append((debit: leg.1, credit: leg.2, currency: leg.3, amount: leg.4))
        }
        let revoked = Set(
            try transaction.rows("SELECT ticket FROM revocations") { row throws(StoreFault) in try row.text(0) })
        tickets = try transaction.rows("SELECT ticket, order_id, room, seat FROM tickets") { row throws(StoreFault) in
            let id = try row.text(0)
            return Ticket(
                id: id, order: try row.optionalText(1), room: try row.text(2), seat: try row.optionalInteger(3),
                isRevoked: revoked.contains(id))
        }
        for (room, capacity) in try transaction.rows(
            "SELECT room, capacity FROM rooms",
            read: { row throws(StoreFault) in (try row.text(0), try row.integer(1)) })
        { capacities[room] = capacity }
        seats = try transaction.rows("SELECT room, seat, ticket FROM seats") { row throws(StoreFault) in
            (room: try row.text(0), seat: try row.integer(1), ticket: try row.optionalText(2))
        }
        reversed = try transaction.rows(
            """
            SELECT o.order_id, o.gross, sum(v.delta) FROM orders o JOIN order_reversals v ON v.order_id = o.order_id
            GROUP BY o.order_id, o.gross
            """
        ) { row throws(StoreFault) in
            (order: try row.text(0), gross: try row.integer(1), reversed: try row.integer(2))
        }
        feed = try transaction.rows("SELECT sequence FROM feed ORDER BY sequence") { row throws(StoreFault) in
            try row.integer(0)
        }
        head = try transaction.row("SELECT sequence, hash, feed FROM heads") { row throws(StoreFault) in
            (sequence: try row.integer(0), hash: try row.text(1), feed: try row.integer(2))
        }
    }
}
