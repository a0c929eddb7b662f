public import BoxOffice
internal import Foundation
public import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Tickets
public import Values

/// One leg of what a sale posts.
public struct LegView: Sendable, Hashable, Encodable {
    public let debit: String
    public let credit: String
    public let amount: Money

    init(_ leg: Leg) {
        debit = leg.debit.text
        credit = leg.credit.text
        amount = leg.amount
    }
}

/// What tickets cost and post, before they are bought. Amounts are of each ticket unless they say otherwise.
public struct QuoteView: Sendable, Hashable, Encodable {
    /// To be sent with the order; only for a wallet, since nobody else can buy.
    public let quote: String?
    /// Through whom it is paid; `nil` for the wallet.
    public let provider: ProviderName.RawValue?
    public let room: RoomID
    public let count: Int
    public let tier: String
    public let priceVersion: Int
    /// Of the price list, with what was chosen above a floor.
    public let price: Money
    /// What the voucher takes off.
    public let discount: Money
    /// What is paid.
    public let gross: Money
    public let vat: Money
    public let fee: Money
    /// What hosts and platform divide.
    public let base: Money
    /// Of that the hosts, as their brackets stand now; sales that are rated before may move it.
    public let hostShare: Money
    /// Of all tickets.
    public let total: Money
    public let policy: String
    /// What the room promises after the sale, where it has chosen terms.
    public let terms: String?
    /// The postings of one ticket.
    public let postings: [LegView]
    public let expiresAt: Instant
}

/// What the signature of a quote covers.
struct QuoteClaims: SealedQuote {
    static let type = "quote+jwt"

    let iss: String
    let aud: String
    let jti: QuoteID
    let sub: HolderID
    let room: RoomID
    let count: Int
    let tier: String
    let price: Money
    let voucher: VoucherID?
    let channel: String
    let country: String?
    let countrySource: CountryEvidence.Source?
    /// Through whom it is to be paid; `nil` for the wallet.
    let provider: ProviderName?
    /// ``TicketTerms/digest``.
    let terms: String
    let iat: Int64
    let exp: Int64

    /// What was quoted, and the digest of the terms at which it must be sold.
    func wish(at now: Instant, in transaction: borrowing Transaction) throws -> (TicketWish, SHA256Digest?) {
        try check(at: now)
        var claim = VoucherClaim.none
        if let voucher { claim = try transaction.voucher(voucher).map { .known($0) } ?? .unknown }
        let wish = TicketWish(
            room: room, count: count, tier: tier, priceSeen: price, voucher: claim, channel: channel,
            country: country.flatMap { country in
                countrySource.flatMap { CountryEvidence(country: country, source: $0) }
            })
        return (wish, SHA256Digest(hex: terms))
    }
}

extension LedgerService {
    /// What an order would cost and post; nothing is written. Anybody may ask; a wallet gets a quote that it can buy.
    /// - Parameter provider: through whom it is to be paid; `nil` for the wallet.
    public func quote(
        _ order: TicketOrder, through provider: ProviderName? = nil, by caller: Caller
    ) async throws -> QuoteView {
        let holder: HolderID? = if case .wallet(let id) = caller { id } else { nil }
        let now = clock.now()
        let (quote, share, promise) = try await database.read { transaction in
            let wish = try wish(order, in: transaction)
            let room = try transaction.room(wish.room)
            let policy = room.flatMap { settings.policies[$0.policy] } ?? settings.housePolicy
            let sale = RoomOnSale(
                room: room, prices: try transaction.prices(of: wish.room), policy: policy, taxes: settings.taxes,
                terms: try transaction.terms(of: wish.room))
            var quote = try decideQuote(
                wish, for: holder, in: sale,
                seats: try seatsNow(of: room, wanting: wish.count, at: now, in: transaction),
                at: now)
            if provider != nil {
                guard quote.total.isPositive else { throw ChargeRefusal.nothingToPay }
                quote = quote.showingFee(in: .providerFees)
            }
            return (quote, try hostShare(of: quote, in: sale, at: now, transaction), sale.terms)
        }
        let terms = quote.terms
        func money(_ minorUnits: Int64) -> Money { Money(minorUnits, terms.currency) }
        let expiresAt = Instant(seconds: now.seconds + Self.quoteSeconds)
        return QuoteView(
            quote: holder.map { sign(quote, for: $0, through: provider, at: now, until: expiresAt) },
            provider: provider?.rawValue, room: quote.room, count: quote.count, tier: quote.tier,
            priceVersion: terms.priceVersion,
            price: money(terms.price.minorUnits + terms.extra), discount: money(terms.discount), gross: terms.gross,
            vat: money(terms.vat), fee: money(terms.fee), base: money(terms.gross.minorUnits - terms.vat - terms.fee),
            hostShare: share, total: quote.total, policy: terms.policy, terms: promise,
            postings: quote.legs.map { LegView($0) },
            expiresAt: expiresAt)
    }

    /// Buys what a quote says from the wallet, once, and nothing else.
    public func buy(quote token: String, key: IdempotencyKey, by caller: Caller) async throws -> PurchaseView {
        let holder = try buyer(caller)
        let command = OnceOnly("order", by: caller, key: key, request: token)
        let claims = try claims(of: token, for: holder, through: nil)
        return try await asQuoted {
            try await buy(
                command, by: holder, foreseeing: (claims.room, claims.price.currency), at: clock.now()
            ) { transaction, now in
                try claims.wish(at: now, in: transaction)
            }
        }
    }

    /// What a quote says, if it was made here, for this wallet and this way of paying.
    func claims(
        of token: String, for holder: HolderID, through provider: ProviderName?
    ) throws(QuoteRefusal) -> QuoteClaims {
        let claims = try open(token, as: QuoteClaims.self, for: holder)
        guard claims.provider == provider else { throw .way }
        return claims
    }

    /// Says what a refusal of the sale means for somebody who has a quote.
    func asQuoted<Sold>(_ sell: () async throws -> Sold) async throws -> Sold {
        do {
            return try await sell()
        } catch let refusal as PurchaseRefusal {
            if let meant = QuoteRefusal(refusal) { throw meant }
            throw refusal
        }
    }

    private func sign(
        _ quote: Quote, for holder: HolderID, through provider: ProviderName?, at now: Instant, until expiry: Instant
    ) -> String {
        let terms = quote.terms
        let claims = QuoteClaims(
            iss: settings.issuer, aud: settings.issuer, jti: makeID(), sub: holder, room: quote.room,
            count: quote.count, tier: quote.tier, price: Money(terms.price.minorUnits + terms.extra, terms.currency),
            voucher: terms.voucher, channel: terms.channel, country: terms.country?.country,
            countrySource: terms.country?.source, provider: provider, terms: terms.digest.hex, iat: now.seconds,
            exp: expiry.seconds)
        return seal(claims, at: now)
    }

    /// The seats as a reader sees them: those of overdue holds count as free, though nobody has written it down.
    func seatsNow(
        of room: Room?, wanting count: Int, at instant: Instant, in transaction: borrowing Transaction
    ) throws -> SeatUse {
        guard let room else { return SeatUse(taken: 0, gaps: [], highest: 0) }
        let seats = try transaction.seatUse(of: room.id, wanting: count)
        let waits = try transaction.hasQueue(for: room.id)
        guard waits || seats.taken + count > room.capacity else { return seats }
        let overdue = try transaction.overdueSeats(of: room.id, at: instant)
        let free = room.capacity - (seats.taken - overdue)
        let now = SeatUse(taken: seats.taken - overdue, gaps: [], highest: seats.highest).takingOver(
            try takeovers(in: room, limit: count - free, at: instant, in: transaction).map(\.seat))
        // A reader offers nothing to anybody: where somebody's turn is next, the seats are theirs for now.
        return try waits && isSpokenFor(room, free: now.left(of: room.capacity), at: instant, in: transaction)
            ? now.spokenFor(of: room.capacity) : now
    }

    /// R1 over the brackets as they stand, ticket by ticket.
    private func hostShare(
        of quote: Quote, in sale: RoomOnSale, at now: Instant, _ transaction: borrowing Transaction
    ) throws -> Money {
        let currency = quote.terms.currency
        guard let room = sale.room, let tiers = sale.policy.tiers[currency], quote.terms.gross.isPositive else {
            return .zero(currency)
        }
        var use = try transaction.tierUse(of: TierKey(host: room.host, currency: currency))
        let order = Order(
            id: makeID(), room: room.id, owner: room.host, cohosts: room.cohosts, holder: quote.holder ?? makeID(),
            ticket: makeID(), terms: quote.terms, soldAt: now)
        guard let order else { return .zero(currency) }
        return Money(rate(order, over: tiers, use: &use).hostShare, currency)
    }
}
