internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Payments of which nobody tells how they end: their provider is asked.
extension LedgerService {
    /// Seconds from the page of a payment to the first time that its provider is asked; each time twice as many, up to the
    /// last. Somebody who comes back from the page does not wait so long, see ``takeAsk(after:by:)``.
    static let askPauses: (first: Int64, last: Int64) = (60, 6 * 3_600)
    /// Seconds in which a provider is not asked twice after one payment, whoever wants to know.
    static let askAgainSeconds: Int64 = 3

    static func askPause(after tries: Int) -> Int64 { min(askPauses.first << min(tries + 1, 20), askPauses.last) }

    /// Takes payments whose time has come.
    func takeDueAsks(limit: Int) async throws -> [DueAsk] {
        let now = clock.now()
        guard try await database.read({ try $0.hasDueAsks(at: now) }) else { return [] }
        return try await database.write { transaction in
            try transaction.takeDueAsks(at: now, limit: limit, pause: Self.askPause(after:))
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
            return try transaction.takeAsk(
                after: id, at: now, unlessSince: now.advanced(bySeconds: -Self.askAgainSeconds))
        }
    }

    /// Books what a provider answered. It is believed as its events are, and may say what they said.
    func take(_ answer: ProviderReport, to ask: DueAsk) async throws -> ReportOutcome {
        guard answer.charge == nil || answer.charge == ask.charge else { return .refused("it is another payment's") }
        var report = answer
        report.charge = ask.charge
        let now = clock.now()
        return try await tellingGateways { [report] transaction in
            try apply(report, from: ask.provider, at: now, in: transaction)
        }
    }
}
