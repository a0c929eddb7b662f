internal import BoxOffice
public import HTTPEdge
public import Ledger
internal import Schemas
internal import Store
public import Values

/// A closed period as the API shows it.
public struct PeriodView: Sendable, Hashable, Codable {
    /// Nothing is dated on or before this day any more.
    public let closedThrough: LocalDay
    public let entry: EntryID
    public let by: String
    public let at: Instant
}

/// An entry that was undone.
public struct ReversalView: Sendable, Hashable, Codable {
    public let entry: EntryID
    public let reverses: EntryID
    public let kind: String
}

/// Balances as they stood.
public struct BalancesView: Sendable, Hashable, Encodable {
    public struct Balance: Sendable, Hashable, Encodable {
        public let account: String
        public let currency: Currency
        /// Minor units, debit positive.
        public let balance: Int64
    }

    public let asOf: String
    public let by: BalanceOrder
    /// The last entry that counts, where entries count by their recording.
    public let sequence: Int64?
    public let balances: [Balance]
}

/// By which time entries count.
public enum BalanceOrder: String, Sendable, Hashable, Codable, CaseIterable {
    /// What the journal held then.
    case recorded
    /// What had happened by then, as known now.
    case occurred
}

extension LedgerService {
    /// Closes a month: its income and expenses become earnings, and later entries are dated after it.
    public func closePeriod(
        _ month: AccountingMonth, key: IdempotencyKey, by caller: Caller
    ) async throws -> PeriodView {
        try requireFinance(caller)
        let command = OnceOnly("period", by: caller, key: key, request: month.description)
        let id: EntryID = makeID()
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let last = month.lastDay
                let stamp = try transaction.stamp(id, at: now, calendar: calendar)
                guard last < stamp.effectiveOn else { throw BookRefusal.periodNotOver(lastDay: last) }
                let closed = try transaction.closedThrough()
                if let closed, last <= closed { throw BookRefusal.periodClosed(through: closed) }
                guard let night = try transaction.nights(limit: 1).first, last <= night.day,
                    try transaction.nightEnd(night.day) != nil
                else { throw BookRefusal.periodNightMissing(lastDay: last) }
                // Nothing is dated behind its recording, so what is dated after the last close was recorded after that day;
                // two days more, because a house may have moved to another time zone.
                let behind = try closed.map {
                    try transaction.lastSequence(before: calendar.cutoff(of: $0.advanced(byDays: -2)))
                }
                let results = try transaction.results(datedAfter: closed, through: last, behind: behind ?? 0)
                let dated = EntryStamp(id: id, postedAt: stamp.postedAt, effectiveOn: last)
                guard let entry = JournalEntry(dated, kind: .periodClose, legs: PeriodClose.legs(results)) else {
                    throw BookRefusal.periodEmpty(lastDay: last)
                }
                let chained = try transaction.append(entry)
                try transaction.insertPeriod(
                    through: last, sequence: chained.sequence, by: caller.actor, at: stamp.postedAt)
                try transaction.audit(
                    actor: caller.actor, act: "period_closed", subject: month.description, detail: id.text, at: now)
                return text(
                    of: PeriodView(closedThrough: last, entry: id, by: caller.actor, at: stamp.postedAt))
            }
        }
        return try value(PeriodView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Closed periods, the last one first.
    public func periods(by caller: Caller) async throws -> [PeriodView] {
        try requireFinanceReading(caller)
        // Fifty years of months.
        return try await database.read { try $0.periods(limit: 600) }.map {
            PeriodView(closedThrough: $0.closedThrough, entry: $0.entry, by: $0.actor, at: $0.at)
        }
    }

    /// Undoes an entry by its exact mirror, once: of kinds on which nothing but the journal depends.
    public func reverse(
        _ id: EntryID, reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> ReversalView {
        try requireOperator(caller)
        guard isPrintable(reason, characters: 1...200) else { throw BookRefusal.reversalReason }
        let command = OnceOnly("reversal", by: caller, key: key, request: "\(id)|\(reason)")
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let mirrorID: EntryID = makeID()
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard let target = try transaction.entry(id) else { throw BookRefusal.entryUnknown }
                if let earlier = try transaction.reversal(of: id) {
                    throw BookRefusal.entryAlreadyReversed(by: earlier)
                }
                let item = try transaction.suspense(bookedBy: target.sequence)
                let command = try insteadOfReversal(of: target, item, in: transaction)
                if let command { throw BookRefusal.entryNotReversible(target.entry.kind, command: command) }
                let stamp = try transaction.stamp(mirrorID, at: now, calendar: calendar)
                guard let mirror = target.entry.mirror(stamp) else { throw BookRefusal.entryUnknown }
                let breach = try chart.breach(by: mirror) { account, currency throws(StoreFault) in
                    try transaction.balance(of: account, in: currency)
                }
                if let breach { throw BookRefusal.reversalNotCovered(breach.account) }
                let chained = try transaction.append(mirror)
                if let item {
                    try transaction.endSuspense(
                        item, how: "reversal", holder: nil, sequence: chained.sequence, by: caller.actor,
                        at: stamp.postedAt)
                    try transaction.tellSuspense(.suspenseResolved, item, how: "reversal", at: stamp.postedAt)
                }
                try transaction.audit(
                    actor: caller.actor, act: "entry_reversed", subject: id.text, detail: reason, at: now)
                return text(of: ReversalView(entry: mirrorID, reverses: id, kind: target.entry.kind.rawValue))
            }
        }
        return try value(ReversalView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// The command that undoes an entry; `nil` where its mirror does.
    private func insteadOfReversal(
        of target: ChainedEntry, _ item: SuspenseRow?, in transaction: borrowing Transaction
    ) throws -> String? {
        // The money of a payment is still at its provider when the books say that it never came.
        if let payment = try transaction.payment(bookedBy: target.sequence) {
            if let id = ChargeID(payment.reference), try transaction.charge(id) != nil {
                if item != nil, item?.end == nil { return "guichet suspense resolve ITEM --refund" }
                let ticket = payment.purchase == nil ? "" : "guichet ticket refund TICKET, then "
                return ticket + "guichet payment refund CHARGE"
            }
            if payment.suspense == nil { return "guichet ticket refund TICKET" }
        }
        return LedgerService.insteadOfReversal(of: target.entry.kind, suspenseIsOpen: item?.end == nil)
    }

    /// Balances at the end of a business day.
    /// - Parameter prefix: of the accounts to be listed; empty for all.
    public func balances(
        asOf day: LocalDay, by order: BalanceOrder, prefix: String = "", caller: Caller
    ) async throws -> BalancesView {
        try requireFinanceReading(caller)
        let cutoff = settings.housePolicy.calendar.cutoff(of: day)
        // All there ever was is added up, which may take as long as a report.
        return try await database.report { transaction in
            var sequence: Int64?
            let rows: [Posting]
            switch order {
            case .recorded:
                let last = try transaction.lastSequence(before: cutoff)
                sequence = last
                rows = try transaction.balances(through: last)
            case .occurred: rows = try transaction.balances(occurredThrough: day)
            }
            return BalancesView(
                asOf: day.description, by: order, sequence: sequence,
                balances: rows.filter { $0.account.text.hasPrefix(prefix) && !$0.amount.isZero }.map {
                    BalancesView.Balance(
                        account: $0.account.text, currency: $0.amount.currency, balance: $0.amount.minorUnits)
                })
        }
    }
}

extension LedgerService {
    /// The command that undoes an entry on which more than the journal depends; `nil` where its mirror does.
    static func insteadOfReversal(of kind: EntryKind, suspenseIsOpen: Bool) -> String? {
        switch kind {
        case .topup: nil
        case .suspense: suspenseIsOpen ? nil : "guichet wallet, for the holder who has the money now"
        case .sale: "guichet ticket refund TICKET"
        case .tip: "guichet tip refund TIP"
        case .overtime: "guichet room overtime refund EXTENSION"
        case .refund: "guichet ticket buy ROOM"
        case .release: "guichet ticket refund TICKET"
        case .payout: "guichet payout, once the money has come back"
        case .reversal: "the command that booked the first entry"
        case .resolution: "guichet wallet, for the holder who has the money now"
        case .periodClose: "guichet period close, for a later month: what is found late is dated after the close"
        case .repayment: "the provider: what it says of a refund is booked"
        case .dispute: "the provider: what it says of a dispute is booked"
        case .settlement: "the provider: what it says of a payout is booked"
        case .providerFee: "the provider: what it gives back of a fee is booked"
        case .adjustment: "guichet host adjust HOST, by the opposite amount"
        case .fundBudget: "guichet fund endow FUND, by the opposite amount"
        case .fund: "guichet host adjust HOST: a month that has closed is corrected by hand"
        case .reserve: "the night: a reserve ends on its day, and another class holds back less"
        }
    }
}
