public import Payouts
public import Values

/// The risk class of a host from a day on, as stored: the class by name and version, and its figures.
public struct RiskRow: Sendable, Hashable {
    public let host: HostID
    public let name: String
    public let version: Int
    public let terms: RiskTerms
    /// The first business day whose night knows it.
    public let from: LocalDay
    public let reason: String
    public let actor: String
    public let at: Instant
    /// Of the host's facts, from 1.
    public let number: Int64

    public init(
        host: HostID, name: String, version: Int, terms: RiskTerms, from: LocalDay, reason: String, actor: String,
        at: Instant, number: Int64 = 0
    ) {
        self.host = host
        self.name = name
        self.version = version
        self.terms = terms
        self.from = from
        self.reason = reason
        self.actor = actor
        self.at = at
        self.number = number
    }
}

extension Transaction {
    /// Whether any host ever had a class: without one, no night asks further.
    public borrowing func hasRiskFacts() throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM risk_facts WHERE shard = $1 LIMIT 1", shard) { _ throws(StoreFault) in true } ?? false
    }

    /// Appends a fact behind the last one of its host; its day is never before that of the last one.
    /// - Returns: its number.
    public borrowing func insertRisk(_ row: RiskRow) throws(StoreFault) -> Int64 {
        let last = try risk(of: row.host)
        let number = (last?.number ?? 0) + 1
        try execute(
            """
            INSERT INTO risk_facts (shard, host, n, prev_n, prev_from, class, version, extra_hold_days, reserve_bp,
              reserve_days, from_day, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """, shard, row.host, number, last?.number, last?.from, row.name, row.version, row.terms.extraHoldDays,
            row.terms.reserve.value, row.terms.reserveDays, max(row.from, last?.from ?? row.from), row.reason,
            row.actor, max(row.at, last?.at ?? row.at))
        return number
    }

    /// The class of a host that a night of a day knows; without a day the last one that was set.
    public borrowing func risk(of host: HostID, on day: LocalDay? = nil) throws(StoreFault) -> RiskRow? {
        try row(
            """
            SELECT host, class, version, extra_hold_days, reserve_bp, reserve_days, from_day, reason, actor, at_us, n
            FROM risk_facts WHERE shard = $1 AND host = $2 AND from_day <= $3 ORDER BY n DESC LIMIT 1
            """, shard, host, day?.description ?? "9999-12-31", read: readRisk)
    }

    /// A fact by its number.
    public borrowing func risk(_ number: Int64, of host: HostID) throws(StoreFault) -> RiskRow? {
        try row(
            """
            SELECT host, class, version, extra_hold_days, reserve_bp, reserve_days, from_day, reason, actor, at_us, n
            FROM risk_facts WHERE shard = $1 AND host = $2 AND n = $3
            """, shard, host, number, read: readRisk)
    }

    /// The classes of a host, newest first.
    public borrowing func risks(of host: HostID, limit: Int) throws(StoreFault) -> [RiskRow] {
        try rows(
            """
            SELECT host, class, version, extra_hold_days, reserve_bp, reserve_days, from_day, reason, actor, at_us, n
            FROM risk_facts WHERE shard = $1 AND host = $2 ORDER BY n DESC LIMIT $3
            """, shard, host, limit, read: readRisk)
    }
}

private func readRisk(_ row: borrowing Row) throws(StoreFault) -> RiskRow {
    guard
        let terms = RiskTerms(
            extraHoldDays: try row.int(3), reserve: BasisPoints(try row.integer(4)), reserveDays: try row.int(5))
    else { throw row.corrupt(4) }
    return RiskRow(
        host: try row.identifier(0), name: try row.text(1), version: try row.int(2), terms: terms,
        from: try row.day(6), reason: try row.text(7), actor: try row.text(8), at: try row.instant(9),
        number: try row.integer(10))
}
