internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Payments, and money on its way back, of which nobody tells how they end: their provider is asked.
extension LedgerService {
    /// Seconds from the page of a payment, or from money's way back, to the first time that its provider is asked; each time
    /// twice as many, up to the last. Somebody who comes back from the page does not wait so long.
    static let askPauses: (first: Int64, last: Int64) = (60, 6 * 3_600)
    /// Seconds in which nobody has a provider asked twice after one payment.
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
            try transaction.putAsksOff(of: provider, until: now.advanced(bySeconds: Self.askSilence))
        }
    }

    /// A payment of which its payer, or an operator, wants to know now.
    /// - Returns: `nil` where there is nothing to ask: the end is known, or the answer is seconds old.
    func wantedAsk(after id: ChargeID, by caller: Caller) async throws -> DueAsk? {
        let last = clock.now().advanced(bySeconds: -Self.askAgainSeconds)
        return try await database.read { transaction in
            let row = try visible(id, to: caller, in: transaction)
            guard caller.isOperator || caller == .wallet(row.holder) else {
                throw EdgeRefusal.keyScope("wallet of the payer, operator")
            }
            return try transaction.wantedAsk(after: id, unlessSince: last)
        }
    }

    func markAsked(_ ask: DueAsk) async throws {
        let now = clock.now()
        try await database.write { try $0.markAsked(ask, at: now) }
    }

    /// Books what a provider answered. It is believed as its events are, and may say what they said.
    ///
    /// An answer tells at once what events tell one after the other: that the money came, that some went back, that it is
    /// disputed. So it is booked in that order, each as an event of its own, and what can't be booked keeps nothing else.
    /// - Returns: what could not be booked, in a few words each.
    func take(_ answer: ProviderReport, to ask: DueAsk) async throws -> [String] {
        guard answer.charge == nil || answer.charge == ask.charge else { return ["it is another payment's"] }
        var problems: [String] = []
        for part in Self.parts(of: answer.facts) where try await !isOldStory(part, of: ask.provider) {
            let report = ProviderReport(charge: ask.charge, objects: answer.objects, facts: part)
            do {
                switch try await book(report, from: ask.provider) {
                case .applied, .known: break
                case .parked: problems.append("it is about something that is not known here")
                case .refused(let why): problems.append(why)
                }
            } catch let refusal as any Refusal { problems.append(refusal.code) }
        }
        return problems
    }

    /// Money that was to go back elsewhere and did not, before anybody here had heard of it: nothing has moved.
    private func isOldStory(_ part: [ProviderFact], of provider: ProviderName) async throws -> Bool {
        guard case .repayment(let name, nil, _, .failed) = part.first else { return false }
        return try await database.read { try $0.repayment(named: name, by: provider) == nil }
    }

    private func book(_ report: ProviderReport, from provider: ProviderName) async throws -> ReportOutcome {
        let now = clock.now()
        return try await tellingGateways { transaction in
            let outcome = try apply(report, from: provider, at: now, in: transaction)
            if let charge = report.charge { try transaction.endAsksIfOver(after: charge) }
            return outcome
        }
    }

    /// The payment, each repayment, each dispute. Providers name the newest first.
    private static func parts(of facts: [ProviderFact]) -> [[ProviderFact]] {
        var (payment, repayments, disputes, fees):
            ([ProviderFact], [[ProviderFact]], [[ProviderFact]], [ProviderFact]) =
                ([], [], [], [])
        for fact in facts {
            switch fact {
            case .fee(_, _, .dispute): fees.append(fact)
            case .opened, .processing, .ended, .captured, .fee: payment.append(fact)
            case .repayment: repayments.append([fact])
            case .dispute: disputes.append([fact])
            }
        }
        return [payment] + repayments.reversed() + disputes.reversed() + (fees.isEmpty ? [] : [fees])
    }
}
