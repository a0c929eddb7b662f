internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Payments, and money on its way back, of which nobody tells how they end: their provider is asked.
extension LedgerService {
    /// Seconds from the page of a payment, or from money's way back, to the first time that its provider is asked; each time
    /// twice as many, up to the last. Somebody who comes back from the page does not wait so long, see ``takeAsk(after:by:)``.
    static let askPauses: (first: Int64, last: Int64) = (60, 6 * 3_600)
    /// Seconds in which a provider is not asked twice after one payment, whoever wants to know.
    static let askAgainSeconds: Int64 = 3

    /// Seconds for which a provider that does not answer is left alone.
    static let askSilence: Int64 = 60

    /// After some ten days once a day.
    static func askPause(after tries: Int) -> Int64 {
        tries < 50 ? min(askPauses.first << min(tries + 1, 20), askPauses.last) : 86_400
    }

    /// To be said wherever a payment, or money of it on its way back, has a new state.
    func keepAsking(after charge: Charge, at now: Instant, in transaction: borrowing Transaction) throws(StoreFault) {
        try transaction.keepAsking(
            after: charge.id, of: charge.provider, from: now.advanced(bySeconds: Self.askPauses.first))
    }

    /// Takes the payment whose time came first.
    func takeDueAsk() async throws -> DueAsk? {
        let now = clock.now()
        guard try await database.read({ try $0.hasDueAsks(at: now) }) else { return nil }
        return try await database.write { try $0.takeDueAsk(at: now, pause: Self.askPause(after:)) }
    }

    /// Leaves a provider alone that did not answer.
    func putAsksOff(of provider: ProviderName) async throws {
        let now = clock.now()
        try await database.write { transaction in
            try transaction.putAsksOff(
                of: provider, dueBy: now, until: now.advanced(bySeconds: Self.askSilence))
        }
    }

    /// Takes a payment of which its payer, or an operator, wants to know now.
    /// - Returns: `nil` where there is nothing to ask: the end is known, or the answer is seconds old.
    func takeAsk(after id: ChargeID, by caller: Caller) async throws -> DueAsk? {
        let now = clock.now()
        return try await database.write { transaction in
            let row = try visible(id, to: caller, in: transaction)
            guard caller == .operator || caller == .wallet(row.holder) else {
                throw EdgeRefusal.keyScope("wallet of the payer, operator")
            }
            try keepAsking(after: row.charge, at: now, in: transaction)
            return try transaction.takeAsk(
                after: id, at: now, unlessSince: now.advanced(bySeconds: -Self.askAgainSeconds))
        }
    }

    /// Books what a provider answered. It is believed as its events are, and may say what they said.
    ///
    /// An answer tells at once what events tell one after the other: that the money came, that some went back, that it is
    /// disputed. So it is booked in that order, and what can't be booked keeps nothing that stands before it.
    func take(_ answer: ProviderReport, to ask: DueAsk) async throws -> ReportOutcome {
        guard answer.charge == nil || answer.charge == ask.charge else { return .refused("it is another payment's") }
        let now = clock.now()
        return try await tellingGateways { transaction in
            var outcome = ReportOutcome.known
            for part in Self.parts(of: answer.facts) {
                let report = ProviderReport(charge: ask.charge, objects: answer.objects, facts: part)
                switch try apply(report, from: ask.provider, at: now, in: transaction) {
                case .applied: outcome = .applied
                case .known: break
                case .parked: return .parked
                case .refused(let why): return .refused(why)
                }
            }
            if let row = try transaction.charge(ask.charge) {
                try keepAsking(after: row.charge, at: now, in: transaction)
            }
            return outcome
        }
    }

    private static func parts(of facts: [ProviderFact]) -> [[ProviderFact]] {
        var (payment, repayments, disputes): ([ProviderFact], [ProviderFact], [ProviderFact]) = ([], [], [])
        for fact in facts {
            switch fact {
            case .opened, .processing, .ended, .captured, .fee: payment.append(fact)
            case .repayment: repayments.append(fact)
            case .dispute: disputes.append(fact)
            }
        }
        return [payment] + [repayments, disputes].filter { !$0.isEmpty }
    }
}
