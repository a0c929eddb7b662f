internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// An item of a batch: what it paid, line by line, and how it came to the bank.
struct PayoutExplanation {
    let batch: String
    let key: TierKey

    /// `nil` where the batch has no such item.
    func make(in transaction: borrowing Transaction) throws -> (Explanation.Step, [Explanation.Sum])? {
        guard let item = try transaction.item(of: batch, to: key), var tree = try payment(in: transaction) else {
            return nil
        }
        let fates = try transaction.fates(paidBy: batch, to: key)
        let lines = fates.map { fate in
            var line = Explanation.Step("accrual", fate.accrual.text)
            line.day = fate.accruedOn
            line.amount = fate.amount
            line.order = fate.order
            line.note = [fate.kind, fate.order?.text].compactMap(\.self).joined(separator: " of ")
            return line
        }
        tree.steps = lines + (tree.steps ?? [])
        let gross = Money(item.gross, key.currency)
        return (
            tree,
            [
                Explanation.Sum("lines", fates.map(\.amount), gross),
                Explanation.Sum("withheld", [item.net, item.withheld].map { Money($0, key.currency) }, gross),
            ]
        )
    }

    /// The payment without its lines: the entry of the batch, and what became of it at the bank.
    func payment(in transaction: borrowing Transaction) throws -> Explanation.Step? {
        guard let item = try transaction.item(of: batch, to: key) else { return nil }
        var (step, _) = try transaction.step("payout", batch, entry: item.sequence)
        step.day = item.day
        step.amount = Money(item.net, key.currency)
        step.note = key.host.text
        let transfers = try transaction.transfers(of: batch, to: key).map { transfer in
            var made = Explanation.Step("transfer", transfer.payout.text)
            made.note = transfer.provider
            made.steps = try transaction.facts(of: transfer.payout).map { fact in
                try state(fact, of: transfer.payout.text, in: transaction)
            }
            return made
        }
        if !transfers.isEmpty { step.steps = transfers }
        return step
    }

    private func state(
        _ fact: TransferFactRow, of payout: String, in transaction: borrowing Transaction
    ) throws -> Explanation.Step {
        var made: Explanation.Step
        if let mirror = fact.mirror {
            made = try transaction.step("return", payout, entry: mirror).step
            if let sequence = fact.sequence {
                made.steps = [try transaction.step("settlement", payout, entry: sequence).step]
            }
        } else if let sequence = fact.sequence {
            made = try transaction.step("settlement", payout, entry: sequence).step
        } else {
            made = Explanation.Step("state", payout)
        }
        made.at = fact.at
        made.note = fact.detail.isEmpty ? fact.state : "\(fact.state) (\(fact.detail))"
        return made
    }
}
