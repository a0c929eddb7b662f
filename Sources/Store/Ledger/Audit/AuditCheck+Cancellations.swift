internal import BoxOffice
internal import Ledger
internal import Values

extension AuditCheck {
    /// Cancelled rooms against the plans by which they were cancelled.
    static let cancellations: [AuditCheck] = [
        AuditCheck(
            "cancellations", "rooms are cancelled by a plan that was approved where it had to be, and to the end",
            counted: "SELECT count(*) FROM cancellation_runs WHERE shard = $1",
            [
                Search(
                    "cancellation_runs", "its room is not cancelled",
                    """
                    SELECT r.cancellation FROM cancellation_runs r WHERE r.shard = $1 AND NOT EXISTS (SELECT 1
                      FROM room_facts f WHERE f.shard = r.shard AND f.room = r.room AND f.state = 'cancelled')
                    """),
                Search(
                    "cancellation_runs", "is of another plan, or was not approved by a second person",
                    """
                    SELECT r.cancellation FROM cancellation_runs r
                    LEFT JOIN cancellations c ON c.shard = r.shard AND c.cancellation = r.cancellation
                    LEFT JOIN cancellation_approvals a ON a.shard = r.shard AND a.cancellation = r.cancellation
                    WHERE r.shard = $1 AND (c.cancellation IS NULL OR c.room <> r.room OR c.digest <> r.digest
                      OR (c.needs_second = 1 AND (a.cancellation IS NULL OR a.digest <> c.digest
                        OR a.approver = c.made_by OR r.approver IS NULL OR r.approver <> a.approver)))
                    """),
                Search(
                    "cancellation_steps", "has a gap",
                    """
                    SELECT cancellation FROM cancellation_steps WHERE shard = $1 GROUP BY cancellation
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """),
                Search(
                    "cancellation_ends", "money of an order is left",
                    """
                    SELECT DISTINCT x.cancellation FROM cancellation_ends x
                    JOIN cancellation_runs r ON r.shard = x.shard AND r.cancellation = x.cancellation
                    JOIN orders o ON o.shard = r.shard AND o.room = r.room
                    WHERE x.shard = $1 AND o.gross > coalesce((SELECT sum(v.delta) FROM order_reversals v
                      WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
                    """),
                Search(
                    "cancellation_ends", "a ticket is in force, or a hold is open",
                    """
                    SELECT x.cancellation FROM cancellation_ends x
                    JOIN cancellation_runs r ON r.shard = x.shard AND r.cancellation = x.cancellation
                    WHERE x.shard = $1 AND (EXISTS (SELECT 1 FROM tickets t WHERE t.shard = r.shard
                        AND t.room = r.room AND NOT EXISTS (SELECT 1 FROM revocations v
                          WHERE v.shard = t.shard AND v.ticket = t.ticket))
                      OR EXISTS (SELECT 1 FROM open_holds h WHERE h.shard = r.shard AND h.room = r.room))
                    """),
            ])
    ]
}

extension Transaction {
    /// The text of each plan is the one that was shown: its digest is recomputed.
    borrowing func auditPlans() throws(StoreFault) -> AuditLine {
        var line = AuditLine("plans", "plans to cancel rooms are those that were shown")
        try forEach("SELECT cancellation, body, digest FROM cancellations WHERE shard = $1", shard) {
            row throws(StoreFault) in
            line.counted += 1
            if CancellationPlan.digest(ofText: try row.text(1)).hex != (try row.text(2)) {
                line.add("cancellations", try row.text(0), "is not of its digest")
            }
        }
        return line
    }
}
