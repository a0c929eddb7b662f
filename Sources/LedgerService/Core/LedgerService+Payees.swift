public import HTTPEdge
internal import Store
public import Values

/// What holds for the payouts of a host.
public struct PayeeView: Sendable, Hashable, Encodable {
    public let host: HostID
    /// Basis points of each payout that are kept back for the tax office.
    public let withholdingBp: Int64
    public let blocked: Bool
    /// Why, in the words of whoever set it last; absent while nothing was ever set.
    public let reason: String?
    public let since: Instant?

    init(_ host: HostID, _ row: PayeeRow?) {
        self.host = host
        withholdingBp = row?.withholding.value ?? 0
        blocked = row?.isBlocked ?? false
        reason = row?.reason
        since = row?.since
    }
}

extension PayeeView {
    /// The version of what finance edits.
    public var tag: EntityTag { EntityTag(of: self) }
}

extension LedgerService {
    public func payee(_ host: HostID, by caller: Caller) async throws -> PayeeView {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            return PayeeView(host, try transaction.payee(host))
        }
    }

    /// Sets what holds for payouts from the next cut on; what is left out stays as it is. Nights that were cut before
    /// keep what they knew.
    public func setPayee(
        _ host: HostID, withholdingBp: Int64? = nil, blocked: Bool? = nil, reason: String,
        if condition: TagCondition? = nil, by caller: Caller
    ) async throws -> PayeeView {
        try requireFinance(caller)
        guard withholdingBp != nil || blocked != nil else { throw LedgerRefusal.payeeTerms }
        if let withholdingBp, !(0...BasisPoints.whole.value).contains(withholdingBp) {
            throw LedgerRefusal.payeeWithholding
        }
        // A sentence that somebody reads a year later.
        guard isPrintable(reason, characters: 1...200) else { throw LedgerRefusal.payeeReason }
        let now = clock.now()
        return try await database.write { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            let before = try transaction.payee(host)
            try condition?.check(PayeeView(host, before).tag)
            let row = PayeeRow(
                host: host, withholding: withholdingBp.map { BasisPoints($0) } ?? before?.withholding ?? BasisPoints(0),
                isBlocked: blocked ?? before?.isBlocked ?? false, reason: reason, actor: caller.actor, since: now)
            if before.map({ ($0.withholding, $0.isBlocked, $0.reason) == (row.withholding, row.isBlocked, reason) })
                != true
            {
                try transaction.insertPayee(row)
                try transaction.audit(
                    actor: caller.actor, act: "payee_set", subject: host.text,
                    detail: "\(row.withholding), \(row.isBlocked ? "blocked" : "not blocked"): \(reason)", at: now)
            }
            return PayeeView(host, try transaction.payee(host))
        }
    }
}
