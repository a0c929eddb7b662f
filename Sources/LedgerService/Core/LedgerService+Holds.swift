public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// Money for a hold as shown: what came, and what it became.
public struct HoldPaymentView: Sendable, Hashable, Encodable {
    public let provider: String
    public let reference: String
    public let amount: Money
    /// `tickets` or `suspense`.
    public let outcome: String
    /// Why it waits in suspense.
    public let reason: SuspenseReason.RawValue?
    public let receivedAt: Instant

    init(_ row: HoldPaymentRow) {
        provider = row.provider
        reference = row.reference
        amount = row.amount
        outcome = row.suspense == nil ? "tickets" : "suspense"
        reason = row.suspense?.rawValue
        receivedAt = row.at
    }
}

/// A purchase that was held, with what became of it.
public struct HoldView: Sendable, Hashable, Encodable {
    public let hold: PurchaseID
    public let room: RoomID
    public let holder: HolderID
    /// `held`, `expired`, `cancelled`, `ticketed`, `suspended` or `refunded`.
    public let state: HoldState.RawValue
    public let count: Int
    /// Of each ticket.
    public let price: Money
    public let total: Money
    public let createdAt: Instant
    public let expiresAt: Instant
    /// The seats that are kept now.
    public let seats: [Int]
    public let payments: [HoldPaymentView]
    /// For the holder only, once there are any.
    public let tickets: [BoughtTicket]?
}

/// Money that came from outside, as whoever received it reports it.
public struct HoldMoney: Sendable, Hashable {
    public let provider: String
    /// The provider's own name of the payment: the same one is booked once.
    public let reference: String
    public let amount: Money

    public init(provider: String, reference: String, amount: Money) {
        self.provider = provider
        self.reference = reference
        self.amount = amount
    }
}

extension LedgerService {
    /// Keeps seats for the caller until a time, at the terms of now.
    public func hold(_ order: TicketOrder, key: IdempotencyKey, by caller: Caller) async throws -> HoldView {
        let holder = try buyer(caller)
        guard (1...TicketWish.maximumCount).contains(order.count) else {
            throw PurchaseRefusal.count(most: TicketWish.maximumCount)
        }
        let command = OnceOnly("hold", by: caller, key: key, request: order.line)
        let now = clock.now()
        return try await changeHold(command, by: caller) { transaction in
            try keepSeats(try wish(order, in: transaction), for: holder, at: now, in: transaction).purchase
        }
    }

    /// Keeps seats at the terms of a quote until a time, and at no others.
    public func hold(quote token: String, key: IdempotencyKey, by caller: Caller) async throws -> HoldView {
        let holder = try buyer(caller)
        let command = OnceOnly("hold", by: caller, key: key, request: token)
        let claims = try claims(of: token, for: holder, through: nil)
        let now = clock.now()
        return try await asQuoted {
            try await changeHold(command, by: caller) { transaction in
                let (wish, digest) = try claims.wish(at: now, in: transaction)
                return try keepSeats(wish, quotedAt: digest, for: holder, at: now, in: transaction).purchase
            }
        }
    }

    /// Keeps seats.
    /// - Parameters:
    ///   - digest: of the terms that were quoted, if they were; seats are kept at no others.
    ///   - account: where the fee of the terms shows, if not where the policy says.
    func keepSeats(
        _ wish: TicketWish, quotedAt digest: SHA256Digest? = nil, for holder: HolderID,
        showingFeeIn account: Account? = nil, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Hold {
        let sale = try roomOnSale(wish, at: now, in: transaction)
        try checkNotBanned(holder, from: sale.room, in: transaction)
        let seats = try freeSeats(in: sale.room, wanting: wish.count, takingOver: true, at: now, in: transaction)
        let held = try transaction.heldSeats(of: holder, in: wish.room, at: now)
        var (hold, kept) = try decideHold(wish, as: makeID(), for: holder, in: sale, seats: seats, held: held, at: now)
        if let account { hold = hold.showingFee(in: account) }
        if let digest, hold.terms.digest != digest { throw QuoteRefusal.price(now: hold.terms.gross) }
        guard let room = sale.room else { throw PurchaseRefusal.roomUnknown }
        try keep(hold, on: kept, in: room, at: now, transaction)
        try transaction.tellHold(hold, [.held], at: now)
        try count(hold.terms, times: hold.count, for: hold.purchase.text, in: sale, at: now, transaction)
        return hold
    }

    public func hold(_ id: PurchaseID, by caller: Caller) async throws -> HoldView {
        let now = clock.now()
        return try await database.read { transaction in
            let held = try held(id, by: caller, in: transaction)
            return try view(of: held, at: now, for: caller, in: transaction)
        }
    }

    /// Pays a hold from the wallet of its holder: its tickets, at the price that was held.
    public func payHold(_ id: PurchaseID, key: IdempotencyKey, by caller: Caller) async throws -> HoldView {
        let holder = try buyer(caller)
        let command = OnceOnly("hold-pay", by: caller, key: key, request: id.text)
        let now = clock.now()
        return try await changeHold(command, by: caller) { transaction in
            var held = try held(id, by: caller, in: transaction)
            let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
            let hold = held.hold
            let moves = try held.pay(at: stamp.postedAt)
            let sale = try roomOnSale(TicketWish(room: hold.room), at: now, in: transaction)
            try check(sale.room, sellsAt: stamp.postedAt)
            try checkNotBanned(holder, from: sale.room, in: transaction)
            try hold.check(wallet: try transaction.amount(in: .wallet(holder), hold.terms.currency))
            try ticket(hold, seats: try transaction.keptSeats(of: hold), in: sale, stamp: stamp, transaction)
            try transaction.append(moves, to: hold, at: stamp.postedAt)
            return id
        }
    }

    /// Gives the seats of a hold back.
    public func cancelHold(_ id: PurchaseID, key: IdempotencyKey, by caller: Caller) async throws -> HoldView {
        let command = OnceOnly("hold-cancel", by: caller, key: key, request: id.text)
        let now = clock.now()
        return try await changeHold(command, by: caller) { transaction in
            var held = try held(id, by: caller, in: transaction)
            let moves = try held.cancel(at: now)
            try transaction.append(moves, to: held.hold, at: now)
            if !moves.isEmpty {
                try giveBack(held.hold, at: now, in: transaction)
                try serveQueue(of: held.hold.room, at: now, in: transaction)
            }
            return id
        }
    }

    /// Books money that a provider received for a hold. Money is never refused: it makes the tickets, late too while
    /// there are seats, or it waits in suspense. The same reference is booked once.
    public func receive(
        _ money: HoldMoney, for id: PurchaseID, key: IdempotencyKey, by caller: Caller
    ) async throws -> HoldView {
        guard caller.isOperator else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("operator")
        }
        let line = "\(id)|\(money.provider)|\(money.reference)|\(money.amount)"
        let command = OnceOnly("hold-money", by: caller, key: key, request: line)
        let now = clock.now()
        return try await changeHold(command, by: caller) { transaction in
            // Its checks of words and amount are those of every payment; its id is used if the money has no place.
            let arrival = try SuspenseArrival(
                id: makeID(), source: money.provider, reference: money.reference, amount: money.amount, reason: id.text)
            let held = try held(id, by: caller, in: transaction)
            if let known = try transaction.payment(provider: money.provider, reference: money.reference) {
                guard known.purchase == id, known.amount == money.amount else { throw HoldRefusal.paymentConflict }
                return id
            }
            try place(arrival, for: held, at: now, in: transaction)
            try transaction.audit(
                actor: caller.actor, act: "hold_paid", subject: id.text, detail: money.amount.description, at: now)
            return id
        }
    }

    /// Books money that came for a hold.
    /// - Parameter account: where the fee of the terms shows, if not where the hold says.
    func place(
        _ arrival: SuspenseArrival, for purchase: HeldPurchase, showingFeeIn account: Account? = nil, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        let hold = purchase.hold
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let instant = stamp.postedAt
        let sale = try roomOnSale(TicketWish(room: hold.room, count: hold.count), at: instant, in: transaction)
        // Whoever came for the room's places may have written down meanwhile that this hold is over.
        guard var held = try transaction.heldPurchase(hold.purchase) else {
            throw StoreFault.corrupt(column: "holds.purchase")
        }
        let wasOpen = held.state == .held
        // A late purchase stands behind whoever holds or bought meanwhile: its own seats are free like all others.
        let isLate = held.shown(at: instant) == .expired
        if isLate, wasOpen { try giveBack(hold, at: instant, in: transaction) }
        let seats = try freeSeats(in: sale.room, wanting: hold.count, at: instant, in: transaction)
        let mayRetake = try isLate && hasRoom(for: hold, seats: seats, at: instant, in: transaction)
        let sells = (try? check(sale.room, sellsAt: instant)) != nil
        switch held.receive(arrival.amount, at: instant, seatsAreFree: mayRetake, roomSells: sells) {
        case .tickets(let moves):
            guard
                let topup = JournalEntry(
                    stamp, kind: .topup, legs: PostingRecipe.topup(of: hold.holder, arrival.amount))
            else { preconditionFailure("An arrival has a positive amount within the limit.") }
            let sequence = try transaction.append(topup).sequence
            try record(arrival, of: hold, sequence: sequence, suspense: nil, at: instant, in: transaction)
            if isLate {
                let fresh = try roomOnSale(TicketWish(room: hold.room, count: hold.count), at: instant, in: transaction)
                try count(hold.terms, times: hold.count, for: hold.purchase.text, in: fresh, at: instant, transaction)
            }
            let kept = isLate ? seats.lowest(hold.count) : try transaction.keptSeats(of: hold)
            let shown = account.map { hold.showingFee(in: $0) } ?? hold
            try ticket(shown, seats: kept, in: sale, stamp: stamp, transaction)
            try transaction.append(moves, to: hold, at: instant)
        case .suspense(let why, let moves):
            // What gave its seats back above has expired, whatever the money is.
            let expiry: [HoldState] = isLate && wasOpen && moves.isEmpty ? [.expired] : []
            try transaction.append(expiry + moves, to: hold, at: instant)
            if wasOpen, !isLate, !moves.isEmpty { try giveBack(hold, at: instant, in: transaction) }
            let item = try transaction.bookSuspense(
                try SuspenseArrival(
                    id: arrival.id, source: arrival.source, reference: arrival.reference, amount: arrival.amount,
                    reason: "\(hold.purchase): \(why.rawValue)"), stamp: stamp)
            // Booked by somebody as money without a hold: then it is not this payment.
            guard item.isNew else { throw HoldRefusal.paymentConflict }
            try transaction.tellSuspense(.suspenseBooked, item.item, at: instant)
            let sequence = try transaction.journalHead().chain.sequence
            try record(arrival, of: hold, sequence: sequence, suspense: why, at: instant, in: transaction)
            try serveQueue(of: hold.room, at: instant, in: transaction)
        }
    }

    private func record(
        _ arrival: SuspenseArrival, of hold: Hold, sequence: Int64, suspense: SuspenseReason?, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        try transaction.insertPayment(
            HoldPaymentRow(
                provider: arrival.source, reference: arrival.reference, purchase: hold.purchase, amount: arrival.amount,
                sequence: sequence, suspense: suspense, at: now))
    }

    /// Gives the money of a hold that waits in suspense back to the wallet of its holder.
    public func refundHold(_ id: PurchaseID, key: IdempotencyKey, by caller: Caller) async throws -> HoldView {
        guard caller.isOperator else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("operator")
        }
        let command = OnceOnly("hold-refund", by: caller, key: key, request: id.text)
        let now = clock.now()
        return try await changeHold(command, by: caller) { transaction in
            var held = try held(id, by: caller, in: transaction)
            _ = try held.refund()
            try returnSuspended(id, by: caller.actor, at: now, in: transaction)
            try transaction.audit(actor: caller.actor, act: "hold_refunded", subject: id.text, at: now)
            return id
        }
    }

    /// Money of a purchase that waits in suspense goes to the wallet of its holder; nothing happens where none does.
    func returnSuspended(
        _ id: PurchaseID, by actor: String, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard var held = try transaction.heldPurchase(id), held.state == .suspended else { return }
        let moves = try held.refund()
        for payment in try transaction.payments(of: id) where payment.suspense != nil {
            // Somebody may have found another place for it: then it is not here any more.
            guard let item = try transaction.suspense(bookedBy: payment.sequence), item.end == nil else { continue }
            try give(item, to: held.hold.holder, by: actor, at: now, in: transaction)
        }
        try transaction.append(moves, to: held.hold, at: now)
    }

    /// Moves money from suspense into a wallet.
    func give(
        _ item: SuspenseRow, to holder: HolderID, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let wallet = try transaction.amount(in: .wallet(holder), item.amount.currency)
        let entry = try decideResolution(of: item.amount, isOpen: true, .wallet(holder), wallet: wallet, stamp: stamp)
        let sequence = try transaction.append(entry).sequence
        try transaction.endSuspense(item, how: "wallet", holder: holder, sequence: sequence, by: actor, at: now)
        try transaction.tellSuspense(.suspenseResolved, item, how: "wallet", at: now)
    }

    // What the commands share

    /// Carries a command of a hold out, once, and shows the hold as it stands.
    private func changeHold(
        _ command: OnceOnly, by caller: Caller, _ body: @escaping @Sendable (borrowing Transaction) throws -> PurchaseID
    ) async throws -> HoldView {
        let now = clock.now()
        defer { bell.ringIfOwed() }
        return try await database.write(foreseeing: command.foresight()) { transaction in
            let outcome = try transaction.once(command, at: now) { try body(transaction).text }
            guard let id = PurchaseID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return try view(of: try held(id, by: caller, in: transaction), at: now, for: caller, in: transaction)
        }
    }

    /// The purchase, if the caller is its holder or an operator; others do not learn whether it exists.
    private func held(
        _ id: PurchaseID, by caller: Caller, in transaction: borrowing Transaction
    ) throws -> HeldPurchase {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let held = try transaction.heldPurchase(id),
            caller.isOperator || caller == .wallet(held.hold.holder)
        else { throw HoldRefusal.unknown }
        return held
    }

    private func view(
        of held: HeldPurchase, at now: Instant, for caller: Caller, in transaction: borrowing Transaction
    ) throws -> HoldView {
        let hold = held.hold
        let state = held.shown(at: now)
        let rows = try transaction.orders(of: hold.purchase).compactMap { try transaction.ticket($0.ticket) }
        let shows = caller == .wallet(hold.holder) && !rows.isEmpty
        return HoldView(
            hold: hold.purchase, room: hold.room, holder: hold.holder, state: state.rawValue, count: hold.count,
            price: hold.terms.gross, total: hold.total, createdAt: hold.createdAt, expiresAt: hold.expiresAt,
            seats: state == .held ? try transaction.keptSeats(of: hold) : [],
            payments: try transaction.payments(of: hold.purchase).map { HoldPaymentView($0) },
            tickets: shows ? try boughtTickets(rows).sorted { $0.seat < $1.seat } : nil)
    }

    /// Whether a room still takes buyers in; tickets that are paid now would be of use.
    private func check(_ room: Room?, sellsAt now: Instant) throws(PurchaseRefusal) {
        guard let room else { throw .roomUnknown }
        if case .cancelled = room.state { throw .roomCancelled }
        guard room.state.allows(.sell), now < room.endsAt else { throw .roomClosed }
    }

    /// Whether a purchase that gave its seats back finds others, and a place at its price.
    private func hasRoom(
        for hold: Hold, seats: SeatUse, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        guard let room = try transaction.room(hold.room), seats.taken + seats.spokenFor + hold.count <= room.capacity
        else { return false }
        let prices = try transaction.prices(of: hold.room)
        if let offer = prices.offers.first(where: { $0.version.version == hold.terms.priceVersion }) {
            guard (offer.left ?? .max) >= hold.count else { return false }
        } else if try transaction.price(of: hold.room, version: hold.terms.priceVersion)?.places != nil {
            // A limited price that is not on the list any more has no places.
            return false
        }
        guard let id = hold.terms.voucher else { return true }
        guard let standing = try transaction.voucher(id) else { return false }
        return standing.voucher.uses - standing.used >= hold.count
    }

    /// Turns the seats of a hold into tickets.
    private func ticket(
        _ hold: Hold, seats: [Int], in sale: RoomOnSale, stamp: EntryStamp, _ transaction: borrowing Transaction
    ) throws {
        let names = (0..<hold.count).map { _ in makeNames() }
        let sales = issue(hold, names: names, seats: seats, in: sale, stamp: stamp)
        var resold: [Int: ResaleID] = [:]
        for loan in try transaction.loans(of: hold.purchase)
        where try resell(loan.resale, loan.ticket, at: stamp.postedAt, in: transaction) {
            resold[loan.seat] = loan.resale
        }
        // The money is here: nothing goes back to anybody.
        try transaction.dropLoans(of: hold.purchase)
        try transaction.releaseSeats(of: hold)
        try store(sales, in: sale, on: stamp.effectiveOn, in: transaction)
        try close(resold, by: sales, at: stamp.postedAt, transaction)
    }
}
