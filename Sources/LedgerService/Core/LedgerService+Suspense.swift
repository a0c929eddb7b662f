public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// Money in suspense as the API shows it.
public struct SuspenseView: Sendable, Hashable, Codable {
    public struct End: Sendable, Hashable, Codable {
        /// `wallet`, `refund` or `reversal`.
        public let how: String
        public let holder: HolderID?
        public let entry: EntryID
        public let at: Instant
    }

    public let item: SuspenseID
    public let source: String
    public let reference: String
    public let amount: Money
    public let reason: String
    public let entry: EntryID
    public let at: Instant
    /// Days since it arrived, while it waits.
    public let ageDays: Int?
    public let end: End?
}

/// A page of items and, if there are more, the item to go on after.
public struct SuspensePage: Sendable, Hashable, Encodable {
    public let items: [SuspenseView]
    public let next: SuspenseID?
}

extension LedgerService {
    /// Items on a page at most.
    public static let suspensePerPage = 200

    /// Books money that can't be placed. The same source and reference are booked once.
    /// - Parameter day: when it arrived, if that was before today.
    public func bookSuspense(
        source: String, reference: String, amount: Money, reason: String, occurredOn day: LocalDay? = nil,
        key: IdempotencyKey, by caller: Caller
    ) async throws -> SuspenseView {
        try requireOperator(caller)
        let arrival = try SuspenseArrival(
            id: makeID(), source: source, reference: reference, amount: amount, reason: reason)
        let command = OnceOnly(
            "suspense", by: caller, key: key,
            request: "\(source)|\(reference)|\(amount)|\(reason)|\(day?.description ?? "")")
        let entry: EntryID = makeID()
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let stamp = try transaction.stamp(entry, at: now, occurredOn: day, calendar: calendar)
                let (item, isNew) = try transaction.bookSuspense(arrival, stamp: stamp)
                guard item.amount == arrival.amount else { throw SuspenseRefusal.conflict }
                if isNew {
                    try transaction.tellSuspense(.suspenseBooked, item, at: stamp.postedAt)
                    if let day, day != stamp.effectiveOn {
                        try transaction.insertOccurrence(of: try transaction.journalHead().chain.sequence, on: day)
                    }
                    try transaction.audit(
                        actor: caller.actor, act: "suspense_booked", subject: item.id.text,
                        detail: amount.description, at: now)
                }
                return text(of: SuspenseView(item, at: now))
            }
        }
        return try value(SuspenseView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Items in the order of their arrival.
    public func suspense(
        all: Bool = false, after cursor: SuspenseID? = nil, limit: Int = suspensePerPage, by caller: Caller
    ) async throws -> SuspensePage {
        try requireFinanceReading(caller)
        let limit = min(max(1, limit), Self.suspensePerPage)
        let now = clock.now()
        return try await database.read { transaction in
            let rows = try transaction.suspenseItems(openOnly: !all, after: cursor?.text ?? "", limit: limit + 1)
            return SuspensePage(
                items: rows.prefix(limit).map { SuspenseView($0, at: now) },
                next: rows.count > limit ? rows[limit - 1].id : nil)
        }
    }

    /// Gives money in suspense its place: a wallet, or back to where it came from. Once.
    ///
    /// What came through a provider goes back through it, by way of the wallet of whoever paid; of other money this books
    /// that somebody sent it.
    public func resolveSuspense(
        _ id: SuspenseID, _ resolution: SuspenseResolution, key: IdempotencyKey, by caller: Caller
    ) async throws -> SuspenseView {
        try requireOperator(caller)
        let holder: HolderID? = if case .wallet(let holder) = resolution { holder } else { nil }
        let command = OnceOnly(
            "suspense-resolve", by: caller, key: key, request: "\(id)|\(holder?.text ?? "refund")")
        let entryID: EntryID = makeID()
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let item = try transaction.suspense(id)
                if holder == nil, let item, item.end == nil, let row = try charge(behind: item, in: transaction) {
                    try sendBack(item, of: row, by: caller.actor, at: now, in: transaction)
                    try transaction.audit(
                        actor: caller.actor, act: "suspense_resolved", subject: id.text, detail: "repayment", at: now)
                    return try ended(id, in: transaction)
                }
                if let holder, try !transaction.walletExists(holder) { throw LedgerRefusal.walletUnknown }
                let held = try item.flatMap { item in
                    try holder.map { try transaction.amount(in: .wallet($0), item.amount.currency) }
                }
                let stamp = try transaction.stamp(entryID, at: now, calendar: calendar)
                let entry = try decideResolution(
                    of: item?.amount, isOpen: item?.end == nil, resolution, wallet: held, stamp: stamp)
                guard let item else { throw SuspenseRefusal.unknown }
                let chained = try transaction.append(entry)
                try transaction.endSuspense(
                    item, how: holder == nil ? "refund" : "wallet", holder: holder, sequence: chained.sequence,
                    by: caller.actor, at: stamp.postedAt)
                try transaction.tellSuspense(
                    .suspenseResolved, item, how: holder == nil ? "refund" : "wallet", at: stamp.postedAt)
                try transaction.audit(
                    actor: caller.actor, act: "suspense_resolved", subject: id.text, detail: holder?.text ?? "refund",
                    at: now)
                return try ended(id, in: transaction)
            }
        }
        return try value(SuspenseView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// An item whose place was found, as the answer that is kept.
    private func ended(_ id: SuspenseID, in transaction: borrowing Transaction) throws -> String {
        guard let item = try transaction.suspense(id), let end = item.end else {
            throw StoreFault.corrupt(column: "suspense_items.item")
        }
        return text(of: SuspenseView(item, at: end.at))
    }

    /// Lets through whoever has an operator's key.
    func requireOperator(_ caller: Caller) throws(EdgeRefusal) {
        guard caller.isOperator else { throw caller == .anybody ? .keyMissing : .keyScope("operator") }
    }
}

extension SuspenseView {
    init(_ row: SuspenseRow, at now: Instant) {
        let end = row.end.map { End(how: $0.how, holder: $0.holder, entry: $0.entry, at: $0.at) }
        self.init(
            item: row.id, source: row.source, reference: row.reference, amount: row.amount, reason: row.reason,
            entry: row.entry, at: row.at,
            ageDays: end == nil ? Int(max(0, row.at.microseconds(until: now)) / 86_400_000_000) : nil, end: end)
    }
}

extension Transaction {
    /// Names and dates of an entry for something that happened earlier: dated on its own day or, where that is closed,
    /// on the first open one (J8). Entries of the moment need no such question: periods close behind them.
    borrowing func stamp(
        _ id: EntryID, at now: Instant, occurredOn day: LocalDay?, calendar: BusinessCalendar
    ) throws -> EntryStamp {
        let stamp = try stamp(id, at: now, calendar: calendar)
        guard let day else { return stamp }
        guard day <= stamp.effectiveOn else { throw BookRefusal.occurredOnFuture }
        let open = try closedThrough()?.advanced(byDays: 1)
        return EntryStamp(id: id, postedAt: stamp.postedAt, effectiveOn: open.map { max($0, day) } ?? day)
    }
}
