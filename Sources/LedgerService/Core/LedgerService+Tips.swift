public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

/// What a listener gives a room's host.
public struct TipOrder: Sendable, Hashable {
    public var room: RoomID
    public var amount: Money
    public var message: String
    public var country: CountryEvidence?

    public init(room: RoomID, amount: Money, message: String = "", country: CountryEvidence? = nil) {
        self.room = room
        self.amount = amount
        self.message = message
        self.country = country
    }
}

/// A tip as its giver, the host and the platform see it.
public struct TipView: Sendable, Hashable, Encodable {
    public let tip: TipID
    /// The order in which its money stands: statements and receipts name it.
    public let order: OrderID
    public let room: RoomID
    public let holder: HolderID
    public let amount: Money
    public let message: String
    public let at: Instant
    public let refunded: Bool

    init(_ row: TipRow) {
        tip = row.tip
        order = row.order
        room = row.room
        holder = row.holder
        amount = row.amount
        message = row.message
        at = row.at
        refunded = row.refunded == row.amount.minorUnits
    }
}

/// Whether a room's host takes tips.
public struct TipSwitchView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let accepts: Bool
}

extension LedgerService {
    /// Tips the host of a room from the caller's wallet, once.
    public func tip(_ tip: TipOrder, key: IdempotencyKey, by caller: Caller) async throws -> TipView {
        let country = tip.country.map { "\($0.country)/\($0.source.rawValue)" } ?? ""
        let command = OnceOnly(
            "tip", by: caller, key: key, request: "\(tip.room)|\(tip.amount)|\(country)|\(tip.message)")
        return try await give(tip, command, by: try buyer(caller)) { _, _ in }
    }

    /// Carries a tip out, once.
    /// - Parameter check: of what would be posted, before anything is.
    func give(
        _ tip: TipOrder, _ command: OnceOnly, by holder: HolderID,
        check: @escaping @Sendable (Tip, Instant) throws -> Void
    ) async throws -> TipView {
        let wish = TipWish(
            order: makeID(), entry: makeID(), holder: holder, room: tip.room, amount: tip.amount, message: tip.message,
            country: tip.country)
        let now = clock.now()
        let foresight = command.foresight { transaction in
            transaction.foreseePayment(from: holder, in: tip.amount.currency)
            _ = try? transaction.room(tip.room)
        }
        return try await database.write(foreseeing: foresight) { transaction in
            let outcome = try transaction.once(command, at: now) {
                try take(wish, at: now, in: transaction, check: check)
                return wish.order.text
            }
            guard let row = try OrderID(outcome).flatMap({ try transaction.tip($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return TipView(row)
        }
    }

    /// A room as a tip meets it, and the price under which it stands, if that is not on the room's list yet.
    func roomForTip(
        _ wish: TipWish, at now: Instant, in transaction: borrowing Transaction
    ) throws -> (tips: RoomForTips, newPrice: PriceVersion?) {
        let room = try transaction.room(wish.room)
        let policy = room.flatMap { settings.policies[$0.policy] } ?? settings.housePolicy
        let currency = wish.amount.currency
        let versions = try transaction.priceVersions(of: wish.room)
        let price = policy.tips.price(in: currency, of: wish.room, version: versions + 1, since: now)
        let version = try price.flatMap { try transaction.tipPrice(like: $0) }
        let tips = RoomForTips(
            room: room, policy: policy, taxes: settings.taxes, isOn: try transaction.takesTips(wish.room),
            hasTicket: try transaction.hasTicket(wish.holder, of: wish.room),
            tipped: try transaction.tipped(by: wish.holder, in: wish.room, currency),
            priceVersion: version ?? versions + 1)
        return (tips, version == nil ? price : nil)
    }

    private func take(
        _ wish: TipWish, at now: Instant, in transaction: borrowing Transaction, check: (Tip, Instant) throws -> Void
    ) throws {
        let currency = wish.amount.currency
        let stamp = try transaction.stamp(wish.entry, at: now, calendar: settings.housePolicy.calendar)
        let (tips, newPrice) = try roomForTip(wish, at: now, in: transaction)
        let wallet = try transaction.amount(in: .wallet(wish.holder), currency)
        let tip = try decideTip(wish, in: tips, wallet: wallet, stamp: stamp)
        try check(tip, now)
        if let newPrice { try transaction.insertPrice(newPrice) }
        let chained = try transaction.append(tip.entry)
        try transaction.insertOrder(tip.order, sequence: chained.sequence, soldOn: stamp.effectiveOn)
        try transaction.insertTip(tip, most: tips.policy.tips.mostPerRoom[currency])
        // Who gave it and what they said stays here.
        try transaction.tell(
            .tipGiven, of: tip.order.id.text, host: tips.room?.host, at: tip.order.soldAt,
            EventFacts(order: tip.order.id, room: wish.room, amount: tip.order.gross))
    }

    /// Tips of a room in the order of their making, for its host and moderators and the platform's staff.
    public func tips(
        of room: RoomID, _ page: PageRequest, by caller: Caller
    ) async throws -> (tips: [TipView], next: String?) {
        try await database.read { transaction in
            try requireSalesReading(of: room, caller, in: transaction)
            let (rows, next) = page.page(
                try transaction.tips(of: room, after: page.after ?? "", limit: page.limit + 1), key: \.order.text)
            return (rows.map { TipView($0) }, next)
        }
    }

    /// Gives a tip back, whole: the host refuses it, or the platform takes it back.
    public func refundTip(_ id: TipID, key: IdempotencyKey, by caller: Caller) async throws -> TipView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let order = id.order
        let command = OnceOnly("tip-refund", by: caller, key: key, request: id.text)
        let request = RefundRequest(id: makeID(), authority: .platform)
        let entry: EntryID = makeID()
        let now = clock.now()
        return try await database.write { transaction in
            guard let tip = try transaction.tip(order), let room = try transaction.room(tip.room) else {
                throw TipRefusal.unknown
            }
            // Whoever may not give it back does not learn whether it exists.
            guard caller.isOperator || caller == .host(room.host) else { throw TipRefusal.unknown }
            _ = try transaction.once(command, at: now) {
                let view = try giveBack(
                    order, request, reason: .refunded, entry: entry, at: now, in: transaction)
                try transaction.audit(
                    actor: caller.actor, act: "tip_refunded", subject: id.text, detail: view.amount.description,
                    at: now)
                return id.text
            }
            guard let after = try transaction.tip(order) else { throw TipRefusal.unknown }
            return TipView(after)
        }
    }

    /// Says whether a room's host takes tips from now on.
    public func setTakesTips(_ isOn: Bool, in id: RoomID, by caller: Caller) async throws -> TipSwitchView {
        let now = clock.now()
        return try await database.write { transaction in
            let room = try owned(id, by: caller, in: transaction)
            if try transaction.setTakesTips(isOn, in: room.id, by: caller.actor, at: now) {
                try transaction.audit(
                    actor: caller.actor, act: isOn ? "tips_on" : "tips_off", subject: id.text, at: now)
            }
            return TipSwitchView(room: id, accepts: isOn)
        }
    }
}
