internal import BoxOffice
internal import Ledger
internal import Store
internal import Values

/// Money of payments that has no place here goes back to whoever paid, by the way it came.
extension LedgerService {
    /// Sends money that came too late, for nothing, or twice, back at once: nobody has to ask for it, and nobody here has
    /// to do anything. What is not what was asked for, or does not fit, waits in suspense for somebody to look.
    func sendBackUnplaced(_ id: ChargeID, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let row = try transaction.charge(id),
            let payment = try transaction.payment(provider: row.charge.provider.rawValue, reference: id.text),
            let why = payment.suspense, why.goesBackAtOnce,
            let item = try transaction.suspense(bookedBy: payment.sequence), item.end == nil,
            try mayGoBack(item.amount, of: row, in: transaction)
        else { return }
        try sendBack(item, of: row, by: row.charge.provider.rawValue, at: now, in: transaction)
    }

    /// The payment through a provider from which money in suspense came, and by whom it goes back; `nil` for money that came
    /// on another way, and for what came by hand and can't go back as it came: more than was asked for, or of another
    /// currency. A person sends that.
    func charge(behind item: SuspenseRow, in transaction: borrowing Transaction) throws -> ChargeRow? {
        guard let id = ChargeID(item.reference), let row = try transaction.charge(id),
            row.charge.provider.rawValue == item.source, try suspended(row, in: transaction)?.id == item.id
        else { return nil }
        if row.charge.provider == .manual, try !mayGoBack(item.amount, of: row, in: transaction) { return nil }
        return row
    }

    /// Moves an item through the wallet of whoever paid it, from which it goes the way of every repayment: if that fails,
    /// the money is in the wallet.
    func sendBack(
        _ item: SuspenseRow, of row: ChargeRow, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        try returnSuspended(row, by: actor, at: now, in: transaction)
        _ = try repay(item.amount, of: row, calledFrom: now, by: actor, at: now, in: transaction)
    }

    /// Puts the money of a payment that waits in suspense into the wallet of whoever paid it, where it is looked for.
    /// What else came for the same purchase waits on; a purchase for which nothing waits any more is over.
    func returnSuspended(
        _ row: ChargeRow, by actor: String, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard let item = try suspended(row, in: transaction) else { return }
        try give(item, to: row.holder, by: actor, at: now, in: transaction)
        guard let purchase = row.charge.purchase, var held = try transaction.heldPurchase(purchase),
            held.state == .suspended
        else { return }
        let isWaiting = try transaction.payments(of: purchase).contains { payment in
            guard payment.suspense != nil else { return false }
            return try transaction.suspense(bookedBy: payment.sequence).map { $0.end == nil } ?? false
        }
        if !isWaiting { try transaction.append(try held.refund(), to: held.hold, at: now) }
    }

    /// The money of a payment that waits in suspense, if it still does.
    func suspended(_ row: ChargeRow, in transaction: borrowing Transaction) throws(StoreFault) -> SuspenseRow? {
        let payment = try transaction.payment(
            provider: row.charge.provider.rawValue, reference: row.charge.id.text)
        guard let payment, payment.suspense != nil,
            let item = try transaction.suspense(bookedBy: payment.sequence), item.end == nil
        else { return nil }
        return item
    }

    /// Takes money of a payment from the wallet of its payer and owes the provider the call that gives it back.
    /// - Parameter instant: from when on the worker makes the call, if nobody did before.
    func repay(
        _ amount: Money?, of row: ChargeRow, calledFrom instant: Instant, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> RepaymentID {
        let charge = row.charge
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let (money, entry) = try decideRepayment(
            amount, of: try standing(of: row, in: transaction), to: row.holder,
            wallet: try transaction.amount(in: .wallet(row.holder), charge.amount.currency), stamp: stamp)
        let sequence = try transaction.append(entry).sequence
        let repayment = RepaymentRow(
            id: makeID(), charge: charge.id, amount: money, holder: row.holder, state: .requested,
            createdAt: stamp.postedAt)
        try transaction.insertRepayment(repayment, sequence: sequence)
        let call = ProviderCallRow(
            provider: charge.provider, kind: .refund, charge: charge.id, repayment: repayment.id, createdAt: now)
        try transaction.owe(call, from: instant)
        try transaction.audit(
            actor: actor, act: "repayment_requested", subject: charge.id.text, detail: money.description, at: now)
        return repayment.id
    }

    /// Whether money can go back as it came: no more than was asked for, in the same currency, and it fits into the
    /// wallet on its way.
    private func mayGoBack(
        _ amount: Money, of row: ChargeRow, in transaction: borrowing Transaction
    ) throws -> Bool {
        let remaining = try standing(of: row, in: transaction).remaining
        guard amount.currency == remaining.currency, amount.minorUnits <= remaining.minorUnits else { return false }
        let wallet = try transaction.amount(in: .wallet(row.holder), amount.currency)
        return wallet.minorUnits <= Money.limit - amount.minorUnits
    }
}
