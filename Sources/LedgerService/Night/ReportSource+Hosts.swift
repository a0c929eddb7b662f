internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Reporting
internal import Store
internal import Values

extension ReportSource {
    /// The statements of every host that the register names: from the day after the last night to this one.
    func hosts(
        _ orders: [ReportOrder], _ rooms: [RoomID: Room], _ carried: [CarriedEntry], _ payouts: [PayoutRow],
        _ policy: SalePolicy, in transaction: borrowing Transaction
    ) throws -> [HostFacts] {
        let before = try transaction.night(before: night.day)
        let start = try before.flatMap { try transaction.nightEnd($0.day) }?.headSequence ?? 0
        var credits: [OrderID: [HostID: Int64]] = [:]
        for credit in try transaction.hostCredits(after: start, through: end.headSequence) {
            credits[credit.order, default: [:]][credit.host, default: 0] += credit.amount.minorUnits
        }
        var lines: [TierKey: [StatementLine]] = [:]
        for sold in orders {
            for (host, line) in try statementLines(sold, rooms, credits[sold.order.id] ?? [:], in: transaction) {
                lines[TierKey(host: host, currency: sold.order.currency), default: []].append(line)
            }
        }
        var movements: [TierKey: [HostFacts.Movement]] = [:]
        for back in try transaction.returnedPayouts(after: start, through: end.headSequence) {
            movements[TierKey(host: back.host, currency: back.gross.currency), default: []].append(
                HostFacts.Movement(
                    day: back.day, kind: "returned payout", reason: back.batch, amount: back.gross.minorUnits))
        }
        for other in try transaction.hostMovements(after: start, through: end.headSequence) {
            movements[TierKey(host: other.host, currency: other.amount.currency), default: []].append(
                HostFacts.Movement(
                    day: other.day, kind: other.kind, reason: other.reason, amount: other.amount.minorUnits))
        }
        let first = orders.map(\.soldOn).min() ?? night.day
        let terms = try terms(of: carried, since: before, policy, in: transaction)
        return try carried.map { entry in
            let key = entry.key
            let opening = try transaction.balance(of: .host(key.host), in: key.currency, through: start)
            guard let reason = CarriedRow.Reason(rawValue: entry.reason) else {
                throw StoreFault.corrupt(column: "carried.reason")
            }
            return HostFacts(
                host: key.host.text, name: try transaction.host(key.host)?.name ?? key.host.text,
                currency: key.currency, from: before?.day.advanced(byDays: 1) ?? min(first, night.day),
                through: night.day, opening: -opening.minorUnits, lines: lines[key] ?? [],
                movements: movements[key] ?? [],
                payouts: payouts.filter { $0.host == key.host.text && $0.currency == key.currency },
                carried: CarriedRow(
                    host: key.host.text, currency: key.currency, available: entry.available,
                    pending: entry.pending, reason: reason, nextOn: entry.nextOn, bracketUse: entry.bracketUse),
                minimumPayout: policy.minimumPayout(in: key.currency), terms: terms[key] ?? HostTerms())
        }
    }

    /// One line for each host of an order that moved, waits or is held in the period; none for what is long settled.
    private func statementLines(
        _ sold: ReportOrder, _ rooms: [RoomID: Room], _ credits: [HostID: Int64],
        in transaction: borrowing Transaction
    ) throws -> [(HostID, StatementLine)] {
        let order = sold.order
        guard let split = try transaction.split(of: order.id), let room = rooms[order.room] else { return [] }
        let reversed = try transaction.reversals(of: order.id, through: end.headSequence).reversed
        let release = try transaction.release(of: order.id)
        let released = release.flatMap { $0.sequence <= end.headSequence ? $0 : nil }
        let accruals = try transaction.accruals(of: order.id, through: night.day)
        let tiers = settings.policies[order.policy]?.tiers[order.currency] ?? []
        let parts = zip(split.parts, tiers).map { StatementLine.RatedPart(base: $0, rate: $1.rate) }
        return split.shares.compactMap { share in
            let credited = credits[share.host] ?? 0
            let state = state(
                of: order, reversed: reversed, availableOn: released?.availableOn,
                paid: accruals.contains { $0.accrual.host == share.host && $0.paidOn != nil })
            // Settled in an earlier period: it stood on an earlier statement.
            if credited == 0, state == .paid || state == .refunded { return nil }
            let amount = share.amount.minorUnits
            return (
                share.host,
                StatementLine(
                    day: sold.soldOn, room: order.room.text, title: room.title, order: sold.name,
                    gross: order.gross.minorUnits, vat: order.vat, fee: order.fee, base: order.base, parts: parts,
                    share: amount, shareReversed: quotientHalfUp(amount, reversed, order.gross.minorUnits),
                    reversed: reversed, credited: credited, releaseOn: released?.availableOn, state: state)
            )
        }
    }

    private func state(
        of order: Order, reversed: Int64, availableOn: LocalDay?, paid: Bool
    ) -> StatementLine.State {
        if reversed == order.gross.minorUnits { return .refunded }
        guard let availableOn else { return .escrow }
        if paid { return .paid }
        return availableOn <= night.day ? .available : .pending
    }
}
