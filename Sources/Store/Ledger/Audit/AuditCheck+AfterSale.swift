internal import Foundation
internal import Ledger
internal import Stage
internal import Values

extension AuditCheck {
    /// What happens to tickets between their sale and the end of their room.
    static let successions: [AuditCheck] = [
        AuditCheck(
            "successions", "a ticket in the place of another has its order and seat, and the other one has ended",
            counted: "SELECT count(*) FROM successions WHERE shard = $1",
            [
                Search(
                    "successions", "the chain of the order has a gap",
                    """
                    SELECT s.order_id || '/' || CAST(s.n AS TEXT) FROM successions s LEFT JOIN successions p
                      ON p.shard = s.shard AND p.order_id = s.order_id AND p.n = s.n - 1
                    LEFT JOIN orders o ON o.shard = s.shard AND o.order_id = s.order_id
                    WHERE s.shard = $1 AND s.predecessor <> coalesce(p.ticket, CASE WHEN s.n = 1 THEN o.ticket END, '')
                    """),
                Search(
                    "successions", "the next ticket has another order, room or seat",
                    """
                    SELECT s.ticket FROM successions s LEFT JOIN tickets t ON t.shard = s.shard AND t.ticket = s.ticket
                    LEFT JOIN tickets p ON p.shard = s.shard AND p.ticket = s.predecessor
                    WHERE s.shard = $1 AND (t.ticket IS NULL OR p.ticket IS NULL OR t.order_id <> s.order_id
                      OR p.order_id <> s.order_id OR t.room <> p.room OR (t.seat <> p.seat AND s.cause <> 'dispute_won'))
                    """),
                Search(
                    "successions", "the ticket before did not end when it was replaced",
                    """
                    SELECT s.predecessor FROM successions s LEFT JOIN revocations v
                      ON v.shard = s.shard AND v.ticket = s.predecessor
                    WHERE s.shard = $1 AND (v.ticket IS NULL OR CASE WHEN s.cause = 'dispute_won'
                      THEN v.reason <> 'disputed' OR v.at_us > s.at_us
                      ELSE v.reason <> s.cause OR v.at_us <> s.at_us END)
                    """),
                Search(
                    "tickets", "belongs to an order and is in no chain",
                    """
                    SELECT t.ticket FROM tickets t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND t.ticket <> o.ticket AND NOT EXISTS (SELECT 1 FROM successions s
                      WHERE s.shard = t.shard AND s.ticket = t.ticket)
                    """),
            ]),
        AuditCheck(
            "settled",
            "a ticket that ended for less than its price is written down, and tickets name their room's terms",
            counted: "SELECT count(*) FROM settled_orders WHERE shard = $1",
            [
                Search(
                    "settled_orders", "its ticket has not ended, or its price came back whole when it did",
                    """
                    SELECT x.order_id FROM settled_orders x LEFT JOIN tickets t ON t.shard = x.shard
                      AND t.ticket = x.ticket AND t.order_id = x.order_id
                    LEFT JOIN revocations v ON v.shard = x.shard AND v.ticket = x.ticket
                    LEFT JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    WHERE x.shard = $1 AND (t.ticket IS NULL OR v.ticket IS NULL OR v.reason <> x.reason
                      OR v.at_us <> x.at_us OR o.gross <= coalesce((SELECT sum(r.delta) FROM order_reversals r
                        WHERE r.shard = x.shard AND r.order_id = x.order_id AND r.at_us <= x.at_us
                        AND r.reason <> 'room_cancelled'), 0))
                    """),
                Search(
                    "orders", "its ticket was given back for less than its price, and nothing says so",
                    """
                    SELECT o.order_id FROM orders o JOIN tickets t ON t.shard = o.shard AND t.order_id = o.order_id
                    JOIN revocations v ON v.shard = t.shard AND v.ticket = t.ticket AND v.reason = 'refunded'
                    WHERE o.shard = $1 AND o.gross > coalesce((SELECT sum(r.delta) FROM order_reversals r
                        WHERE r.shard = o.shard AND r.order_id = o.order_id), 0)
                      AND NOT EXISTS (SELECT 1 FROM settled_orders x WHERE x.shard = o.shard
                        AND x.order_id = o.order_id)
                    """),
                Search(
                    "tickets", "names other terms than its order's policy and its room's",
                    """
                    SELECT t.ticket FROM tickets t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    LEFT JOIN room_terms r ON r.shard = t.shard AND r.room = t.room
                    WHERE t.shard = $1 AND t.policy <> o.policy || coalesce('+' || r.terms, '')
                    """),
            ]),
        AuditCheck(
            "transfers", "tickets pass by offers that were accepted in time, and by no other way",
            counted: "SELECT count(*) FROM transfers WHERE shard = $1",
            [
                Search(
                    "transfers", "somebody else offered it than its holder",
                    """
                    SELECT x.transfer FROM transfers x LEFT JOIN tickets t ON t.shard = x.shard AND t.ticket = x.ticket
                    WHERE x.shard = $1 AND (t.ticket IS NULL OR t.subject <> x.holder OR t.room <> x.room)
                    """),
                Search(
                    "transfer_ends", "was accepted too late, or put no ticket in the place of the offered one",
                    """
                    SELECT e.transfer FROM transfer_ends e LEFT JOIN transfers x ON x.shard = e.shard
                      AND x.transfer = e.transfer
                    LEFT JOIN transfer_follows f ON f.shard = e.shard AND f.transfer = e.transfer
                      AND f.n = (SELECT max(m.n) FROM transfer_follows m WHERE m.shard = e.shard
                        AND m.transfer = e.transfer)
                    LEFT JOIN successions s ON s.shard = e.shard AND s.ticket = e.successor
                    WHERE e.shard = $1 AND (x.transfer IS NULL OR e.at_us < x.offered_us
                      OR e.at_us >= coalesce(f.expires_us, x.expires_us)
                      OR (e.outcome = 'accepted' AND (s.ticket IS NULL
                        OR s.predecessor <> coalesce(f.ticket, x.ticket) OR s.cause <> 'transferred')))
                    """),
                Search(
                    "transfer_follows", "goes on with another ticket than took the offered one's place in a move",
                    """
                    SELECT f.transfer || '/' || CAST(f.n AS TEXT) FROM transfer_follows f
                    LEFT JOIN transfer_follows p ON p.shard = f.shard AND p.transfer = f.transfer AND p.n = f.n - 1
                    LEFT JOIN transfers x ON x.shard = f.shard AND x.transfer = f.transfer
                    LEFT JOIN successions s ON s.shard = f.shard AND s.ticket = f.ticket
                    WHERE f.shard = $1 AND (x.transfer IS NULL OR (f.n > 1 AND p.n IS NULL) OR s.ticket IS NULL
                      OR s.predecessor <> coalesce(p.ticket, x.ticket) OR s.cause <> 'rescheduled')
                    """),
                Search(
                    "successions", "passed on without an offer that was accepted",
                    """
                    SELECT s.ticket FROM successions s WHERE s.shard = $1 AND s.cause = 'transferred'
                      AND NOT EXISTS (SELECT 1 FROM transfer_ends e WHERE e.shard = s.shard AND e.successor = s.ticket)
                    """),
                Search(
                    "successions", "another person holds the next ticket, though it did not pass",
                    """
                    SELECT s.ticket FROM successions s JOIN tickets t ON t.shard = s.shard AND t.ticket = s.ticket
                    JOIN tickets p ON p.shard = s.shard AND p.ticket = s.predecessor
                    WHERE s.shard = $1 AND s.cause <> 'transferred' AND t.subject <> p.subject
                    """),
            ]),
    ]
}

extension Transaction {
    /// Uses of tickets are those of the earliest receipts.
    borrowing func auditUses() throws(StoreFault) -> AuditLine {
        var line = AuditLine("uses", "the first use of a ticket is that of its earliest receipt")
        var expected: [String: Int64] = [:]
        try forEach("SELECT body FROM receipts WHERE shard = $1 AND kind = 'entered'", shard) {
            row throws(StoreFault) in
            // A receipt that can't be read is a matter of the check of receipts.
            guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(try row.text(0).utf8)) else {
                return
            }
            let at = receipt.occurredAt.microseconds
            expected[receipt.ticket.text] = min(expected[receipt.ticket.text] ?? at, at)
        }
        var known: [String: Int64] = [:]
        try forEach("SELECT ticket, first_us FROM ticket_uses WHERE shard = $1", shard) { row throws(StoreFault) in
            line.counted += 1
            known[try row.text(0)] = try row.integer(1)
        }
        for ticket in Set(expected.keys).union(known.keys).sorted() where expected[ticket] != known[ticket] {
            line.add("ticket_uses", ticket, "is not what the receipts say")
        }
        return line
    }
}
