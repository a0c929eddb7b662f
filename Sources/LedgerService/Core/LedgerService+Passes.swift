public import BoxOffice
internal import Foundation
public import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Tickets
public import Values

/// What the signature of a pass's quote covers.
private struct PassQuoteClaims: SealedQuote {
    static let type = "pass-quote+jwt"

    let iss: String
    let aud: String
    let jti: QuoteID
    let sub: HolderID
    let series: SeriesID
    let price: Money
    let country: String?
    let countrySource: CountryEvidence.Source?
    /// ``PassTerms/digest``.
    let terms: String
    let iat: Int64
    let exp: Int64

    var evidence: CountryEvidence? {
        country.flatMap { country in countrySource.flatMap { CountryEvidence(country: country, source: $0) } }
    }
}

extension LedgerService {
    /// What a pass would cost and post; nothing is written. Anybody may ask; a wallet gets a quote that it can buy.
    public func passQuote(
        of id: SeriesID, for country: CountryEvidence? = nil, by caller: Caller
    ) async throws -> PassQuoteView {
        let holder: HolderID? = if case .wallet(let id) = caller { id } else { nil }
        let now = clock.now()
        let expiresAt = now.advanced(bySeconds: Self.quoteSeconds)
        let (terms, parts) = try await database.read { transaction in
            let sale = try seriesOnSale(id, in: transaction)
            var seats: [SeatUse] = []
            for one in sale.rooms {
                seats.append(try seatsNow(of: one.room, wanting: 1, at: now, in: transaction))
            }
            let terms = try decidePassQuote(in: sale, for: country, seats: seats, at: now)
            return (terms, try partViews(of: terms, in: sale, for: holder, at: now, transaction))
        }
        let claims = holder.map { holder in
            PassQuoteClaims(
                iss: settings.issuer, aud: settings.issuer, jti: makeID(), sub: holder, series: id, price: terms.price,
                country: country?.country, countrySource: country?.source, terms: terms.digest.hex, iat: now.seconds,
                exp: expiresAt.seconds)
        }
        return PassQuoteView(
            quote: claims.map { seal($0, at: now) }, series: id, offerVersion: terms.offer.version, price: terms.price,
            parts: parts,
            expiresAt: expiresAt)
    }

    /// What falls on each room; the hosts' shares as their brackets stand now (R1), one room after the other.
    private func partViews(
        of terms: PassTerms, in sale: SeriesOnSale, for holder: HolderID?, at now: Instant,
        _ transaction: borrowing Transaction
    ) throws -> [PassPartView] {
        let currency = terms.price.currency
        let payer = holder.map { Account.wallet($0) } ?? Quote.anybodysWallet
        var use = try sale.series.map { try transaction.tierUse(of: TierKey(host: $0.host, currency: currency)) }
        var views: [PassPartView] = []
        for (one, part) in zip(sale.rooms, terms.parts) {
            func money(_ minorUnits: Int64) -> Money { Money(minorUnits, currency) }
            var share = Money.zero(currency)
            if let room = one.room, let tiers = one.policy.tiers[currency], part.share.isPositive, var used = use,
                let order = Order(
                    id: makeID(), room: room.id, owner: room.host, cohosts: room.cohosts, holder: holder ?? makeID(),
                    ticket: makeID(), terms: part.terms, soldAt: now)
            {
                share = money(rate(order, over: tiers, use: &used).hostShare)
                use = used
            }
            views.append(
                PassPartView(
                    room: part.room, weight: money(part.weight), share: part.share, vat: money(part.terms.vat),
                    fee: money(part.terms.fee),
                    base: money(part.share.minorUnits - part.terms.vat - part.terms.fee), hostShare: share,
                    postings: PostingRecipe.sale(of: part.terms, in: part.room, from: payer).map { LegView($0) }))
        }
        return views
    }

    /// Buys what a quote says, once, and nothing else: a seat in every room or nothing, in one transaction.
    public func buyPass(quote token: String, key: IdempotencyKey, by caller: Caller) async throws -> SeriesPassView {
        let holder = try buyer(caller)
        let command = OnceOnly("series-pass", by: caller, key: key, request: token)
        let claims = try open(token, as: PassQuoteClaims.self, for: holder)
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                try claims.check(at: now)
                return try sellPass(claims, to: holder, at: now, in: transaction).text
            }
            guard let pass = try SeriesPassID(outcome).flatMap({ try transaction.pass($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return try passView(pass, for: caller, at: now, in: transaction)
        }
    }

    private func sellPass(
        _ claims: PassQuoteClaims, to holder: HolderID, at now: Instant, in transaction: borrowing Transaction
    ) throws -> SeriesPassID {
        let sale = try seriesOnSale(claims.series, in: transaction)
        for one in sale.rooms { try checkNotBanned(holder, from: one.room, in: transaction) }
        let names = sale.rooms.map { _ in makeNames() }
        let stamp = try transaction.stamp(
            names.first?.entry ?? makeID(), at: now, calendar: settings.housePolicy.calendar)
        let terms = try decidePassTerms(in: sale, for: claims.evidence, at: stamp.postedAt)
        guard terms.digest.hex == claims.terms else { throw QuoteRefusal.price(now: terms.price) }
        var seats: [SeatUse] = []
        for one in sale.rooms {
            seats.append(try freeSeats(in: one.room, wanting: 1, at: stamp.postedAt, in: transaction))
        }
        let request = PassRequest(pass: makeID(), holder: holder, country: claims.evidence, names: names)
        let wallet = try transaction.amount(in: .wallet(holder), terms.price.currency)
        let sold = try decidePassSale(request, in: sale, seats: seats, wallet: wallet, stamp: stamp)
        for (one, room) in zip(sold.sales, sale.rooms) {
            try store([one], in: room, on: stamp.effectiveOn, in: transaction)
        }
        try transaction.insertPass(sold)
        let pass = sold.pass
        try transaction.tell(
            .passSold, of: pass.id.text, host: sale.series?.host, at: pass.soldAt,
            EventFacts(
                purchase: pass.id.purchase, pass: pass.id, series: pass.series, amount: pass.price,
                count: sold.sales.count))
        return pass.id
    }

    /// A pass for its buyer, the host of its series and the platform's staff.
    public func pass(_ id: SeriesPassID, by caller: Caller) async throws -> SeriesPassView {
        let now = clock.now()
        return try await database.read { transaction in
            let (pass, _) = try seenPass(id, by: caller, in: transaction)
            return try passView(pass, for: caller, at: now, in: transaction)
        }
    }

    /// The pass and its series; whoever may not see it does not learn whether it exists.
    func seenPass(
        _ id: SeriesPassID, by caller: Caller, in transaction: borrowing Transaction
    ) throws -> (pass: SeriesPass, series: Series) {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let pass = try transaction.pass(id), let series = try transaction.series(pass.series) else {
            throw SeriesRefusal.passUnknown
        }
        switch caller {
        case .operator, .finance, .auditor, .wallet(pass.holder), .host(series.host): return (pass, series)
        case .wallet, .host, .moderator, .gateway, .anybody: throw SeriesRefusal.passUnknown
        }
    }

    /// Passes of a series in the order of their sale, for its host and the platform's staff.
    public func passes(
        of id: SeriesID, _ page: PageRequest, by caller: Caller
    ) async throws -> (passes: [PassLine], next: String?) {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        return try await database.read { transaction in
            guard let series = try transaction.series(id) else { throw SeriesRefusal.unknown }
            switch caller {
            case .operator, .finance, .auditor, .host(series.host): break
            case .wallet, .host, .moderator, .gateway, .anybody:
                throw EdgeRefusal.keyScope("host of the series, operator, finance, auditor")
            }
            let (rows, next) = page.page(
                try transaction.passes(of: id, after: page.after ?? "", limit: page.limit + 1), key: \.id.text)
            return (rows.map { PassLine($0) }, next)
        }
    }

    /// Passes that the caller's wallet bought, in the order of their purchase.
    public func passes(
        _ page: PageRequest, by caller: Caller
    ) async throws -> (passes: [PassLine], next: String?) {
        let holder = try buyer(caller)
        return try await database.read { transaction in
            let (rows, next) = page.page(
                try transaction.passes(of: holder, after: page.after ?? "", limit: page.limit + 1), key: \.id.text)
            return (rows.map { PassLine($0) }, next)
        }
    }

    func passView(
        _ pass: SeriesPass, for caller: Caller, at now: Instant, in transaction: borrowing Transaction
    ) throws -> SeriesPassView {
        guard let series = try transaction.series(pass.series) else {
            throw StoreFault.corrupt(column: "series_passes.series")
        }
        var tickets: [PassTicketView] = []
        for part in try transaction.orders(of: pass.id) {
            guard let room = try transaction.room(part.room), let order = try transaction.order(part.order),
                let last = try transaction.lastTicket(of: part.order)
            else { throw StoreFault.corrupt(column: "series_pass_orders.order_id") }
            let isBuyers = last.subject == .holder(pass.holder)
            let isBuyer = caller == .wallet(pass.holder)
            // The buyer does not learn the name of a ticket that another person holds now.
            let shown = isBuyers || !isBuyer ? last.ticket : order.ticket
            let view = TicketView(last, at: now, token: nil)
            tickets.append(
                PassTicketView(
                    room: room.id, title: room.title, startsAt: room.startsAt, endsAt: room.endsAt, order: order.id,
                    ticket: shown, share: part.share, state: isBuyers ? view.state.rawValue : "passed_on",
                    seat: isBuyers || !isBuyer ? last.seat : nil,
                    token: isBuyers && isBuyer && last.revoked == nil ? token(of: last) : nil,
                    link: "/v1/tickets/\(shown)", page: "/r/\(room.id)"))
        }
        return SeriesPassView(
            pass: pass.id, series: series.id, title: series.title, purchase: pass.id.purchase, holder: pass.holder,
            price: pass.price, soldAt: pass.soldAt, tickets: tickets)
    }
}
