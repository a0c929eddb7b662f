public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
internal import Tickets
public import Values

/// What a buyer orders.
public struct TicketOrder: Sendable, Hashable {
    public var room: RoomID
    public var count: Int
    /// The tier by name; `nil` for the one that the room shows.
    public var tier: String?
    /// The price of one ticket that was seen, or chosen above a floor; `nil` only where it is asked for.
    public var price: Money?
    /// The code of a voucher.
    public var voucher: String?
    public var channel: String?
    public var country: CountryEvidence?

    public init(
        room: RoomID, count: Int = 1, tier: String? = nil, price: Money? = nil, voucher: String? = nil,
        channel: String? = nil, country: CountryEvidence? = nil
    ) {
        self.room = room
        self.count = count
        self.tier = tier
        self.price = price
        self.voucher = voucher
        self.channel = channel
        self.country = country
    }

    /// All that it says, in one line, for idempotency: two orders with the same line are the same order.
    var line: String {
        let rest = [
            count == 1 ? nil : "count=\(count)", tier.map { "tier=\($0)" }, voucher.map { "voucher=\($0)" },
            channel.map { "channel=\($0)" }, country.map { "country=\($0.country)/\($0.source.rawValue)" },
        ]
        return (["\(room)", price.map(\.description) ?? ""] + rest.compactMap(\.self)).joined(separator: "|")
    }
}

/// A ticket of a purchase, with its token.
public struct BoughtTicket: Sendable, Hashable, Encodable {
    public let order: OrderID
    public let ticket: TicketID
    public let token: String
    public let seat: Int
}

/// What was bought: the first ticket, and all of them where there are several.
public struct PurchaseView: Sendable, Hashable, Encodable {
    public let order: OrderID
    public let ticket: TicketID
    public let room: RoomID
    public let token: String
    public let seat: Int
    /// Of each ticket.
    public let price: Money
    public let notBefore: Instant
    public let expiresAt: Instant
    /// Of tickets that were bought together.
    public let purchase: PurchaseID?
    public let total: Money?
    public let tickets: [BoughtTicket]?
}

/// A refund that was booked.
public struct RefundView: Sendable, Hashable, Codable {
    public let refund: RefundID
    public let order: OrderID
    public let ticket: TicketID
    public let amount: Money
    /// What can still be given back.
    public let remaining: Money
    /// Whether the ticket ended with it.
    public let revoked: Bool
    /// What came back with it of the ticket's extensions, one each.
    public var extensions: [Money]?
}

extension LedgerService {
    /// Sells one ticket from the caller's wallet.
    public func buy(
        _ room: RoomID, at price: Money, key: IdempotencyKey, by caller: Caller
    ) async throws -> PurchaseView {
        try await buy(TicketOrder(room: room, price: price), key: key, by: caller)
    }

    /// Sells tickets from the caller's wallet: seats, orders, tickets and journal entries in one transaction, all or
    /// none of them.
    ///
    /// The same key and request give the same tickets, their tokens to the byte.
    public func buy(_ order: TicketOrder, key: IdempotencyKey, by caller: Caller) async throws -> PurchaseView {
        let holder = try buyer(caller)
        let command = OnceOnly("order", by: caller, key: key, request: order.line)
        return try await buy(command, by: holder, foreseeing: (order.room, order.price?.currency), at: clock.now()) {
            transaction, now in
            (try wish(order, in: transaction), nil)
        }
    }

    /// Whose wallet pays.
    func buyer(_ caller: Caller) throws -> HolderID {
        guard case .wallet(let holder) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("wallet")
        }
        return holder
    }

    /// Sells what a wish says, once.
    /// - Parameters:
    ///   - foreseen: what is bought and in which currency, where it is known already.
    ///   - read: gives the wish and, for a quote, the digest of the terms at which it must be sold.
    func buy(
        _ command: OnceOnly, by holder: HolderID, foreseeing foreseen: (room: RoomID, currency: Currency?),
        at now: Instant,
        _ read: @escaping @Sendable (borrowing Transaction, Instant) throws -> (TicketWish, SHA256Digest?)
    ) async throws -> PurchaseView {
        defer { bell.ringIfOwed() }
        let foresight = command.foresight { transaction in
            transaction.foreseePayment(from: holder, in: foreseen.currency)
            transaction.foreseeSale(of: foreseen.room)
        }
        let (orders, tickets) = try await database.write(foreseeing: foresight) { transaction in
            var sold: (orders: [Order], tickets: [TicketRow])?
            let outcome = try transaction.once(command, at: now) {
                let (wish, digest) = try read(transaction, now)
                let fresh = try sell(wish, at: digest, to: holder, at: now, in: transaction)
                sold = fresh
                return fresh.orders.map(\.id.text).joined(separator: ",")
            }
            // What was stored a moment ago needs no reading; a repeated command finds it by its outcome.
            return try sold ?? bought(outcome.split(separator: ",").map { OrderID($0) }, in: transaction)
        }
        return try purchaseView(orders, tickets)
    }

    /// Orders and their tickets as they were sold.
    func bought(
        _ ids: [OrderID?], in transaction: borrowing Transaction
    ) throws -> (orders: [Order], tickets: [TicketRow]) {
        var orders: [Order] = []
        var tickets: [TicketRow] = []
        for id in ids {
            guard let id, let order = try transaction.order(id), let ticket = try transaction.ticket(order.ticket)
            else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            orders.append(order)
            tickets.append(ticket)
        }
        return (orders, tickets)
    }

    private func purchaseView(_ orders: [Order], _ tickets: [TicketRow]) throws -> PurchaseView {
        let all = try boughtTickets(tickets)
        guard let first = all.first, let order = orders.first, let row = tickets.first else {
            throw StoreFault.corrupt(column: "idempotency_keys.outcome")
        }
        let isGroup = all.count > 1
        let total = Money(order.gross.minorUnits * Int64(all.count), order.currency)
        return PurchaseView(
            order: first.order, ticket: first.ticket, room: row.room, token: first.token, seat: first.seat,
            price: order.gross, notBefore: row.notBefore, expiresAt: row.notAfter, purchase: order.purchase,
            total: isGroup ? total : nil, tickets: isGroup ? all : nil)
    }

    func boughtTickets(_ rows: [TicketRow]) throws -> [BoughtTicket] {
        try rows.map { row in
            guard let order = row.order, let seat = row.seat else { throw StoreFault.corrupt(column: "tickets.seat") }
            return BoughtTicket(order: order, ticket: row.ticket, token: token(of: row), seat: seat)
        }
    }

    /// Sells what a wish says: seats, orders, tickets and entries.
    func sell(
        _ wish: TicketWish, at digest: SHA256Digest?, to holder: HolderID, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> (orders: [Order], tickets: [TicketRow]) {
        guard (1...TicketWish.maximumCount).contains(wish.count) else {
            throw PurchaseRefusal.count(most: TicketWish.maximumCount)
        }
        // Ids are made here: a command that was carried out before needs none.
        let names = (0..<wish.count).map { _ in makeNames() }
        let stamp = try transaction.stamp(names[0].entry, at: now, calendar: settings.housePolicy.calendar)
        let sale = try roomOnSale(wish, at: stamp.postedAt, in: transaction)
        try checkNotBanned(holder, from: sale.room, in: transaction)
        let request = PurchaseRequest(
            wish: wish, holder: holder, purchase: wish.count == 1 ? nil : makeID(), names: names)
        let seats = try freeSeats(
            in: sale.room, wanting: wish.count, takingOver: true, at: stamp.postedAt, in: transaction)
        let currency = wish.priceSeen?.currency ?? sale.prices.shown(at: stamp.postedAt)?.version.price.currency ?? .eur
        let wallet = try transaction.amount(in: .wallet(holder), currency)
        let sales = try decidePurchase(request, in: sale, seats: seats, wallet: wallet, stamp: stamp)
        if let digest, let sold = sales.first, sold.order.terms.digest != digest {
            throw QuoteRefusal.price(now: sold.order.gross)
        }
        var resold: [Int: ResaleID] = [:]
        if !seats.offeredBack.isEmpty, let room = sale.room {
            resold = try resell(sales.map(\.ticket.seat), in: room, at: stamp.postedAt, transaction)
        }
        let tickets = try store(sales, in: sale, on: stamp.effectiveOn, in: transaction)
        try close(resold, by: sales, at: stamp.postedAt, transaction)
        if let sold = sales.first?.order {
            let name = sold.purchase?.text ?? sold.id.text
            try count(sold.terms, times: sales.count, for: name, in: sale, at: now, transaction)
        }
        return (sales.map(\.order), tickets)
    }

    func makeNames() -> TicketNames { TicketNames(order: makeID(), ticket: makeID(), entry: makeID()) }

    /// Appends what was sold: entries, orders, tickets and their seats.
    /// - Returns: the tickets as they are stored.
    @discardableResult
    func store(
        _ sales: [Sale], in sale: RoomOnSale, on day: LocalDay, in transaction: borrowing Transaction
    ) throws -> [TicketRow] {
        var tickets: [TicketRow] = []
        for sold in sales {
            let sequence = try sold.entry.map { try transaction.append($0).sequence }
            try transaction.insertOrder(sold.order, sequence: sequence, soldOn: day)
            let facts = sold.ticket
            let ticket = TicketRow(
                ticket: facts.id, order: facts.order, room: facts.room, seat: facts.seat,
                subject: .holder(facts.holder), role: .listener, name: nil, policy: facts.policy,
                issuedAt: facts.issuedAt, notBefore: facts.notBefore, notAfter: facts.notAfter)
            try transaction.insertTicket(ticket, capacity: sale.room?.capacity ?? facts.seat)
            try transaction.tellSale(sold.order, seat: facts.seat)
            tickets.append(ticket)
        }
        return tickets
    }

    /// Gives a ticket's money back to its holder's wallet, all of it or a part, and ends the ticket if nothing is left.
    public func refund(
        _ ticket: TicketID, amount: Money? = nil, key: IdempotencyKey, by caller: Caller
    ) async throws -> RefundView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let command = OnceOnly(
            "refund", by: caller, key: key, request: "\(ticket)|\(amount?.description ?? "all")")
        let id: RefundID = makeID()
        let entry: EntryID = makeID()
        let now = clock.now()
        let outcome = try await tellingGateways { transaction in
            try transaction.once(command, at: now) {
                guard let row = try transaction.ticket(ticket), let order = row.order else {
                    throw RefundRefusal.ticketUnknown
                }
                let authority = try authority(of: caller, over: row, in: transaction)
                guard try row.revoked == nil || transaction.successor(of: ticket) == nil else {
                    throw RefundRefusal.replaced
                }
                if authority == .holder, let until = try transaction.lentUntil(ticket), now < until {
                    throw ResaleRefusal.lent(until: until)
                }
                let request = RefundRequest(id: id, amount: amount, authority: authority)
                let view = try giveBack(
                    order, request, reason: .refunded, entry: entry, at: now, in: transaction)
                if authority == .platform {
                    try transaction.audit(
                        actor: caller.actor, act: "ticket_refunded", subject: ticket.text,
                        detail: view.amount.description, at: now)
                }
                return text(of: view)
            }
        }
        return try value(RefundView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    func authority(
        of caller: Caller, over ticket: TicketRow, in transaction: borrowing Transaction
    ) throws -> RefundAuthority {
        switch caller {
        case .operator: return .platform
        case .wallet(let holder) where ticket.subject == .holder(holder): return .holder
        case .host(let host):
            if try transaction.room(ticket.room)?.host == host { return .platform }
        case .wallet, .moderator, .finance, .auditor, .gateway, .anybody: break
        }
        // Whoever may not see a ticket does not learn whether it exists.
        throw RefundRefusal.ticketUnknown
    }

    /// Gives money of an order back to whoever holds its ticket now, and ends the ticket if nothing is left.
    /// - Parameters:
    ///   - serving: whether its seat goes to whoever waits; not where somebody has bought it.
    ///   - withExtensions: whether those of a ticket that ends go back with it.
    func giveBack(
        _ id: OrderID, _ request: RefundRequest, reason: ReasonCode, entry: EntryID, serving: Bool = true,
        withExtensions: Bool = true, at now: Instant, in transaction: borrowing Transaction
    ) throws -> RefundView {
        let last = try transaction.lastTicket(of: id)
        let standing = try refundable(id, last: last, in: transaction)
        let room = try standing.flatMap { try transaction.room($0.order.room) }
        let policy = standing.flatMap { settings.policies[$0.order.policy] } ?? settings.housePolicy
        let stamp = try transaction.stamp(entry, at: now, calendar: settings.housePolicy.calendar)
        if standing?.order.isFree ?? false {
            let view = try giveBackFree(
                request, standing: standing, last: last, room: room, reason: reason, at: stamp.postedAt,
                in: transaction)
            if let order = standing?.order { try returnPlace(of: order, under: policy, at: now, in: transaction) }
            if serving, let room { try serveQueue(of: room.id, at: stamp.postedAt, in: transaction) }
            return view
        }
        guard let order = standing?.order else { throw RefundRefusal.ticketUnknown }
        let decision = try decideRefund(
            request, standing: standing, room: room,
            under: try conditions(of: order, last: last, in: transaction), stamp: stamp)
        let chained = try transaction.append(decision.entry)
        let refund = decision.refund
        try transaction.insertReversal(
            refund, gross: order.gross.minorUnits, sequence: chained.sequence, reason: reason.text)
        if decision.endsTicket, let ticket = last, ticket.revoked == nil {
            if decision.settles {
                try transaction.settle(order.id, by: ticket.ticket, because: reason.text, at: stamp.postedAt)
            }
            try transaction.revoke(ticket, because: reason, at: stamp.postedAt)
            try returnPlace(of: order, under: policy, at: now, in: transaction)
        }
        var view = RefundView(
            refund: refund.id, order: order.id, ticket: last?.ticket ?? order.ticket, amount: refund.amount,
            remaining: Money(order.gross.minorUnits - refund.reversedAfter, order.currency),
            revoked: decision.endsTicket && last != nil)
        try transaction.tellRefund(view, of: order, at: stamp.postedAt)
        if view.revoked, withExtensions {
            view.extensions = try giveBackExtensions(
                of: order.id, authority: request.authority, reason: reason, at: now, in: transaction)
        }
        if decision.endsTicket, serving { try serveQueue(of: order.room, at: stamp.postedAt, in: transaction) }
        return view
    }

    /// A limited price has its place again, where the policy says so.
    func returnPlace(
        of order: Order, under policy: SalePolicy, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard policy.returnsTierPlaces, let price = try transaction.price(of: order.room, version: order.priceVersion)
        else { return }
        try transaction.takePlaces(-1, at: price, for: order.id.text, at: now)
    }

    /// A ticket that cost nothing ends without an entry: its seat is free again.
    private func giveBackFree(
        _ request: RefundRequest, standing: OrderStanding?, last: TicketRow?, room: Room?, reason: ReasonCode,
        at now: Instant, in transaction: borrowing Transaction
    ) throws -> RefundView {
        guard let standing, let room, let ticket = last else { throw RefundRefusal.ticketUnknown }
        let order = standing.order
        let nothing = Money.zero(order.currency)
        guard ticket.revoked == nil else { throw RefundRefusal.alreadyRefunded }
        if request.authority == .holder {
            let conditions = try conditions(of: order, last: ticket, in: transaction)
            _ = try BoxOffice.refundOffer(of: standing, in: room, under: conditions, at: now)
        }
        guard request.amount == nil || request.amount == nothing else {
            throw RefundRefusal.exceedsOrder(remaining: nothing)
        }
        try transaction.revoke(ticket, because: reason, at: now)
        var view = RefundView(
            refund: request.id, order: order.id, ticket: ticket.ticket, amount: nothing, remaining: nothing,
            revoked: true)
        try transaction.tellRefund(view, of: order, at: now)
        view.extensions = try giveBackExtensions(
            of: order.id, authority: request.authority, reason: reason, at: now, in: transaction)
        return view
    }
}
