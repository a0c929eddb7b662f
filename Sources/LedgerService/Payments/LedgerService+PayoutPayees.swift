internal import BoxOffice
internal import HTTPEdge
internal import Payouts
internal import Store
public import Values

/// A page of the register of a night: everybody whom it looked at, and why they were paid or not.
public struct PayoutPayeesView: Sendable, Hashable, Encodable {
    public struct Payee: Sendable, Hashable, Encodable {
        public let host: HostID
        /// How the host is called.
        public let name: String
        public let currency: Currency
        /// See ``PayoutReason/code``.
        public let reason: String
        /// The same as sentences, in the language that was asked for.
        public let words: String
        public let available: Money
        public let pending: Money
        /// What the night paid.
        public let gross: Money?
        public let withheld: Money?
        public let net: Money?
        public let payout: PayoutTransferID?
        public let nextOn: LocalDay?

        init(_ row: PayoutReasonsView.Row, of host: HostID, called name: String) {
            self.host = host
            self.name = name
            currency = row.currency
            reason = row.reason
            words = row.words
            available = row.available
            pending = row.pending
            gross = row.gross
            withheld = row.withheld
            net = row.net
            payout = row.payout
            nextOn = row.nextOn
        }
    }

    public let day: LocalDay
    public let payees: [Payee]
    public let next: String?
}

extension LedgerService {
    /// A page of the register of a night, by host and currency. What it costs follows from the page and not from the batch.
    func payoutPayees(
        of day: LocalDay, _ page: PageRequest, in language: Language, through providers: Set<ProviderName>,
        by caller: Caller
    ) async throws -> PayoutPayeesView {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            guard let row = try transaction.payoutBatch(of: day), let night = try transaction.night(day) else {
                throw PayoutRefusal.batchUnknown
            }
            let words = (page.after ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            let cursor = words.count == 2 ? (words[0], words[1]) : ("", "")
            let (entries, next) = page.page(
                try transaction.carried(on: day, after: cursor, limit: page.limit + 1)
            ) { "\($0.key.host) \($0.key.currency)" }
            guard let first = entries.first, let last = entries.last else {
                return PayoutPayeesView(day: day, payees: [], next: nil)
            }
            let batch = BatchStanding(
                row: row,
                items: try transaction.items(of: row.batch, from: first.key.host.text, through: last.key.host.text),
                approvals: try transaction.approvals(of: row.batch), rounds: try transaction.rounds(of: row.batch))
            let reader = ReasonReader(
                service: self, night: night, batch: batch, providers: providers, language: language.rawValue)
            var payees: [PayoutPayeesView.Payee] = []
            for entry in entries {
                let host = entry.key.host
                let name = try transaction.host(host)?.name ?? host.text
                payees.append(
                    PayoutPayeesView.Payee(try reader.row(entry, in: transaction), of: host, called: name))
            }
            return PayoutPayeesView(day: day, payees: payees, next: next)
        }
    }
}
