public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// Money that goes back through a provider, as shown.
public struct RepaymentView: Sendable, Hashable, Encodable {
    public let repayment: RepaymentID
    public let charge: ChargeID
    public let amount: Money
    /// `requested`, `pending`, `succeeded` or `failed`.
    public let state: RepaymentState.RawValue
    public let createdAt: Instant

    init(_ row: RepaymentRow) {
        repayment = row.id
        charge = row.charge
        amount = row.amount
        state = row.state.rawValue
        createdAt = row.createdAt
    }
}

/// A dispute as shown.
public struct DisputeView: Sendable, Hashable, Encodable {
    public let provider: ProviderName.RawValue
    public let dispute: String
    public let charge: ChargeID
    public let amount: Money
    /// `inquiry`, `contested`, `returned` or `lost`.
    public let position: DisputePosition.RawValue
    /// What the provider told, sorted.
    public let facts: [DisputeFact.RawValue]
    public let createdAt: Instant

    init(_ row: DisputeRow) {
        provider = row.provider.rawValue
        dispute = row.dispute
        charge = row.charge
        amount = row.amount
        position = row.position.rawValue
        facts = row.facts.map(\.rawValue).sorted()
        createdAt = row.createdAt
    }
}

/// A payment through a provider, as shown.
public struct ChargeView: Sendable, Hashable, Encodable {
    public let charge: ChargeID
    /// The held purchase that it pays; none for one that fills the payer's wallet.
    public let hold: PurchaseID?
    /// Of the purchase, or from whose page the wallet is filled.
    public let room: RoomID?
    /// From whose page the wallet is filled.
    public let series: SeriesID?
    public let holder: HolderID
    public let provider: ProviderName.RawValue
    public let amount: Money
    /// `created`, `open`, `processing`, `ended` or `captured`.
    public let state: ChargeState.RawValue
    /// What became of the purchase; of money for a wallet only that it waits in suspense.
    public let purchase: HoldState.RawValue?
    /// Where the buyer pays; until the money is there.
    public let url: String?
    public let createdAt: Instant
    /// What the provider kept, by currency; for staff only.
    public let fees: [Money]?
    public let repayments: [RepaymentView]
    public let disputes: [DisputeView]
}

/// Pages of payments and disputes.
public struct ChargePage: Sendable, Hashable, Encodable {
    public let charges: [ChargeView]
    public let next: String?
}

public struct DisputePage: Sendable, Hashable, Encodable {
    public let disputes: [DisputeView]
    public let next: String?
}

extension LedgerService {
    /// Calls that a request makes itself right away are left to it for so long; then they are anybody's.
    static let callLease: Int64 = 20

    /// Keeps seats for the caller and owes the provider the call for a page to pay them on, in one transaction.
    func openCharge(
        _ order: TicketOrder, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeID {
        let holder = try buyer(caller)
        guard (1...TicketWish.maximumCount).contains(order.count) else {
            throw PurchaseRefusal.count(most: TicketWish.maximumCount)
        }
        let command = OnceOnly("checkout", by: caller, key: key, request: "\(provider.rawValue)|\(order.line)")
        return try await openCharge(command, through: provider, for: holder) { transaction, _ in
            (try wish(order, in: transaction), nil)
        }
    }

    /// The same for what was quoted for this provider, and for nothing else.
    func openCharge(
        quote token: String, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeID {
        let holder = try buyer(caller)
        let command = OnceOnly("checkout", by: caller, key: key, request: "\(provider.rawValue)|\(token)")
        let claims = try claims(of: token, for: holder, through: provider)
        return try await asQuoted {
            try await openCharge(command, through: provider, for: holder) { transaction, now in
                try claims.wish(at: now, in: transaction)
            }
        }
    }

    /// - Parameter read: gives the wish and, for a quote, the digest of the terms at which it must be sold.
    private func openCharge(
        _ command: OnceOnly, through provider: ProviderName, for holder: HolderID,
        _ read: @escaping @Sendable (borrowing Transaction, Instant) throws -> (TicketWish, SHA256Digest?)
    ) async throws -> ChargeID {
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let (wish, digest) = try read(transaction, now)
                let hold = try keepSeats(
                    wish, quotedAt: digest, for: holder, showingFeeIn: .providerFees, at: now, in: transaction)
                guard hold.total.isPositive else { throw ChargeRefusal.nothingToPay }
                let charge = Charge(
                    id: makeID(), purchase: hold.purchase, provider: provider, amount: hold.total, createdAt: now)
                return try open(charge, in: transaction).text
            }
        }
        guard let id = ChargeID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return id
    }

    /// Stores a charge and owes its provider the call for a page on which to pay it.
    func open(_ charge: Charge, in transaction: borrowing Transaction) throws(StoreFault) -> ChargeID {
        try transaction.insertCharge(charge)
        let call = ProviderCallRow(
            provider: charge.provider, kind: .checkout, charge: charge.id, createdAt: charge.createdAt)
        try transaction.owe(call, from: charge.createdAt.advanced(bySeconds: Self.callLease))
        return charge.id
    }

    /// Takes money from a wallet and owes the provider the call that gives it back to the payer.
    func openRepayment(
        _ amount: Money?, of id: ChargeID, key: IdempotencyKey, by caller: Caller
    ) async throws -> RepaymentID {
        let command = OnceOnly(
            "repayment", by: caller, key: key, request: "\(id)|\(amount?.description ?? "all")")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let row = try visible(id, to: caller, in: transaction)
                // It takes money from the payer's wallet: who only reads books may not.
                guard caller.isOperator || caller == .wallet(row.holder) else {
                    throw EdgeRefusal.keyScope("wallet of the payer, operator")
                }
                let leased = now.advanced(bySeconds: Self.callLease)
                return try repay(
                    amount, of: row, calledFrom: leased, by: caller.actor, at: now, in: transaction
                ).text
            }
        }
        guard let repayment = RepaymentID(outcome) else {
            throw StoreFault.corrupt(column: "idempotency_keys.outcome")
        }
        return repayment
    }

    public func charge(_ id: ChargeID, by caller: Caller) async throws -> ChargeView {
        let now = clock.now()
        return try await database.read { transaction in
            try view(of: try visible(id, to: caller, in: transaction), at: now, for: caller, in: transaction)
        }
    }

    /// Payments, newest first.
    public func charges(_ page: PageRequest, by caller: Caller) async throws -> ChargePage {
        try requireFinanceReading(caller)
        let now = clock.now()
        return try await database.read { transaction in
            let rows = try transaction.charges(before: page.after ?? "~", limit: page.limit + 1)
            let (shown, next) = page.page(rows) { $0.charge.id.text }
            return ChargePage(
                charges: try shown.map { try view(of: $0, at: now, for: caller, in: transaction) }, next: next)
        }
    }

    /// Disputes in the order of their names.
    public func disputes(_ page: PageRequest, by caller: Caller) async throws -> DisputePage {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let words = (page.after ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            let cursor = words.count == 2 ? (words[0], words[1]) : ("", "")
            let rows = try transaction.disputes(after: cursor, limit: page.limit + 1)
            let (shown, next) = page.page(rows) { "\($0.provider.rawValue) \($0.dispute)" }
            return DisputePage(disputes: shown.map { DisputeView($0) }, next: next)
        }
    }

    /// A charge, if the caller may know of it; others do not learn whether it exists.
    func visible(
        _ id: ChargeID, to caller: Caller, in transaction: borrowing Transaction
    ) throws -> ChargeRow {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let row = try transaction.charge(id) else { throw ChargeRefusal.unknown }
        switch caller {
        case .operator, .finance, .auditor: return row
        case .wallet(let holder) where holder == row.holder: return row
        case .wallet, .host, .moderator, .gateway, .anybody: throw ChargeRefusal.unknown
        }
    }

    func standing(of row: ChargeRow, in transaction: borrowing Transaction) throws(StoreFault) -> ChargeStanding {
        ChargeStanding(
            charge: row.charge, state: row.state, givenBack: try transaction.givenBack(of: row.charge.id))
    }

    private func view(
        of row: ChargeRow, at now: Instant, for caller: Caller, in transaction: borrowing Transaction
    ) throws -> ChargeView {
        let held = try row.charge.purchase.map { purchase in
            guard let held = try transaction.heldPurchase(purchase) else {
                throw StoreFault.corrupt(column: "charges.purchase")
            }
            return held
        }
        let waits = try held == nil && suspended(row, in: transaction) != nil
        let isOver = row.state == .captured || row.state == .ended
        let isHolder = caller == .wallet(row.holder)
        return ChargeView(
            charge: row.charge.id, hold: row.charge.purchase, room: row.room, series: row.series, holder: row.holder,
            provider: row.charge.provider.rawValue, amount: row.charge.amount, state: row.state.rawValue,
            purchase: waits ? HoldState.suspended.rawValue : held?.shown(at: now).rawValue, url: isOver ? nil : row.url,
            createdAt: row.charge.createdAt,
            fees: isHolder ? nil : try transaction.fees(of: row.charge.id),
            repayments: try transaction.repayments(of: row.charge.id).map { RepaymentView($0) },
            disputes: try transaction.disputes(of: row.charge.id).map { DisputeView($0) })
    }
}
