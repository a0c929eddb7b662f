public import BoxOffice
internal import Ledger
public import Values

/// Money that goes back through a provider, in the state that its last fact left it in.
public struct RepaymentRow: Sendable, Hashable {
    public let id: RepaymentID
    public let charge: ChargeID
    public let amount: Money
    public let holder: HolderID
    public let state: RepaymentState
    public let createdAt: Instant

    public init(
        id: RepaymentID, charge: ChargeID, amount: Money, holder: HolderID, state: RepaymentState, createdAt: Instant
    ) {
        self.id = id
        self.charge = charge
        self.amount = amount
        self.holder = holder
        self.state = state
        self.createdAt = createdAt
    }
}

extension Transaction {
    /// - Parameter sequence: of the entry that took the money from the wallet.
    public borrowing func insertRepayment(_ repayment: RepaymentRow, sequence: Int64) throws(StoreFault) {
        try execute(
            """
            INSERT INTO repayments (shard, repayment, charge, currency, amount, holder, seq, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, repayment.id, repayment.charge, repayment.amount.currency, repayment.amount.minorUnits,
            repayment.holder, sequence, repayment.createdAt)
        try execute(
            """
            INSERT INTO repayment_facts (shard, repayment, n, state, at_us) VALUES ($1, $2, 1, 'requested', $3)
            """, shard, repayment.id, repayment.createdAt)
        try openPassage(repayment.id.text, of: repayment.amount, on: .onItsWay, at: repayment.createdAt)
    }

    public borrowing func repayment(_ id: RepaymentID) throws(StoreFault) -> RepaymentRow? {
        try row(
            """
            SELECT r.repayment, r.charge, r.amount, r.currency, r.holder, f.state, r.created_us FROM repayments r
            JOIN repayment_facts f ON f.shard = r.shard AND f.repayment = r.repayment AND f.n = (SELECT max(n)
              FROM repayment_facts m WHERE m.shard = r.shard AND m.repayment = r.repayment)
            WHERE r.shard = $1 AND r.repayment = $2
            """, shard, id, read: readRepayment)
    }

    public borrowing func repayments(of charge: ChargeID) throws(StoreFault) -> [RepaymentRow] {
        try rows(
            """
            SELECT r.repayment, r.charge, r.amount, r.currency, r.holder, f.state, r.created_us FROM repayments r
            JOIN repayment_facts f ON f.shard = r.shard AND f.repayment = r.repayment AND f.n = (SELECT max(n)
              FROM repayment_facts m WHERE m.shard = r.shard AND m.repayment = r.repayment)
            WHERE r.shard = $1 AND r.charge = $2 ORDER BY r.repayment
            """, shard, charge, read: readRepayment)
    }

    /// - Parameter sequence: of the entry that the state made.
    public borrowing func appendState(
        _ state: RepaymentState, to repayment: RepaymentID, sequence: Int64?, at instant: Instant
    ) throws(StoreFault) {
        let last = try row(
            "SELECT n, state FROM repayment_facts WHERE shard = $1 AND repayment = $2 ORDER BY n DESC LIMIT 1", shard,
            repayment
        ) { row throws(StoreFault) in (n: try row.integer(0), state: try row.text(1)) }
        guard let last else { throw .corrupt(column: "repayment_facts.n") }
        try execute(
            """
            INSERT INTO repayment_facts (shard, repayment, n, prev_n, prev_state, state, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, repayment, last.n + 1, last.n, last.state, state.rawValue, sequence, instant)
        if state == .succeeded || state == .failed { try closePassage(repayment.text, on: .onItsWay) }
    }

    public borrowing func repayment(
        named name: String, by provider: ProviderName
    ) throws(StoreFault) -> RepaymentID? {
        try row(
            "SELECT repayment FROM repayment_names WHERE shard = $1 AND provider = $2 AND name = $3", shard,
            provider.rawValue, name
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    public borrowing func nameRepayment(
        _ repayment: RepaymentID, _ name: String, by provider: ProviderName
    ) throws(StoreFault) {
        try ensure(
            """
            INSERT INTO repayment_names (shard, provider, name, repayment) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            """, shard, provider.rawValue, name, repayment)
    }

    /// Minor units of a charge that went back, are on their way, or are disputed and not won.
    public borrowing func givenBack(of charge: ChargeID) throws(StoreFault) -> Int64 {
        let repaid = try repayments(of: charge).filter { $0.state != .failed }.reduce(0) { $0 + $1.amount.minorUnits }
        let disputed = try disputes(of: charge).filter { $0.position == .contested || $0.position == .lost }
            .reduce(0) { $0 + $1.amount.minorUnits }
        return repaid + disputed
    }
}

private func readRepayment(_ row: borrowing Row) throws(StoreFault) -> RepaymentRow {
    guard let state = RepaymentState(rawValue: try row.text(5)) else { throw row.corrupt(5) }
    return RepaymentRow(
        id: try row.identifier(0), charge: try row.identifier(1), amount: try row.money(2, 3),
        holder: try row.identifier(4), state: state, createdAt: try row.instant(6))
}
