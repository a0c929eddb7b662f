internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
public import Values

extension LedgerService {
    /// Explains an order (`order_…`), a ticket by its order (`ticket_…`), a payout (`payout_…`), or an item of a batch
    /// that was not sent yet (`batch_DAY:host_…:CURRENCY`).
    /// - Throws: ``ExplainRefusal``.
    public func explain(_ subject: String, by caller: Caller) async throws -> Explanation {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            if let order = OrderID(subject) { return try explanation(of: order, as: subject, in: transaction) }
            if let ticket = TicketID(subject) {
                guard let row = try transaction.ticket(ticket), let order = row.order else {
                    throw ExplainRefusal.subjectUnknown
                }
                return try explanation(of: order, as: subject, in: transaction)
            }
            if let payout = PayoutTransferID(subject) {
                guard let row = try transaction.payoutTransfer(payout) else { throw ExplainRefusal.subjectUnknown }
                let key = TierKey(host: row.host, currency: row.net.currency)
                return try explanation(of: row.batch, to: key, as: subject, in: transaction)
            }
            let parts = subject.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let host = HostID(parts[1]), let currency = Currency(String(parts[2])) else {
                throw ExplainRefusal.subjectMalformed
            }
            return try explanation(
                of: String(parts[0]), to: TierKey(host: host, currency: currency), as: subject, in: transaction)
        }
    }

    private func explanation(
        of order: OrderID, as subject: String, in transaction: borrowing Transaction
    ) throws -> Explanation {
        guard let sold = try transaction.order(order) else { throw ExplainRefusal.subjectUnknown }
        let maker = OrderExplanation(order: sold)
        let (tree, sums) = try maker.make(in: transaction)
        return Explanation(of: subject, tree, sums)
    }

    private func explanation(
        of batch: String, to key: TierKey, as subject: String, in transaction: borrowing Transaction
    ) throws -> Explanation {
        guard let (tree, sums) = try PayoutExplanation(batch: batch, key: key).make(in: transaction) else {
            throw ExplainRefusal.subjectUnknown
        }
        return Explanation(of: subject, tree, sums)
    }
}

/// Why nothing can be explained.
public enum ExplainRefusal: Refusal, Hashable, CaseIterable {
    /// No such order, ticket or payout; a stage pass was never paid for.
    case subjectUnknown
    case subjectMalformed

    public var code: String {
        switch self {
        case .subjectUnknown: "explain_unknown"
        case .subjectMalformed: "explain_subject"
        }
    }

    public var facts: [String: String] { [:] }
}

extension Transaction {
    /// A step with the entry that it made.
    borrowing func step(
        _ kind: String, _ id: String, entry sequence: Int64
    ) throws(StoreFault) -> (step: Explanation.Step, legs: [Leg]) {
        guard let chained = try entries(after: sequence - 1, through: sequence, limit: 1).first else {
            throw .corrupt(column: "entries.seq")
        }
        var step = Explanation.Step(kind, id)
        step.at = chained.entry.postedAt
        step.day = chained.entry.effectiveOn
        step.entry = sequence
        step.postings = chained.entry.legs.map {
            Explanation.Posting(debit: $0.debit.text, credit: $0.credit.text, amount: $0.amount)
        }
        return (step, chained.entry.legs)
    }
}
