public import BoxOffice
internal import Foundation
internal import Ledger
public import Values

/// A plan as stored, and what became of it.
public struct CancellationRow: Sendable, Hashable {
    public let cancellation: Cancellation
    /// The plan's text, of which the digest is.
    public let body: String
    public let approvedAt: Instant?
    public let begunAt: Instant?
    public let endedAt: Instant?

    public var id: CancellationID { cancellation.plan.cancellation }
}

/// A batch that was carried out.
public struct CancellationStep: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case orders, holds, passes
    }

    public let number: Int64
    public let kind: Kind
    public let count: Int
    /// The last id of the batch.
    public let through: String

    public init(number: Int64, kind: Kind, count: Int, through: String) {
        self.number = number
        self.kind = kind
        self.count = count
        self.through = through
    }
}

/// How far the cancelling of a room has come.
public struct CancellationProgress: Sendable, Hashable {
    public let steps: Int
    public let orders: Int
    public let holds: Int
    public let passes: Int
    /// What went back because the room was cancelled, one amount a currency.
    public let refunded: [Money]
}

extension Transaction {
    public borrowing func insertCancellation(
        _ plan: CancellationPlan, body: String, digest: SHA256Digest, madeBy: String
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO cancellations
              (shard, cancellation, room, body, digest, needs_second, made_by, made_us, expires_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, plan.cancellation, plan.room, body, digest, plan.needsSecond ? 1 : 0, madeBy, plan.madeAt,
            plan.expiresAt)
    }

    public borrowing func cancellation(_ id: CancellationID) throws(StoreFault) -> CancellationRow? {
        try row(
            """
            SELECT c.body, c.digest, c.made_by, a.approver, a.at_us, r.begun_us, e.at_us FROM cancellations c
            LEFT JOIN cancellation_approvals a ON a.shard = c.shard AND a.cancellation = c.cancellation
            LEFT JOIN cancellation_runs r ON r.shard = c.shard AND r.cancellation = c.cancellation
            LEFT JOIN cancellation_ends e ON e.shard = c.shard AND e.cancellation = c.cancellation
            WHERE c.shard = $1 AND c.cancellation = $2
            """, shard, id
        ) { row throws(StoreFault) in
            let body = try row.text(0)
            guard let plan = try? JSONDecoder().decode(CancellationPlan.self, from: Data(body.utf8)) else {
                throw row.corrupt(0)
            }
            guard let digest = SHA256Digest(hex: try row.text(1)) else { throw row.corrupt(1) }
            let approver = try row.optionalText(3)
            let begunAt = try row.optionalInstant(5)
            let endedAt = try row.optionalInstant(6)
            let stored: Cancellation.Stored =
                endedAt != nil ? .done : begunAt != nil ? .underway : approver.map { .approved(by: $0) } ?? .planned
            return CancellationRow(
                cancellation: Cancellation(
                    plan: plan, digest: digest, madeBy: try row.text(2), stored: stored),
                body: body, approvedAt: try row.optionalInstant(4), begunAt: begunAt, endedAt: endedAt)
        }
    }

    /// Who agreed to a plan, also after it was carried out.
    public borrowing func approver(of id: CancellationID) throws(StoreFault) -> String? {
        try row(
            "SELECT approver FROM cancellation_approvals WHERE shard = $1 AND cancellation = $2", shard, id
        ) { row throws(StoreFault) in try row.text(0) }
    }

    public borrowing func approve(
        _ cancellation: Cancellation, by approver: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO cancellation_approvals (shard, cancellation, digest, made_by, approver, at_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, cancellation.plan.cancellation, cancellation.digest, cancellation.madeBy, approver, instant)
    }

    public borrowing func insertCancellationRun(
        _ cancellation: Cancellation, approver: String?, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        let plan = cancellation.plan
        try execute(
            """
            INSERT INTO cancellation_runs
              (shard, room, cancellation, digest, needs_second, approver, begun_by, begun_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, plan.room, plan.cancellation, cancellation.digest, plan.needsSecond ? 1 : 0, approver, actor,
            instant)
    }

    /// The plan by which a room was cancelled; `nil` for any other room.
    public borrowing func cancellation(of room: RoomID) throws(StoreFault) -> CancellationID? {
        try row("SELECT cancellation FROM cancellation_runs WHERE shard = $1 AND room = $2", shard, room) {
            row throws(StoreFault) in try row.identifier(0)
        }
    }

    public borrowing func lastStep(of id: CancellationID) throws(StoreFault) -> CancellationStep? {
        try row(
            """
            SELECT n, kind, count, through FROM cancellation_steps WHERE shard = $1 AND cancellation = $2
            ORDER BY n DESC LIMIT 1
            """, shard, id
        ) { row throws(StoreFault) in
            guard let kind = CancellationStep.Kind(rawValue: try row.text(1)) else { throw row.corrupt(1) }
            return CancellationStep(
                number: try row.integer(0), kind: kind, count: try row.int(2), through: try row.text(3))
        }
    }

    public borrowing func insertStep(
        _ step: CancellationStep, of id: CancellationID, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO cancellation_steps (shard, cancellation, n, prev_n, kind, count, through, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, id, step.number, step.number == 1 ? Int64?.none : step.number - 1, step.kind.rawValue,
            step.count, step.through, instant)
    }

    public borrowing func endCancellation(_ id: CancellationID, at instant: Instant) throws(StoreFault) {
        try execute(
            "INSERT INTO cancellation_ends (shard, cancellation, at_us) VALUES ($1, $2, $3)", shard, id, instant)
    }

    public borrowing func progress(of row: CancellationRow) throws(StoreFault) -> CancellationProgress {
        var counts: [String: Int] = [:]
        var steps = 0
        try forEach(
            """
            SELECT kind, count(*), CAST(sum(count) AS BIGINT) FROM cancellation_steps
            WHERE shard = $1 AND cancellation = $2 GROUP BY kind
            """, shard, row.id
        ) { row throws(StoreFault) in
            steps += try row.int(1)
            counts[try row.text(0)] = try row.int(2)
        }
        let refunded = try rows(
            """
            SELECT CAST(sum(v.delta) AS BIGINT), o.currency FROM order_reversals v
            JOIN orders o ON o.shard = v.shard AND o.order_id = v.order_id
            WHERE o.shard = $1 AND o.room = $2 AND v.reason = 'room_cancelled'
            GROUP BY o.currency ORDER BY o.currency
            """, shard, row.cancellation.plan.room
        ) { row throws(StoreFault) in try row.money(0, 1) }
        return CancellationProgress(
            steps: steps, orders: counts["orders"] ?? 0, holds: counts["holds"] ?? 0, passes: counts["passes"] ?? 0,
            refunded: refunded)
    }
}
