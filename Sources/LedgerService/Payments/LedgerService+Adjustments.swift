internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// A correction of what a host is owed.
public struct AdjustmentView: Sendable, Hashable, Encodable {
    /// The id of what it accrued.
    public let adjustment: AccrualID
    public let host: HostID
    /// Signed: positive is in the host's favour.
    public let amount: Money
    /// `finance`, or `dispute_fee` for the fee of a dispute that the host bears.
    public let source: String
    public let reason: String
    public let at: Instant

    init(_ row: AdjustmentRow) {
        adjustment = row.accrual
        host = row.host
        amount = row.amount
        source = row.source.rawValue
        reason = row.reason
        at = row.at
    }
}

extension LedgerService {
    /// Corrects what a host is owed, by hand; the next night pays it or recovers it.
    public func adjust(
        _ host: HostID, by amount: Money, reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> AdjustmentView {
        try requireFinance(caller)
        guard isPrintable(reason, characters: 1...200) else { throw AdjustmentRefusal.reason }
        let command = OnceOnly("adjustment", by: caller, key: key, request: "\(host)|\(amount)|\(reason)")
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                return try adjust(host, by: amount, reason: reason, by: caller.actor, at: now, in: transaction).text
            }
            guard let row = try AccrualID(outcome).flatMap({ try transaction.adjustment($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return AdjustmentView(row)
        }
    }

    /// Corrections of a host, newest first.
    public func adjustments(
        of host: HostID, _ page: PageRequest, by caller: Caller
    ) async throws -> (adjustments: [AdjustmentView], next: String?) {
        if caller != .host(host) { try requireFinanceReading(caller) }
        return try await database.read { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            let (rows, next) = page.page(
                try transaction.adjustments(of: host, before: page.after ?? "~", limit: page.limit + 1),
                key: \.accrual.text)
            return (rows.map { AdjustmentView($0) }, next)
        }
    }

    /// Books a correction by hand.
    func adjust(
        _ host: HostID, by amount: Money, reason: String, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> AccrualID {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let entry = try decideAdjustment(of: host, by: amount, reason: reason, stamp: stamp)
        let id = try book(entry, of: host, amount, .finance, reason: reason, by: actor, in: transaction)
        try transaction.audit(
            actor: actor, act: "host_adjusted", subject: host.text, detail: "\(amount): \(reason)", at: stamp.postedAt)
        return id
    }

    /// Charges the fee of a dispute to the room's owner where the policy of the sale says so; below zero gives it back.
    func chargeDisputeFee(
        _ fee: Money, _ movement: String, of charge: Charge, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard let order = try charge.purchase.flatMap({ try transaction.orders(of: $0).first }),
            (settings.policies[order.policy] ?? settings.housePolicy).disputeFeeBearer == .host
        else { return }
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        guard
            let entry = JournalEntry(
                stamp, kind: .adjustment, legs: PostingRecipe.disputeFee(of: order.owner, fee))
        else { return }
        _ = try book(
            entry, of: order.owner, -fee, .disputeFee, reason: "dispute fee \(movement)", by: charge.provider.rawValue,
            in: transaction)
    }

    private func book(
        _ entry: JournalEntry, of host: HostID, _ amount: Money, _ source: AdjustmentRow.Source, reason: String,
        by actor: String, in transaction: borrowing Transaction
    ) throws -> AccrualID {
        let sequence = try transaction.append(entry).sequence
        let id = AccrualID.derived(at: entry.postedAt, from: "adjustment|\(entry.id)")
        try transaction.insertAdjustment(
            AdjustmentRow(
                accrual: id, host: host, amount: amount, source: source, reason: reason, sequence: sequence,
                actor: actor,
                at: entry.postedAt), on: try transaction.unbegunDay(from: entry.effectiveOn))
        try transaction.tell(
            .hostAdjusted, of: id.text, host: host, at: entry.postedAt,
            EventFacts(host: host, amount: amount, reason: source.rawValue))
        return id
    }
}
