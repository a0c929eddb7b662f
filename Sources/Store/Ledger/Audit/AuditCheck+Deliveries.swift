internal import Foundation
internal import Ledger
internal import Stage
internal import Values

extension AuditCheck {
    /// What rooms have held of what they promised.
    static let deliveries: [AuditCheck] = [
        AuditCheck(
            "room receipts", "each receipt stands once under its room, those of the stage apart",
            counted: "SELECT count(*) FROM room_receipts WHERE shard = $1",
            [
                Search(
                    "receipts", "does not stand under its room",
                    """
                    SELECT CAST(r.number AS TEXT) FROM receipts r LEFT JOIN room_receipts x ON x.shard = r.shard
                      AND x.number = r.number WHERE r.shard = $1
                    GROUP BY r.number, r.body HAVING count(x.number) <> 1 OR r.body NOT LIKE
                      CASE max(x.stage) WHEN 0 THEN '%"role":"listener"%' ELSE '%"role":"%' END
                        AND r.body NOT LIKE '%"direction":"listening"%'
                      OR (max(x.stage) = 1 AND r.body LIKE '%"role":"listener"%'
                        AND r.body NOT LIKE '%"direction":"speaking"%')
                      OR (max(x.stage) = 0 AND r.body LIKE '%"direction":"speaking"%')
                      OR r.body NOT LIKE '%"room":"' || max(x.room) || '"%'
                    """)
            ]),
        AuditCheck(
            "deliveries", "orders of rooms held in part got back what was not held, once, and were told of it",
            counted: "SELECT count(*) FROM deliveries WHERE shard = $1",
            [
                Search(
                    "deliveries", "was decided, and nobody was told these figures",
                    """
                    SELECT d.room FROM deliveries d WHERE d.shard = $1 AND 1 <> (SELECT count(*) FROM outbox e
                      WHERE e.shard = d.shard AND e.kind = 'room.delivered' AND e.subject = d.room
                        AND e.body LIKE '%"deliveredSeconds":' || CAST(d.delivered_s AS TEXT) || ',%'
                        AND e.body LIKE '%"promisedSeconds":' || CAST(d.promised_s AS TEXT) || ',%')
                    """),
                Search(
                    "delivery_orders", "is of another room, or its refund is of another order, sum or reason",
                    """
                    SELECT x.order_id FROM delivery_orders x
                    LEFT JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    LEFT JOIN order_reversals v ON v.shard = x.shard AND v.refund = x.refund
                    WHERE x.shard = $1 AND (o.order_id IS NULL OR o.room <> x.room OR (x.refund IS NOT NULL
                      AND (v.refund IS NULL OR v.order_id <> x.order_id OR v.delta <> x.amount
                        OR v.reason <> 'undelivered')))
                    """),
                Search(
                    "order_reversals", "was given back for time that no night decided about",
                    """
                    SELECT v.refund FROM order_reversals v WHERE v.shard = $1 AND v.reason = 'undelivered'
                      AND NOT EXISTS (SELECT 1 FROM delivery_orders x WHERE x.shard = v.shard AND x.refund = v.refund)
                    """),
                Search(
                    "releases", "was released before it was decided what of its time was held",
                    """
                    SELECT l.order_id FROM releases l JOIN orders o ON o.shard = l.shard AND o.order_id = l.order_id
                    JOIN deliveries d ON d.shard = o.shard AND d.room = o.room
                    WHERE l.shard = $1 AND (d.is_whole = 0 OR EXISTS (SELECT 1 FROM extensions y
                        WHERE y.shard = o.shard AND y.order_id = o.order_id))
                      AND NOT EXISTS (SELECT 1 FROM delivery_orders x WHERE x.shard = o.shard AND x.order_id = o.order_id)
                    """),
                Search(
                    "delivery_orders", "got another share back than was not held",
                    """
                    SELECT x.order_id FROM delivery_orders x
                    JOIN order_reversals v ON v.shard = x.shard AND v.refund = x.refund
                    WHERE x.shard = $1 AND x.amount <> (2 * (v.gross - v.before) * (x.promised_s - x.delivered_s)
                      + x.promised_s) / (2 * x.promised_s)
                    """),
            ]),
    ]
}

extension Transaction {
    /// What was held is what the receipts say that were there when it was decided.
    borrowing func auditDeliveries() throws(StoreFault) -> AuditLine {
        var line = AuditLine("held", "what was held of a room is what the receipts of its stage say")
        let decided = try rows(
            """
            SELECT d.room, d.last_receipt, d.from_us, d.delivered_s, d.at_us, d.to_us,
              CASE WHEN f.state = 'closed' AND f.at_us < r.ends_us THEN f.at_us ELSE r.ends_us END
            FROM deliveries d JOIN rooms r ON r.shard = d.shard AND r.room = d.room
            LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE d.shard = $1 ORDER BY d.room
            """, shard
        ) { row throws(StoreFault) in
            (
                room: try row.text(0), last: try row.integer(1), from: try row.instant(2),
                delivered: try row.integer(3), now: min(try row.instant(4), try row.instant(6)), to: try row.instant(5)
            )
        }
        for row in decided {
            line.counted += 1
            let bodies = try rows(
                """
                SELECT r.body FROM room_receipts x JOIN receipts r ON r.shard = x.shard AND r.number = x.number
                WHERE x.shard = $1 AND x.room = $2 AND x.stage = 1 AND x.number <= $3
                """, shard, row.room, row.last
            ) { row throws(StoreFault) in try row.text(0) }
            // A receipt that can't be read is a matter of the check of receipts.
            let receipts = bodies.compactMap { try? JSONDecoder().decode(Receipt.self, from: Data($0.utf8)) }
            let window = AttendanceInterval(from: row.from, to: row.to)
            if StageTime(receipts, now: row.now).seconds(in: window) != row.delivered {
                line.add("deliveries", row.room, "is not what the receipts say")
            }
        }
        return line
    }
}
