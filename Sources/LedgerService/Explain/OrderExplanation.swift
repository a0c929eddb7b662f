internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// An order from its sale to the bank: what was sold, what came back, how it was divided, released and paid.
struct OrderExplanation {
    let order: Order

    private var currency: Currency { order.currency }

    func make(in transaction: borrowing Transaction) throws -> (Explanation.Step, [Explanation.Sum]) {
        var steps: [Explanation.Step] = []
        var legs: [Leg] = []
        if let sequence = try transaction.soldSequence(of: order.id) {
            let sale = try transaction.step("sale", order.id.text, entry: sequence)
            steps.append(sale.step)
            legs += sale.legs
        }
        steps += try tickets(in: transaction)
        var unrated = false
        let ratedThrough = try transaction.ratedThrough()
        var reversed: [Money] = []
        for row in try transaction.reversalRows(of: order.id) {
            let isDispute = ["disputed", "dispute_won"].contains(row.reason)
            var made = try transaction.step(isDispute ? "dispute" : "refund", row.refund.text, entry: row.sequence)
            made.step.note = row.reason
            made.step.amount = Money(-row.delta, currency)
            unrated = unrated || row.sequence > ratedThrough
            reversed.append(Money(row.delta, currency))
            steps.append(made.step)
            legs += made.legs
        }
        for loss in try transaction.losses(of: order.id) {
            var made = try transaction.step("loss", loss.dispute, entry: loss.sequence)
            made.step.amount = Money(-loss.amount, currency)
            steps.append(made.step)
        }
        let split = try transaction.split(of: order.id)
        if let split { steps.append(try step(of: split, in: transaction)) }
        let release = try transaction.release(of: order.id)
        if let release {
            var made = try transaction.step("release", order.id.text, entry: release.sequence)
            made.step.note = "available on \(release.availableOn)"
            steps.append(made.step)
            legs += made.legs
        }
        let fates = try transaction.fates(ofOrder: order.id)
        for fate in fates { steps.append(try step(of: fate, in: transaction)) }
        var tree = Explanation.Step("order", order.id.text)
        tree.at = order.soldAt
        tree.amount = order.gross
        tree.note = order.room.text
        tree.steps = steps
        let gamma = Money(try transaction.reversals(of: order.id).reversed, currency)
        var sums = [
            Explanation.Sum("sale", [order.vat, order.fee, order.base].map { Money($0, currency) }, order.gross),
            Explanation.Sum("reversals", reversed, gamma),
        ]
        if let split {
            sums.append(
                Explanation.Sum(
                    "split", split.shares.map(\.amount) + [Money(split.platform, currency)],
                    Money(order.base, currency)))
        }
        // A refund behind the last cut is in the journal already, and in the accruals from the next night on.
        if release != nil, !unrated {
            let owed = fates.filter { $0.again == nil }.map(\.amount)
            sums.append(Explanation.Sum("hosts", owed, Money(credited(legs), currency)))
        }
        if order.isFree == false, release != nil || gamma == order.gross {
            sums.append(Explanation.Sum("escrow", escrowed(legs), Money(0, currency)))
        }
        return (tree, sums)
    }

    private func tickets(in transaction: borrowing Transaction) throws -> [Explanation.Step] {
        let later = try transaction.successions(of: order.id)
        return try ([(order.ticket, "sold")] + later.map { ($0.ticket, $0.cause.rawValue) }).map { ticket, cause in
            var step = Explanation.Step("ticket", ticket.text)
            step.note = cause
            step.at = try transaction.ticket(ticket)?.issuedAt
            return step
        }
    }

    private func step(
        of split: OrderSplit, in transaction: borrowing Transaction
    ) throws -> Explanation.Step {
        var step = Explanation.Step("split", order.id.text)
        step.day = try transaction.ratedOn(order.id)
        step.amount = Money(order.base, currency)
        step.note = "by bracket \(split.parts.map(String.init).joined(separator: " + "))"
        step.steps =
            split.shares.map { share in
                var part = Explanation.Step("share", share.host.text)
                part.amount = share.amount
                return part
            } + [platform(split)]
        return step
    }

    private func platform(_ split: OrderSplit) -> Explanation.Step {
        var part = Explanation.Step("share", "platform")
        part.amount = Money(split.platform, currency)
        return part
    }

    private func step(
        of fate: AccrualFate, in transaction: borrowing Transaction
    ) throws -> Explanation.Step {
        var step = Explanation.Step("accrual", fate.accrual.text)
        step.day = fate.accruedOn
        step.amount = fate.amount
        step.note = "\(fate.kind) of \(fate.host), available on \(fate.availableOn)"
        if let batch = fate.batch {
            let key = TierKey(host: fate.host, currency: fate.amount.currency)
            step.steps = try PayoutExplanation(batch: batch, key: key).payment(in: transaction).map { [$0] }
        }
        return step
    }

    /// What the entries gave to hosts, less what they took.
    private func credited(_ legs: [Leg]) -> Int64 {
        legs.reduce(0) { sum, leg in
            sum + (leg.credit.text.hasPrefix("liabilities:host:") ? leg.amount.minorUnits : 0)
                - (leg.debit.text.hasPrefix("liabilities:host:") ? leg.amount.minorUnits : 0)
        }
    }

    /// What the entries put into the room's escrow, and took from it.
    private func escrowed(_ legs: [Leg]) -> [Money] {
        let escrow = Account.escrow(order.room)
        return legs.compactMap { leg in
            if leg.credit == escrow { return leg.amount }
            return leg.debit == escrow ? -leg.amount : nil
        }
    }
}
