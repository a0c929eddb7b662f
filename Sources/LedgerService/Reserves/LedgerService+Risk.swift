internal import BoxOffice
public import HTTPEdge
internal import Payouts
internal import Store
public import Values

/// A risk class as the house has it.
public struct RiskClassView: Sendable, Hashable, Encodable {
    public let name: String
    public let version: Int
    public let meaning: String
    /// Days added to the hold of the policy.
    public let extraHoldDays: Int
    /// Basis points of what becomes available.
    public let reserveBp: Int64
    public let reserveDays: Int
}

/// The class of a host from a day on.
public struct HostRiskView: Sendable, Hashable, Encodable {
    public let host: HostID
    public let `class`: String
    public let version: Int
    public let extraHoldDays: Int
    public let reserveBp: Int64
    public let reserveDays: Int
    /// The first business day whose night knows it.
    public let from: LocalDay
    public let reason: String
    public let by: String
    public let at: Instant

    init(_ row: RiskRow) {
        host = row.host
        self.class = row.name
        version = row.version
        extraHoldDays = row.terms.extraHoldDays
        reserveBp = row.terms.reserve.value
        reserveDays = row.terms.reserveDays
        from = row.from
        reason = row.reason
        by = row.actor
        at = row.at
    }
}

/// What the house holds of a host beyond the policy, and why.
public struct HostReservesView: Sendable, Hashable, Encodable {
    public struct Reserve: Sendable, Hashable, Encodable {
        public let left: Money
        public let heldOn: LocalDay
        public let until: LocalDay
    }

    public let host: HostID
    /// What was set, the newest first; the last hundred.
    public let classes: [HostRiskView]
    /// By currency.
    public let held: [Money]
    /// The one that ends first, first; the first thousand.
    public let reserves: [Reserve]
}

extension LedgerService {
    public func riskClasses(by caller: Caller) throws -> [RiskClassView] {
        switch caller {
        case .operator, .finance, .auditor, .host: break
        case .anybody: throw EdgeRefusal.keyMissing
        case .moderator, .gateway, .wallet: throw EdgeRefusal.keyScope("host, finance, operator, auditor")
        }
        return settings.riskClasses.classes.map {
            RiskClassView(
                name: $0.name, version: $0.version, meaning: $0.meaning, extraHoldDays: $0.terms.extraHoldDays,
                reserveBp: $0.terms.reserve.value, reserveDays: $0.terms.reserveDays)
        }
    }

    /// Sets the class of a host from the first night on that has not begun; the same class again with the same reason is
    /// one fact.
    /// - Parameter name: of the class, or `name/version`.
    public func setRisk(
        of host: HostID, to name: String, reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> HostRiskView {
        try requireFinance(caller)
        guard let set = settings.riskClasses[name] else { throw RiskRefusal.classUnknown }
        guard isPrintable(reason, characters: 1...200) else { throw RiskRefusal.reason }
        let command = OnceOnly("risk", by: caller, key: key, request: "\(host)|\(name)|\(reason)")
        let now = clock.now()
        let today = settings.housePolicy.calendar.businessDay(of: now)
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                if let last = try transaction.risk(of: host), (last.name, last.version) == (set.name, set.version),
                    last.terms == set.terms, last.reason == reason
                {
                    return String(last.number)
                }
                return String(
                    try transaction.setRisk(
                        RiskRow(
                            host: host, name: set.name, version: set.version, terms: set.terms,
                            from: try transaction.unbegunDay(from: today), reason: reason, actor: caller.actor,
                            at: now)))
            }
            guard let number = Int64(outcome), let row = try transaction.risk(number, of: host) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return HostRiskView(row)
        }
    }

    /// The classes of a host and what is in reserve.
    public func reserves(of host: HostID, by caller: Caller) async throws -> HostReservesView {
        if caller != .host(host) { try requireFinanceReading(caller) }
        return try await database.read { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            return HostReservesView(
                host: host, classes: try transaction.risks(of: host, limit: 100).map { HostRiskView($0) },
                held: try transaction.reserved(of: host),
                reserves: try transaction.openReserves(of: host, limit: 1_000).map {
                    HostReservesView.Reserve(
                        left: Money($0.reserve.left, $0.key.currency), heldOn: $0.heldOn, until: $0.reserve.until)
                })
        }
    }
}

extension Transaction {
    /// Appends a class of a host, and says so to the audit log and to other systems.
    borrowing func setRisk(_ row: RiskRow) throws(StoreFault) -> Int64 {
        let number = try insertRisk(row)
        try audit(
            actor: row.actor, act: "risk_set", subject: row.host.text,
            detail: "\(row.name)/\(row.version) from \(row.from): \(row.reason)", at: row.at)
        try tell(
            .hostRisk, of: "\(row.host)/\(number)", host: row.host, at: row.at,
            EventFacts(host: row.host, state: "\(row.name)/\(row.version)", day: row.from))
        return number
    }
}
