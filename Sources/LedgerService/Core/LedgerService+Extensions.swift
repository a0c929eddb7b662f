internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

/// What making a ticket longer costs, and the very postings of it.
public struct ExtensionOfferView: Sendable, Hashable, Encodable {
    public let ticket: TicketID
    public let room: RoomID
    public let overtime: Int
    /// When the ticket ends now.
    public let expiresAt: Instant
    /// When it will.
    public let until: Instant
    public let price: Money
    public let postings: [LegView]
    /// To be sent when it is bought: it posts exactly this, or nothing.
    public let quote: String
    /// Of the quote: never behind the ticket's end.
    public let quoteExpiresAt: Instant
}

/// What the signature of an extension's quote covers.
private struct ExtensionQuoteClaims: SealedQuote {
    static let type = "extension-quote+jwt"

    let iss: String
    let aud: String
    let jti: QuoteID
    let sub: HolderID
    let ticket: TicketID
    let price: Money
    /// ``TicketTerms/digest``: each overtime has a price of its own, so this tells them apart.
    let terms: String
    let iat: Int64
    let exp: Int64
}

/// An extension as its buyer, the host and the platform see it.
public struct ExtensionView: Sendable, Hashable, Encodable {
    public let `extension`: ExtensionID
    /// The order in which its money stands: statements and receipts name it.
    public let order: OrderID
    /// The ticket that was made longer; another one may stand in its place by now.
    public let ticket: TicketID
    public let room: RoomID
    public let holder: HolderID
    public let overtime: Int
    public let price: Money
    public let at: Instant
    public let refunded: Bool
    /// When the ticket ends now; where it was just bought.
    public let expiresAt: Instant?
    /// The ticket with its new end, for its holder; the old token stays good until the old end.
    public let token: String?

    init(_ row: ExtensionRow, expiresAt: Instant? = nil, token: String? = nil) {
        `extension` = row.id
        order = row.order
        ticket = row.ticket
        room = row.room
        holder = row.holder
        overtime = row.overtime
        price = row.amount
        at = row.at
        refunded = row.isGivenBack
        self.expiresAt = expiresAt
        self.token = token
    }
}

extension LedgerService {
    /// What the next overtime of a room costs the holder of a ticket. Nothing is written; buying it posts exactly this.
    public func extensionOffer(of ticket: TicketID, by caller: Caller) async throws -> ExtensionOfferView {
        let holder = try buyer(caller)
        let now = clock.now()
        return try await database.read { transaction in
            let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
            let context = try extending(ticket, of: holder, in: transaction)
            let offer = try BoxOffice.extensionOffer(for: context, on: stamp.effectiveOn, at: stamp.postedAt)
            let legs = PostingRecipe.sale(of: offer.terms, in: offer.overtime.room, from: .wallet(holder))
            let expiresAt = min(now.advanced(bySeconds: Self.quoteSeconds), offer.overtime.from)
            let claims = ExtensionQuoteClaims(
                iss: settings.issuer, aud: settings.issuer, jti: makeID(), sub: holder, ticket: ticket,
                price: offer.terms.gross, terms: offer.terms.digest.hex, iat: now.seconds, exp: expiresAt.seconds)
            return ExtensionOfferView(
                ticket: ticket, room: offer.overtime.room, overtime: offer.overtime.number,
                expiresAt: offer.overtime.from, until: offer.overtime.until, price: offer.terms.gross,
                postings: legs.map { LegView($0) }, quote: seal(claims, at: now), quoteExpiresAt: expiresAt)
        }
    }

    /// Makes a ticket of the caller's longer, once, from the wallet: it stays the same ticket and ends later.
    /// - Parameter price: what the caller saw.
    public func extend(
        _ ticket: TicketID, at price: Money, key: IdempotencyKey, by caller: Caller
    ) async throws -> ExtensionView {
        let command = OnceOnly("extension", by: caller, key: key, request: "\(ticket)|\(price)")
        return try await extend(ticket, at: price, nil, command, by: try buyer(caller))
    }

    /// The same at the terms of a quote, and at no others.
    public func extend(
        _ ticket: TicketID, quote token: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> ExtensionView {
        let holder = try buyer(caller)
        let claims = try open(token, as: ExtensionQuoteClaims.self, for: holder)
        guard claims.ticket == ticket else { throw QuoteRefusal.invalid }
        let command = OnceOnly("extension", by: caller, key: key, request: token)
        do {
            return try await extend(ticket, at: claims.price, claims, command, by: holder)
        } catch ExtensionRefusal.price(let now) {
            throw QuoteRefusal.price(now: now)
        }
    }

    private func extend(
        _ ticket: TicketID, at price: Money, _ claims: ExtensionQuoteClaims?, _ command: OnceOnly,
        by holder: HolderID
    ) async throws -> ExtensionView {
        let wish = ExtensionWish(order: makeID(), priceSeen: price)
        let entry: EntryID = makeID()
        let now = clock.now()
        return try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                try claims?.check(at: now)
                let stamp = try transaction.stamp(entry, at: now, calendar: settings.housePolicy.calendar)
                let context = try extending(ticket, of: holder, in: transaction)
                try checkNotBanned(holder, from: context.room, in: transaction)
                let wallet = try transaction.amount(in: .wallet(holder), price.currency)
                let made = try decideExtension(wish, of: context, wallet: wallet, stamp: stamp)
                if let claims, made.order.terms.digest.hex != claims.terms {
                    throw QuoteRefusal.price(now: made.order.gross)
                }
                try store(made, stamp, host: context.room?.host, in: transaction)
                return wish.order.text
            }
            guard let row = try OrderID(outcome).flatMap({ try transaction.extension($0) }),
                let ticket = try transaction.ticket(row.ticket)
            else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return ExtensionView(row, expiresAt: ticket.notAfter, token: token(of: ticket))
        }
    }

    private func extending(
        _ id: TicketID, of holder: HolderID, in transaction: borrowing Transaction
    ) throws -> TicketForExtension {
        // Whoever may not see a ticket does not learn whether it exists.
        guard let row = try transaction.ticket(id), row.subject == .holder(holder), let facts = row.facts,
            let order = try transaction.order(facts.order)
        else { throw ExtensionRefusal.ticketUnknown }
        let move = try transaction.moves(of: row.room, limit: 1).first
        return TicketForExtension(
            standing: TicketStanding(
                facts, isRevoked: row.revoked != nil, isReplaced: try transaction.successor(of: id) != nil),
            order: order, room: try transaction.room(row.room), overtimes: try transaction.overtimes(of: row.room),
            isAsked: try move.map { try transaction.isAsked(order, by: $0) } ?? false,
            policy: settings.policies[order.policy] ?? settings.housePolicy, taxes: settings.taxes)
    }

    private func store(
        _ made: TicketExtension, _ stamp: EntryStamp, host: HostID?, in transaction: borrowing Transaction
    ) throws {
        let order = made.order
        let sequence = try made.entry.map { try transaction.append($0).sequence }
        try transaction.insertOrder(order, sequence: sequence, soldOn: stamp.effectiveOn)
        try transaction.insertExtension(made)
        try transaction.change(
            TicketEndRow(
                ticket: made.ticket, room: order.room, kind: .extended, overtime: made.overtime, order: order.id,
                at: order.soldAt))
        func part(_ amount: Int64) -> Money { Money(amount, order.currency) }
        try transaction.tell(
            .ticketExtended, of: order.id.text, host: host, at: order.soldAt,
            EventFacts(
                order: order.id, ticket: made.ticket, room: order.room, amount: order.gross, vat: part(order.vat),
                fee: part(order.fee), endsAt: made.overtime.until))
    }

    /// Extensions of a room in the order of their making, for its host and moderators and the platform's staff.
    public func extensions(
        of room: RoomID, _ page: PageRequest, by caller: Caller
    ) async throws -> (extensions: [ExtensionView], next: String?) {
        try await database.read { transaction in
            try requireSalesReading(of: room, caller, in: transaction)
            let (rows, next) = page.page(
                try transaction.extensions(of: room, after: page.after ?? "", limit: page.limit + 1), key: \.order.text)
            return (rows.map { ExtensionView($0) }, next)
        }
    }

    /// Gives an extension back by itself, whole, before its time begins: the host or the platform takes it back, and the
    /// ticket ends where it ended before.
    public func refundExtension(
        _ id: ExtensionID, key: IdempotencyKey, by caller: Caller
    ) async throws -> ExtensionView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let command = OnceOnly("extension-refund", by: caller, key: key, request: id.text)
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard let row = try transaction.extension(id.order), let room = try transaction.room(row.room),
                // Whoever may not give it back does not learn whether it exists.
                caller.isOperator || caller == .host(room.host)
            else { throw ExtensionRefusal.unknown }
            _ = try transaction.once(command, at: now) {
                try takeBack(row, of: room, at: now, in: transaction)
                try transaction.audit(
                    actor: caller.actor, act: "extension_refunded", subject: id.text, detail: row.amount.description,
                    at: now)
                return id.text
            }
            guard let after = try transaction.extension(id.order) else { throw ExtensionRefusal.unknown }
            return ExtensionView(after)
        }
    }

    private func takeBack(
        _ row: ExtensionRow, of room: Room, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let instant = max(now, try transaction.journalHead().postedAt)
        let overtime = try transaction.overtimes(of: room.id).first { $0.number == row.overtime }
        let ticket = try transaction.lastTicket(of: row.ticketOrder).flatMap { $0.revoked == nil ? $0 : nil }
        let end = try decideExtensionRefund(
            overtime.map {
                ExtensionStanding(overtime: $0, isGivenBack: row.isGivenBack, ticketEnd: ticket?.notAfter)
            }, at: instant)
        if row.amount.isPositive {
            let request = RefundRequest(id: makeID(), authority: .platform)
            _ = try giveBack(row.order, request, reason: .refunded, entry: makeID(), at: now, in: transaction)
        }
        guard let end, let ticket, let overtime else { return }
        try transaction.change(
            TicketEndRow(
                ticket: ticket.ticket, room: room.id, kind: .shortened, overtime: overtime, order: row.order,
                at: instant))
        try transaction.tell(
            .ticketShortened, of: row.order.text, host: room.host, at: instant,
            EventFacts(order: row.order, ticket: ticket.ticket, room: room.id, amount: row.amount, endsAt: end))
    }

    // MARK: - With the ticket

    /// How the extensions of a ticket stand that go back when it does.
    func extensionsGoingBack(
        with order: OrderID, authority: RefundAuthority, at instant: Instant, in transaction: borrowing Transaction
    ) throws -> [OrderStanding] {
        let rows = try transaction.extensions(ofTicketOrder: order).filter { $0.amount.isPositive && !$0.isGivenBack }
        guard let room = rows.first?.room else { return [] }
        let overtimes = try transaction.overtimes(of: room)
        return try rows.compactMap { row in
            guard let overtime = overtimes.first(where: { $0.number == row.overtime }),
                extensionGoesBack(overtime, with: authority, at: instant)
            else { return nil }
            return try refundable(row.order, last: nil, in: transaction)
        }
    }

    /// Gives back what goes back with a ticket that has just ended.
    /// - Returns: one amount for each; `nil` for none.
    func giveBackExtensions(
        of order: OrderID, authority: RefundAuthority, reason: ReasonCode, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> [Money]? {
        let instant = max(now, try transaction.journalHead().postedAt)
        let standings = try extensionsGoingBack(with: order, authority: authority, at: instant, in: transaction)
        for standing in standings {
            let request = RefundRequest(id: makeID(), authority: .platform)
            // It has no seat that anybody could wait for: whoever ends the ticket says who gets that.
            _ = try giveBack(
                standing.order.id, request, reason: reason, entry: makeID(), serving: false, at: now, in: transaction)
        }
        return standings.isEmpty ? nil : standings.map(\.remaining)
    }
}
