public import BoxOffice
public import HTTPEdge
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

/// How many payees of a night have which reason.
public struct PayoutReasonCountsView: Sendable, Hashable, Encodable {
    /// One for each reason and currency.
    public struct Count: Sendable, Hashable, Encodable {
        /// See ``PayoutReason/code``.
        public let reason: String
        public let payees: Int
        /// Sums, of one currency.
        public let available: Money
        public let pending: Money
        /// What the night pays them.
        public let net: Money
    }

    public let day: LocalDay
    /// All of them; whoever has two currencies is there twice.
    public let payees: Int
    /// In the order in which payees meet them.
    public let reasons: [Count]
}

/// What a list of payees is cut down to.
public struct PayeeFilter: Sendable, Hashable {
    var find: NameSearch?
    var reason: String?

    /// - Parameter reason: one of ``PayoutReason/codes``.
    public init(find: NameSearch? = nil, reason: String? = nil) {
        self.find = find
        self.reason = reason
    }

    var isEmpty: Bool { find == nil && reason == nil }

    func keeps(_ payee: PayeeStanding) -> Bool {
        if let reason, reason != payee.reason.code { return false }
        return find?.finds(payee.name, ids: payee.entry.key.host.text, payee.item?.last?.payout.text) ?? true
    }
}

extension LedgerService {
    /// A page of the register of a night, by host and currency. Without a filter its cost follows from the page; with one,
    /// from as much of the register as is looked through until the page is full.
    public func payoutPayees(
        of day: LocalDay, _ page: PageRequest, _ filter: PayeeFilter, in language: Language,
        through providers: Set<ProviderName>, by caller: Caller
    ) async throws -> PayoutPayeesView {
        try requireFinanceReading(caller)
        return try await looking(through: !filter.isEmpty) { [self] transaction in
            let reader = try reasons(of: day, in: language, through: providers, in: transaction)
            let (payees, next) = try page.sifted(
                isWhole: filter.isEmpty, key: { "\($0.entry.key.host) \($0.entry.key.currency)" },
                read: { try reader.part(after: $0, limit: $1, in: transaction) }, where: filter.keeps)
            return PayoutPayeesView(
                day: day,
                payees: try payees.map {
                    PayoutPayeesView.Payee(
                        try reader.row($0, in: transaction), of: $0.entry.key.host, called: $0.name)
                }, next: next)
        }
    }

    /// How a night's register divides: who was paid, who waits, and for what.
    public func payoutReasonCounts(
        of day: LocalDay, through providers: Set<ProviderName>, by caller: Caller
    ) async throws -> PayoutReasonCountsView {
        try requireFinanceReading(caller)
        return try await looking(through: true) { [self] transaction in
            let reader = try reasons(of: day, in: .en, through: providers, in: transaction)
            var sums: [String: [Currency: (payees: Int, available: Int64, pending: Int64, net: Int64)]] = [:]
            var count = 0
            var last: String?
            while true {
                let part = try reader.part(after: last, limit: PageRequest.maximum, in: transaction)
                for payee in part {
                    let currency = payee.entry.key.currency
                    var sum = sums[payee.reason.code]?[currency] ?? (0, 0, 0, 0)
                    sum.payees += 1
                    sum.available += payee.entry.available
                    sum.pending += payee.entry.pending
                    sum.net += payee.item?.net.minorUnits ?? 0
                    sums[payee.reason.code, default: [:]][currency] = sum
                }
                count += part.count
                guard part.count == PageRequest.maximum, let key = part.last?.entry.key else { break }
                last = "\(key.host) \(key.currency)"
            }
            let reasons = PayoutReason.codes.flatMap { code in
                (sums[code] ?? [:]).sorted { $0.key < $1.key }.map { currency, sum in
                    PayoutReasonCountsView.Count(
                        reason: code, payees: sum.payees, available: Money(sum.available, currency),
                        pending: Money(sum.pending, currency), net: Money(sum.net, currency))
                }
            }
            return PayoutReasonCountsView(day: day, payees: count, reasons: reasons)
        }
    }

    private func reasons(
        of day: LocalDay, in language: Language, through providers: Set<ProviderName>,
        in transaction: borrowing Transaction
    ) throws -> ReasonReader {
        let batch = try frame(of: day, in: transaction)
        guard let night = try transaction.night(day) else { throw PayoutRefusal.batchUnknown }
        return ReasonReader(
            service: self, night: night, batch: batch, providers: providers, language: language.rawValue)
    }
}

extension ReasonReader {
    /// A part of the register, behind a cursor.
    func part(
        after: String?, limit: Int, in transaction: borrowing Transaction
    ) throws -> [PayeeStanding] {
        let lines = try transaction.registered(on: night.day, after: service.payeeCursor(after), limit: limit)
        let people = try PeopleOfPart(of: PayeePart(lines.map(\.entry.key), of: batch.row), in: transaction)
        return try standing(lines, people, in: transaction)
    }
}
