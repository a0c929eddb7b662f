public import BoxOffice
public import HTTPEdge
internal import Store
public import Values

/// A call that a provider has not answered, as shown.
public struct UnansweredCallView: Sendable, Hashable, Encodable {
    public struct Said: Sendable, Hashable, Encodable {
        /// `made` or `not_made`.
        public let outcome: String
        public let person: String
    }

    public let call: String
    public let provider: String
    /// `checkout`, `refund`, `fees` or `payout`.
    public let kind: String
    public let charge: ChargeID?
    public let repayment: RepaymentID?
    public let payout: PayoutTransferID?
    public let amount: Money?
    public let since: Instant
    public let tries: Int
    /// Whether the house still has the provider, which is asked again then.
    public let asked: Bool
    /// Whether somebody answered it by now.
    public let ended: Bool
    /// What somebody has said of it and waits for a second person.
    public let said: Said?
}

public struct UnansweredCallList: Sendable, Hashable, Encodable {
    public let calls: [UnansweredCallView]
    public let next: String?
}

/// Providers that are gone: what they never answered is answered by people, so that it holds no batch for ever.
extension PaymentDesk {
    /// Calls without an answer in the order of their names.
    public func unansweredCalls(_ page: PageRequest, by caller: Caller) async throws -> UnansweredCallList {
        try service.requireFinanceReading(caller)
        let served = Set(names)
        return try await service.database.read { transaction in
            let rows = try transaction.unansweredCalls(after: page.after ?? "", limit: page.limit + 1)
            let (shown, next) = page.page(rows) { $0.call }
            return UnansweredCallList(
                calls: try shown.map { try service.view(of: $0, served, in: transaction) }, next: next)
        }
    }

    /// Somebody says what became of a call. Of a refund or a payout it is carried out once a second person says the same.
    public func answerByHand(
        _ call: String, _ outcome: HandOutcome, reason: String, key: IdempotencyKey, by signatory: Signatory
    ) async throws -> UnansweredCallView {
        try service.requireFinance(signatory.caller)
        return try await service.answerByHand(
            call, outcome, reason: reason, served: Set(names), key: key, by: signatory)
    }
}

extension LedgerService {
    func answerByHand(
        _ name: String, _ outcome: HandOutcome, reason: String, served: Set<ProviderName>, key: IdempotencyKey,
        by signatory: Signatory
    ) async throws -> UnansweredCallView {
        let person = signatory.signature.name
        // Two people who have the same kind of key must not meet in one command.
        let command = OnceOnly(
            "hand-answer", by: signatory.caller, key: key, request: "\(person)|\(name)|\(outcome.rawValue)|\(reason)")
        let now = clock.now()
        return try await tellingGateways { transaction in
            _ = try transaction.once(command, at: now) {
                let row = try transaction.owedCall(name)
                let said = try transaction.handProposal(name)
                let told = try row.flatMap { try outcomeTold(of: $0, in: transaction) }
                let call = row.map {
                    UnansweredCall(
                        kind: $0.kind, createdAt: $0.createdAt, isOpen: $0.isOpen,
                        isServed: served.contains($0.provider), proposal: said, told: told)
                }
                let decision = try decideHandAnswer(outcome, to: call, reason: reason, by: signatory.signature, at: now)
                guard let row else { throw HandAnswerRefusal.unknown }
                let proposal = HandProposal(n: (said?.n ?? 0) + 1, outcome: outcome, person: person, at: now)
                switch decision {
                case .propose: try transaction.insert(proposal, of: row, reason: reason, at: now)
                case .carryOut(nil):
                    try transaction.insert(proposal, of: row, reason: reason, at: now)
                    try carryOut(proposal, second: nil, row, at: now, in: transaction)
                case .carryOut(let first?): try carryOut(first, second: person, row, at: now, in: transaction)
                }
                try transaction.audit(
                    actor: signatory.caller.actor, act: "call_\(decision == .propose ? "proposed" : "answered")",
                    subject: name, detail: "\(outcome.rawValue) by \(person): \(reason)", at: now)
                return name
            }
            guard let row = try transaction.owedCall(name) else { throw HandAnswerRefusal.unknown }
            return try view(of: row, served, in: transaction)
        }
    }

    /// An event is faster than an answer: it does not end the call, and is worth more than what people say.
    private func outcomeTold(
        of row: UnansweredCallRow, in transaction: borrowing Transaction
    ) throws(StoreFault) -> HandOutcome? {
        guard let id = row.repayment, let state = try transaction.repayment(id)?.state else { return nil }
        return switch state {
        case .requested, .pending: nil
        case .succeeded: .made
        case .failed: .notMade
        }
    }

    /// Books what people say as what the provider would have said, without a name: the provider may name it yet.
    private func carryOut(
        _ proposal: HandProposal, second: String?, _ row: UnansweredCallRow, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        let isMade = proposal.outcome == .made
        switch row.kind {
        case .payout:
            guard let payout = row.payout, let amount = row.amount else { throw HandAnswerRefusal.unknown }
            if isMade {
                let told = ProviderTransfer(name: "", ours: payout, amount: amount, state: .paid)
                if case .refused = try apply(told, from: row.provider, at: now, in: transaction) {
                    throw HandAnswerRefusal.ended
                }
            } else {
                try transaction.append(.refused, to: payout, detail: "by_hand", at: now)
            }
        case .checkout, .fees, .refund:
            guard let charge = row.charge, let kind = ProviderCallRow.Kind(rawValue: row.kind.rawValue) else {
                throw HandAnswerRefusal.unknown
            }
            var facts: [ProviderFact] = row.kind == .checkout ? [.ended] : []
            if let repayment = row.repayment, let amount = row.amount {
                facts = [
                    .repayment(
                        name: "", ours: repayment, amount: amount, isMade ? .succeeded : .failed)
                ]
            }
            let report = ProviderReport(charge: charge, objects: [], facts: facts)
            if case .refused = try apply(report, from: row.provider, at: now, in: transaction) {
                throw HandAnswerRefusal.ended
            }
            let call = ProviderCallRow(
                provider: row.provider, kind: kind, charge: charge, repayment: row.repayment, createdAt: row.createdAt)
            try transaction.end(call, refused: isMade ? nil : "by_hand", at: now)
        }
        try transaction.insertAnswer(proposal, second: second, of: row, at: now)
        try transaction.tell(
            .providerAnswered, of: row.call, at: now, EventFacts(amount: row.amount, state: proposal.outcome.rawValue))
    }

    func view(
        of row: UnansweredCallRow, _ served: Set<ProviderName>, in transaction: borrowing Transaction
    ) throws(StoreFault) -> UnansweredCallView {
        let said = row.isOpen ? try transaction.handProposal(row.call) : nil
        return UnansweredCallView(
            call: row.call, provider: row.provider.rawValue, kind: row.kind.rawValue, charge: row.charge,
            repayment: row.repayment, payout: row.payout, amount: row.amount, since: row.createdAt, tries: row.tries,
            asked: row.isOpen && served.contains(row.provider), ended: !row.isOpen,
            said: said.map { UnansweredCallView.Said(outcome: $0.outcome.rawValue, person: $0.person) })
    }
}
