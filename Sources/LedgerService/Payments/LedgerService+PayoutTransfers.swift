public import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
public import Values

/// Where a host is paid.
public struct DestinationView: Sendable, Hashable, Encodable {
    public let host: HostID
    public let provider: ProviderName?
    public let destination: String?
    public let since: Instant?
}

/// A payout batch, and how many of its items stand where.
public struct PayoutBatchView: Sendable, Hashable, Encodable {
    public struct Standing: Sendable, Hashable, Encodable {
        /// See ``PayoutItemsView/Item/state``.
        public let state: String
        public let count: Int
        /// Of one currency.
        public let net: Money
    }

    public let day: LocalDay
    public let batch: String
    public let digest: String
    /// `computed`, `partly_approved`, `approved`, `rejected`, `sent` or `settled`.
    public let state: PayoutBatchState
    public let approval: PayoutApprovalView
    /// By state and currency.
    public let standing: [Standing]
}

/// Bringing payouts to hosts: where they are paid, what finance sends, and what providers tell of it.
extension LedgerService {
    /// - Parameter providers: those of the house.
    public func setDestination(
        _ destination: PayoutDestination, of host: HostID, by caller: Caller
    ) async throws -> DestinationView {
        try requireDestination(host, caller)
        let now = clock.now()
        return try await database.write { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            if try transaction.setDestination(destination, of: host, by: caller.actor, at: now) {
                try transaction.audit(
                    actor: caller.actor, act: "payout_destination", subject: host.text,
                    detail: destination.provider.rawValue, at: now)
            }
            return try destinationView(of: host, in: transaction)
        }
    }

    public func destination(of host: HostID, by caller: Caller) async throws -> DestinationView {
        if !caller.isAuditor { try requireDestination(host, caller) }
        return try await database.read { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            return try destinationView(of: host, in: transaction)
        }
    }

    func requireDestination(_ host: HostID, _ caller: Caller) throws {
        switch caller {
        case .operator, .finance, .host(host): return
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .auditor, .gateway, .wallet:
            throw EdgeRefusal.keyScope("host itself, finance, operator")
        }
    }

    private func destinationView(
        of host: HostID, in transaction: borrowing Transaction
    ) throws(StoreFault) -> DestinationView {
        let row = try transaction.destination(of: host)
        return DestinationView(host: host, provider: row?.provider, destination: row?.text, since: row?.since)
    }

    /// The batch of a day.
    public func payoutBatch(
        of day: LocalDay, through providers: Set<ProviderName>, by caller: Caller
    ) async throws -> PayoutBatchView {
        try requireFinanceReading(caller)
        return try await database.read { try batchView(of: day, through: providers, in: $0) }
    }

    func batchView(
        of day: LocalDay, through providers: Set<ProviderName>, in transaction: borrowing Transaction
    ) throws -> PayoutBatchView {
        let batch = try standing(of: day, in: transaction)
        let people = try PeopleOfPart(of: batch.part, in: transaction)
        var sums: [String: [Currency: (count: Int, net: Int64)]] = [:]
        for item in batch.items {
            let state = try word(for: sending(of: item, in: batch, through: providers, people).decision, item)
            sums[state, default: [:]][item.net.currency, default: (0, 0)].count += 1
            sums[state, default: [:]][item.net.currency, default: (0, 0)].net += item.net.minorUnits
        }
        let standing = sums.sorted { $0.key < $1.key }.flatMap { state, byCurrency in
            byCurrency.sorted { $0.key < $1.key }.map {
                PayoutBatchView.Standing(state: state, count: $0.value.count, net: Money($0.value.net, $0.key))
            }
        }
        let approval = try approvalView(of: batch, people, at: clock.now(), in: transaction)
        return PayoutBatchView(
            day: day, batch: batch.row.batch, digest: batch.row.digest,
            state: batch.approval.state(
                needsSecond: approval.need == 2,
                isOpen: sums.keys.contains { !["paid", "returned", "nothing"].contains($0) },
                isEmpty: sums.keys.allSatisfy { $0 == "nothing" }),
            approval: approval, standing: standing)
    }

    func payoutTransfer(_ id: PayoutTransferID, by caller: Caller) async throws -> PayoutTransferRow {
        try requireFinanceReading(caller)
        guard let row = try await database.read({ try $0.payoutTransfer(id) }) else { throw PayoutRefusal.unknown }
        return row
    }

    /// Books what a provider says of a transfer. Saying it twice, late, or in another order ends in the same books.
    /// - Parameter why: what the bank gave as its reason, of one that came back.
    func apply(
        _ told: ProviderTransfer, from provider: ProviderName, because why: String = "", at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> ReportOutcome {
        let named = try transaction.payoutTransfer(named: told.name, by: provider)
        guard let id = named ?? told.ours, let row = try transaction.payoutTransfer(id), row.provider == provider
        else { return .parked }
        guard told.ours == nil || told.ours == id else { return .refused("\(told.name) belongs to another payout") }
        guard row.net == told.amount else { return .refused("\(told.name) is of another amount than we asked for") }
        // An answer by hand once took a name of its own.
        let known = try transaction.name(of: id)
        if let name = known, name != told.name, !name.hasPrefix("by hand ") {
            return .refused("\(id) was made twice: \(name) and \(told.name)")
        }
        let event: PayoutTransferEvent
        switch told.state {
        case .paid: event = .paid
        case .returned: event = .returned
        case .partlyReturned: return .refused("a part of \(told.name) came back")
        }
        if row.state == .refused, try transaction.wasSentAgain(id) {
            return .refused("\(told.name) was refused, sent again, and made all the same")
        }
        let isName = named == nil && known == nil && !told.name.isEmpty
        if isName { try transaction.name(id, told.name, by: provider) }
        let isNew = try tell(event, row, because: why, at: now, in: transaction)
        return isNew || isName ? .applied : .known
    }

    /// The provider said no, for good: nothing left, and finance may send the item again.
    func refuse(_ id: PayoutTransferID, code: String) async throws {
        let now = clock.now()
        try await database.write { transaction in
            guard let row = try transaction.payoutTransfer(id), row.state == .requested else { return }
            try transaction.append(.refused, to: id, detail: code, at: now)
            try transaction.audit(
                actor: row.provider.rawValue, act: "payout_refused", subject: id.text, detail: code, at: now)
        }
    }

    /// - Returns: whether it was new.
    private func tell(
        _ event: PayoutTransferEvent, _ row: PayoutTransferRow, because why: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Bool {
        var life = PayoutTransferLife(row.state)
        let entered = life.tell(event)
        for state in entered {
            switch state {
            case .requested, .refused: continue
            case .paid:
                let legs = PostingRecipe.payoutTransfer(of: row.net, through: row.provider)
                let sequence = try settle(legs, at: now, in: transaction)
                try transaction.append(.paid, to: row.payout, sequence: sequence, at: now)
            case .returned:
                let legs = PostingRecipe.payoutReturn(of: row.net, through: row.provider)
                let sequence = try settle(legs, at: now, in: transaction)
                let mirror = try undo(row, because: why, at: now, in: transaction)
                try transaction.append(
                    .returned, to: row.payout, sequence: sequence, mirror: mirror, detail: why, at: now)
            }
            try transaction.audit(
                actor: row.provider.rawValue, act: "payout_\(state.rawValue)", subject: row.payout.text,
                detail: row.net.description, at: now)
            try transaction.tell(
                state == .paid ? .payoutPaid : .payoutReturned, of: row.payout.text, host: row.host, at: now,
                EventFacts(host: row.host, amount: row.net, state: state.rawValue, batch: row.batch))
        }
        return !entered.isEmpty
    }

    /// - Returns: the sequence of the entry; `nil` where nothing moves.
    private func settle(
        _ legs: [Leg], at now: Instant, in transaction: borrowing Transaction
    ) throws -> Int64? {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        return try JournalEntry(stamp, kind: .settlement, legs: legs).map { try transaction.append($0).sequence }
    }

    /// The payout never was: its entry is mirrored, what it paid is owed again at once (R6, R7), and the host's payouts
    /// stop until finance has looked.
    private func undo(
        _ row: PayoutTransferRow, because why: String, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Int64 {
        let calendar = settings.housePolicy.calendar
        let currency = row.net.currency
        let stamp = try transaction.stamp(makeID(), at: now, calendar: calendar)
        guard let id = try transaction.entry(ofItem: row.host, currency, in: row.batch),
            let payout = try transaction.entry(id), let mirror = payout.entry.mirror(stamp)
        else { throw StoreFault.corrupt(column: "payout_items.seq") }
        let sequence = try transaction.append(mirror).sequence
        // Of a night that is under way, what is owed changes no more.
        let day = try transaction.unbegunDay(from: stamp.effectiveOn)
        for paid in try transaction.accruals(paidBy: row.batch, to: row.host, currency) {
            let again = Accrual(
                id: .derived(at: stamp.postedAt, from: "returned|\(row.payout)|\(paid.id)"), kind: paid.kind,
                host: paid.host, amount: paid.amount, availableOn: day, accruedOn: day, room: paid.room,
                order: paid.order)
            try transaction.insertReturned(again, of: paid.id, by: row.payout)
        }
        let before = try transaction.payee(row.host)
        try transaction.insertPayee(
            PayeeRow(
                host: row.host, withholding: before?.withholding ?? BasisPoints(0), isBlocked: true,
                reason: "the payout of \(row.batch) came back" + (why.isEmpty ? "" : ": \(why)"),
                actor: row.provider.rawValue, since: now))
        return sequence
    }
}
