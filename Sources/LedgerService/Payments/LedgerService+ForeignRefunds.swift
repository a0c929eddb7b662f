internal import BoxOffice
internal import Ledger
internal import Stage
internal import Store
internal import Values

/// Refunds that nobody asked for here: somebody gave money back on the provider's own page. The money is gone from there,
/// so the books follow: what the payment bought gives it back by R3, and it leaves the payer's wallet as with a refund of
/// ours. From then on it is a repayment like any other, and may fail like any other.
extension LedgerService {
    /// Why such a refund can't be booked (now).
    func problem(
        withRefund name: String, of amount: Money, on row: ChargeRow, in transaction: borrowing Transaction
    ) throws -> ReportOutcome? {
        guard row.state == .captured else { return .parked }
        let remaining = try standing(of: row, in: transaction).remaining
        guard amount.currency == remaining.currency, amount.isPositive, amount.minorUnits <= remaining.minorUnits
        else {
            return .refused("\(name) gives back more than is left of the payment")
        }
        // One of ours whose answer is still on its way, told without our name for it.
        let isExpected = try transaction.repayments(of: row.charge.id).contains {
            $0.state == .requested && $0.amount == amount
        }
        return isExpected ? .parked : nil
    }

    /// Takes the money from what the payment bought and from the payer's wallet.
    ///
    /// Whether the provider says that it went, is on its way or failed makes no difference here: any order of its events
    /// ends in the same books, with the money at the payer's bank or in the wallet.
    func insertForeignRefund(
        _ name: String, of amount: Money, on row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> RepaymentRow {
        let provider = row.charge.provider
        try returnSuspended(row, by: provider.rawValue, at: now, in: transaction)
        let standings = try ordersBought(with: row, in: transaction)
        var left = try amount - inWallet(ofPayer: row, from: standings, atMost: amount, in: transaction)
        for standing in standings where left.isPositive && standing.remaining.isPositive {
            let part = left.minorUnits < standing.remaining.minorUnits ? left : standing.remaining
            _ = try giveBack(
                standing.order.id, RefundRequest(id: makeID(), amount: part, authority: .platform), reason: .refunded,
                entry: makeID(), at: now, in: transaction)
            left = left - part
        }
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        // Not covered if a ticket's money went to somebody else, or was spent here: then a person has to look.
        let (money, entry) = try decideRepayment(
            amount, of: try standing(of: row, in: transaction), to: row.holder,
            wallet: try transaction.amount(in: .wallet(row.holder), amount.currency), stamp: stamp)
        let repayment = RepaymentRow(
            id: makeID(), charge: row.charge.id, amount: money, holder: row.holder, state: .requested,
            createdAt: stamp.postedAt)
        try transaction.insertRepayment(repayment, sequence: try transaction.append(entry).sequence)
        try transaction.audit(
            actor: provider.rawValue, act: "refund_found", subject: row.charge.id.text, detail: "\(name) \(money)",
            at: now)
        return repayment
    }

    /// What these orders have given back already and is still in the payer's wallet: that goes first, so that nobody loses
    /// a ticket for money that they had back before.
    private func inWallet(
        ofPayer row: ChargeRow, from orders: [OrderStanding], atMost amount: Money,
        in transaction: borrowing Transaction
    ) throws -> Money {
        let wallet = try transaction.amount(in: .wallet(row.holder), amount.currency).minorUnits
        // What fills a wallet is there until it is spent.
        if row.charge.purchase == nil { return Money(max(0, min(amount.minorUnits, wallet)), amount.currency) }
        let returned = orders.reduce(0) { $0 + $1.reversed } - (try transaction.givenBack(of: row.charge.id))
        return Money(max(0, min(amount.minorUnits, returned, wallet)), amount.currency)
    }

    /// A payment that made no tickets has none to end: those of the same purchase were paid by another one.
    /// Of one that filled the wallet: what was bought from there since, as far as its ticket is still good.
    private func ordersBought(with row: ChargeRow, in transaction: borrowing Transaction) throws -> [OrderStanding] {
        let payment = try transaction.payment(
            provider: row.charge.provider.rawValue, reference: row.charge.id.text)
        guard payment?.suspense == nil else { return [] }
        if let purchase = row.charge.purchase {
            return try transaction.orders(of: purchase).compactMap { try transaction.standing(of: $0.id) }
        }
        return try ordersBought(behind: row, in: transaction).filter {
            try transaction.lastTicket(of: $0.order.id)?.revoked == nil
        }
    }
}
