public import BoxOffice
internal import Ledger
public import Values

/// A dispute as stored: what was told of it.
public struct DisputeRow: Sendable, Hashable {
    public let provider: ProviderName
    /// The provider's name of it.
    public let dispute: String
    public let charge: ChargeID
    public let amount: Money
    public let facts: Set<DisputeFact>
    public let createdAt: Instant

    public init(
        provider: ProviderName, dispute: String, charge: ChargeID, amount: Money, facts: Set<DisputeFact>,
        createdAt: Instant
    ) {
        self.provider = provider
        self.dispute = dispute
        self.charge = charge
        self.amount = amount
        self.facts = facts
        self.createdAt = createdAt
    }

    public var position: DisputePosition { DisputeLife(facts).position }
}

extension Transaction {
    public borrowing func insertDispute(_ dispute: DisputeRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO disputes (shard, provider, dispute, charge, currency, amount, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, dispute.provider.rawValue, dispute.dispute, dispute.charge, dispute.amount.currency,
            dispute.amount.minorUnits, dispute.createdAt)
    }

    public borrowing func dispute(
        _ name: String, of provider: ProviderName
    ) throws(StoreFault) -> DisputeRow? {
        try row(
            """
            SELECT provider, dispute, charge, amount, currency, created_us FROM disputes
            WHERE shard = $1 AND provider = $2 AND dispute = $3
            """, shard, provider.rawValue, name, read: readDispute
        ).map { row throws(StoreFault) in try withFacts(row) }
    }

    public borrowing func disputes(of charge: ChargeID) throws(StoreFault) -> [DisputeRow] {
        var found: [DisputeRow] = []
        for row in try rows(
            """
            SELECT provider, dispute, charge, amount, currency, created_us FROM disputes
            WHERE shard = $1 AND charge = $2 ORDER BY provider, dispute
            """, shard, charge, read: readDispute)
        { found.append(try withFacts(row)) }
        return found
    }

    /// Disputes in the order of their names, behind one of them.
    public borrowing func disputes(
        after cursor: (provider: String, dispute: String), limit: Int
    ) throws(StoreFault) -> [DisputeRow] {
        var found: [DisputeRow] = []
        for row in try rows(
            """
            SELECT provider, dispute, charge, amount, currency, created_us FROM disputes
            WHERE shard = $1 AND (provider, dispute) > ($2, $3) ORDER BY provider, dispute LIMIT $4
            """, shard, cursor.provider, cursor.dispute, limit, read: readDispute)
        { found.append(try withFacts(row)) }
        return found
    }

    private borrowing func withFacts(_ row: DisputeRow) throws(StoreFault) -> DisputeRow {
        let facts = try rows(
            "SELECT fact FROM dispute_facts WHERE shard = $1 AND provider = $2 AND dispute = $3", shard,
            row.provider.rawValue, row.dispute
        ) { row throws(StoreFault) in
            guard let fact = DisputeFact(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return fact
        }
        return DisputeRow(
            provider: row.provider, dispute: row.dispute, charge: row.charge, amount: row.amount, facts: Set(facts),
            createdAt: row.createdAt)
    }

    public borrowing func insert(
        _ fact: DisputeFact, of dispute: DisputeRow, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO dispute_facts (shard, provider, dispute, fact, at_us) VALUES ($1, $2, $3, $4, $5)", shard,
            dispute.provider.rawValue, dispute.dispute, fact.rawValue, instant)
    }

    /// - Parameters:
    ///   - wallet: minor units that the wallet gave beside the orders.
    ///   - platform: minor units that nobody gave.
    public borrowing func insert(
        _ step: DisputeLife.Step, of dispute: DisputeRow, wallet: Int64, platform: Int64, sequence: Int64,
        at instant: Instant
    ) throws(StoreFault) {
        let isFirst = step == .take
        try execute(
            """
            INSERT INTO dispute_steps (shard, provider, dispute, place, prev_place, step, wallet, platform, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, dispute.provider.rawValue, dispute.dispute, isFirst ? 1 : 2, isFirst ? Int?.none : 1,
            step.rawValue, wallet, platform, sequence, instant)
        let item = "\(dispute.provider.rawValue)/\(dispute.dispute)"
        if isFirst {
            let given = dispute.amount.minorUnits - platform
            try openPassage(item, of: dispute.amount, on: .contested, at: instant)
            try openPassage(item, of: Money(given, dispute.amount.currency), on: .contestedClaims, at: instant)
        } else {
            try closePassage(item, on: .contested)
            try closePassage(item, on: .contestedClaims)
        }
    }

    /// Of whom the money of a dispute was taken, with what failed repayments brought since; `nil` before it was.
    public borrowing func shares(of dispute: DisputeRow) throws(StoreFault) -> DisputeShares? {
        let taken = try row(
            """
            SELECT wallet, platform FROM dispute_steps
            WHERE shard = $1 AND provider = $2 AND dispute = $3 AND place = 1
            """, shard, dispute.provider.rawValue, dispute.dispute
        ) { row throws(StoreFault) in (wallet: try row.integer(0), platform: try row.integer(1)) }
        guard let taken else { return nil }
        let orders = try rows(
            """
            SELECT order_id, amount FROM dispute_orders WHERE shard = $1 AND provider = $2 AND dispute = $3
            ORDER BY order_id
            """, shard, dispute.provider.rawValue, dispute.dispute
        ) { row throws(StoreFault) in (order: try row.identifier(0, as: OrderID.self), amount: try row.integer(1)) }
        let recovered = try recovered(for: dispute).sum
        return DisputeShares(
            orders: orders, wallet: taken.wallet + recovered, platform: taken.platform - recovered)
    }

    /// How many failed repayments brought something for a dispute, and what in all, minor units.
    private borrowing func recovered(
        for dispute: DisputeRow
    ) throws(StoreFault) -> (count: Int64, sum: Int64) {
        try row(
            """
            SELECT n, after FROM dispute_recoveries WHERE shard = $1 AND provider = $2 AND dispute = $3
            ORDER BY n DESC LIMIT 1
            """, shard, dispute.provider.rawValue, dispute.dispute
        ) { row throws(StoreFault) in (count: try row.integer(0), sum: try row.integer(1)) } ?? (count: 0, sum: 0)
    }

    /// The provider's names of the disputes of a payment that were taken once a repayment had left the wallet, in that order.
    public borrowing func disputesTaken(behind repayment: RepaymentID) throws(StoreFault) -> [String] {
        try rows(
            """
            SELECT d.dispute FROM repayments r JOIN disputes d ON d.shard = r.shard AND d.charge = r.charge
            JOIN dispute_steps s ON s.shard = d.shard AND s.provider = d.provider AND s.dispute = d.dispute
              AND s.place = 1
            WHERE r.shard = $1 AND r.repayment = $2 AND s.seq > r.seq ORDER BY s.seq
            """, shard, repayment
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// Money of a repayment that failed goes to a dispute that has been taken.
    /// - Parameters:
    ///   - amount: minor units.
    ///   - sequence: of its entry.
    public borrowing func insertRecovery(
        _ amount: Int64, of repayment: RepaymentRow, for dispute: DisputeRow, sequence: Int64, at instant: Instant
    ) throws(StoreFault) {
        let (last, before) = try recovered(for: dispute)
        let provider = dispute.provider.rawValue
        try execute(
            """
            INSERT INTO dispute_recoveries (shard, provider, dispute, place, platform, n, prev_n, before, amount, after,
              repayment, seq, at_us)
            SELECT shard, provider, dispute, place, platform, $4, $5, $6, $7, $8, $9, $10, $11 FROM dispute_steps
            WHERE shard = $1 AND provider = $2 AND dispute = $3 AND place = 1
            """, shard, provider, dispute.dispute, last + 1, last == 0 ? Int64?.none : last, before, amount,
            before + amount, repayment.id, sequence, instant)
        guard dispute.position == .contested else { return }
        try execute(
            """
            INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
            SELECT shard, $4, $5, $6, $7, at_us FROM dispute_steps
            WHERE shard = $1 AND provider = $2 AND dispute = $3 AND place = 1
            ON CONFLICT (shard, account, item) DO UPDATE SET amount = open_passages.amount + excluded.amount
            """, shard, provider, dispute.dispute, Account.contestedClaims.text, "\(provider)/\(dispute.dispute)",
            repayment.amount.currency, amount)
    }

    public borrowing func insertDisputed(
        _ order: OrderID, amount: Int64, of dispute: DisputeRow
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO dispute_orders (shard, provider, dispute, order_id, amount) VALUES ($1, $2, $3, $4, $5)
            """, shard, dispute.provider.rawValue, dispute.dispute, order, amount)
    }

    /// Puts an order among those in escrow again, if it is not there.
    public borrowing func restoreEscrowed(_ order: OrderID, of room: RoomID) throws(StoreFault) {
        try ensure(
            "INSERT INTO escrowed (shard, room, order_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", shard, room,
            order)
    }

    public borrowing func insertLoss(
        of order: OrderID, amount: Int64, in dispute: DisputeRow, refund: RefundID, sequence: Int64,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO dispute_losses (shard, provider, dispute, order_id, amount, refund, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, dispute.provider.rawValue, dispute.dispute, order, amount, refund, sequence, instant)
    }
}

private func readDispute(_ row: borrowing Row) throws(StoreFault) -> DisputeRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    return DisputeRow(
        provider: provider, dispute: try row.text(1), charge: try row.identifier(2), amount: try row.money(3, 4),
        facts: [], createdAt: try row.instant(5))
}
