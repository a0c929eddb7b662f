public import Ledger
public import Values

/// What one ticket of a pass costs: the part that falls on its room.
public struct PassPart: Hashable, Sendable {
    public let room: RoomID
    /// What the room shows as its price at that moment, minor units: the weight by which the pass is divided.
    public let weight: Int64
    public let terms: TicketTerms

    public var share: Money { terms.gross }
}

/// What a pass costs, and how that is divided over its rooms: the same in a quote and in the sale.
public struct PassTerms: Hashable, Sendable {
    public let offer: SeriesOffer
    /// In the order of the series. Their shares add up to the price of the pass.
    public let parts: [PassPart]

    public var price: Money { offer.price }

    /// What a signed quote pins: every part's room, weight and terms.
    public var digest: SHA256Digest {
        let lines = parts.map { "\($0.room)|\($0.weight)|\($0.terms.digest.hex)" }
        return SHA256Digest(of: (["\(offer.series)|\(offer.version)|\(price)"] + lines).joined(separator: "\n"))
    }
}

/// The names of a pass to be, one for the ticket of each room.
public struct PassRequest: Hashable, Sendable {
    public let pass: SeriesPassID
    public let holder: HolderID
    public let country: CountryEvidence?
    public let names: [TicketNames]

    public init(pass: SeriesPassID, holder: HolderID, country: CountryEvidence? = nil, names: [TicketNames]) {
        self.pass = pass
        self.holder = holder
        self.country = country
        self.names = names
    }
}

/// A pass as it was sold. Never changes: what becomes of its tickets is told by their orders.
public struct SeriesPass: Hashable, Sendable {
    public let id: SeriesPassID
    public let series: SeriesID
    /// Of ``SeriesOffer``.
    public let version: Int
    public let holder: HolderID
    public let price: Money
    public let soldAt: Instant

    public init(
        id: SeriesPassID, series: SeriesID, version: Int, holder: HolderID, price: Money, soldAt: Instant
    ) {
        self.id = id
        self.series = series
        self.version = version
        self.holder = holder
        self.price = price
        self.soldAt = soldAt
    }
}

/// A pass that was decided: everything that has to be stored, in one transaction.
public struct PassSale: Hashable, Sendable {
    public let pass: SeriesPass
    public let terms: PassTerms
    /// One a room, in the order of the series.
    public let sales: [Sale]
}

/// Says what a pass costs now and what falls on each room.
///
/// Checks in this order: the series is there; it is not withdrawn; none of its rooms is cancelled; its sale has not ended,
/// which it has when a room was closed or is over; room by room, that its own sale has begun and that it is sold in the
/// currency; that the pass costs no more than its rooms.
///
/// The price is divided by largest remainder with the prices that the rooms show as weights, ties to the smaller room;
/// a floor counts as its least, a room that costs nothing gets nothing. So no ticket of a pass costs more than the room
/// does. Tax and fee are those of each ticket. A pass has no tier, takes no places and no voucher, and is paid from a
/// wallet.
public func decidePassTerms(
    in sale: SeriesOnSale, for country: CountryEvidence?, at instant: Instant
) throws(SeriesRefusal) -> PassTerms {
    guard let series = sale.series, let offer = sale.offer, sale.rooms.count == series.rooms.count,
        sale.versions.count == series.rooms.count
    else { throw .unknown }
    guard !offer.isWithdrawn else { throw .withdrawn }
    for (id, one) in zip(series.rooms, sale.rooms) {
        if case .cancelled = one.room?.state { throw .roomCancelled(id) }
    }
    if let end = sale.saleEnds, instant >= end { throw .over(endedAt: end) }
    var weights: [(key: String, weight: Int64)] = []
    for (id, one) in zip(series.rooms, sale.rooms) {
        guard let room = one.room else { throw .unknown }
        if let opensAt = room.saleOpensAt, instant < opensAt { throw .roomNotOpen(id, opensAt: opensAt) }
        guard isSold(one, in: series.currency, at: instant), let shown = one.prices.shown(at: instant) else {
            throw .currency(id)
        }
        weights.append((id.text, shown.version.price.minorUnits))
    }
    let together = weights.reduce(Int64(0)) { $0 + $1.weight }
    guard offer.price.minorUnits <= together else { throw .dearer(rooms: Money(together, series.currency)) }
    let shares =
        together == 0 ? weights.map { _ in 0 } : largestRemainder(offer.price.minorUnits, by: weights)
    let parts = sale.rooms.indices.map { index in
        PassPart(
            room: series.rooms[index], weight: weights[index].weight,
            terms: passTicketTerms(
                Money(shares[index], series.currency), version: sale.versions[index], in: sale.rooms[index],
                for: country, at: instant))
    }
    return PassTerms(offer: offer, parts: parts)
}

/// A ticket at a floor of nothing, above which it has its part of the pass.
private func passTicketTerms(
    _ share: Money, version: Int, in sale: RoomOnSale, for country: CountryEvidence?, at instant: Instant
) -> TicketTerms {
    let policy = sale.policy
    let tax = policy.tax(in: share, for: country, on: policy.calendar.businessDay(of: instant), by: sale.taxes)
    guard let kept = policy.fee(of: share, through: SalePolicy.walletChannel),
        let terms = TicketTerms(
            priceVersion: version, isFloor: true, price: .zero(share.currency), extra: share.minorUnits, gross: share,
            vat: tax.amount.minorUnits, vatAccount: tax.account,
            // A fixed fee on a part that is less than it: the store keeps what there is.
            fee: min(kept.amount.minorUnits, share.minorUnits - tax.amount.minorUnits), feeAccount: kept.account,
            feeIsRefundable: policy.feeIsRefundable, policy: policy.id, country: country)
    else { preconditionFailure("A policy that was checked has a fee for wallets, and a part is a positive amount.") }
    return terms
}

/// Sells a pass from the wallet: a seat in every room or nothing.
///
/// Checks what ``decidePassTerms(in:for:at:)`` checks; then that a pass is left; room by room that a seat is free; then
/// that the wallet has the money.
///
/// - Parameters:
///   - seats: of each room, in the order of the series.
///   - wallet: what the wallet holds in the currency of the series.
///   - stamp: `stamp.postedAt` is the instant of the sale.
public func decidePassSale(
    _ request: PassRequest, in sale: SeriesOnSale, seats: [SeatUse], wallet: Money, stamp: EntryStamp
) throws(SeriesRefusal) -> PassSale {
    let terms = try decidePassTerms(in: sale, for: request.country, at: stamp.postedAt)
    precondition(
        seats.count == terms.parts.count && request.names.count == seats.count,
        "Every room of a pass has its seats and names.")
    try checkLeft(terms, in: sale, seats: seats)
    guard wallet.currency == terms.price.currency, wallet.minorUnits >= terms.price.minorUnits else {
        throw .insufficientFunds(missing: Money(terms.price.minorUnits - wallet.minorUnits, terms.price.currency))
    }
    var sales: [Sale] = []
    for (index, part) in terms.parts.enumerated() {
        guard let room = sale.rooms[index].room else { throw .unknown }
        let one = PurchaseRequest(
            wish: TicketWish(room: part.room), holder: request.holder, purchase: request.pass.purchase,
            names: [request.names[index]])
        sales += issue(
            part.terms, to: one, seats: [seats[index].lowestFree], in: room, of: sale.rooms[index], stamp: stamp)
    }
    let pass = SeriesPass(
        id: request.pass, series: terms.offer.series, version: terms.offer.version, holder: request.holder,
        price: terms.price, soldAt: stamp.postedAt)
    return PassSale(pass: pass, terms: terms, sales: sales)
}

/// Shows what a sale would decide, and takes nothing: the same checks in the same order, without the wallet.
public func decidePassQuote(
    in sale: SeriesOnSale, for country: CountryEvidence?, seats: [SeatUse], at instant: Instant
) throws(SeriesRefusal) -> PassTerms {
    let terms = try decidePassTerms(in: sale, for: country, at: instant)
    try checkLeft(terms, in: sale, seats: seats)
    return terms
}

/// A pass is left, and a seat in every room.
private func checkLeft(_ terms: PassTerms, in sale: SeriesOnSale, seats: [SeatUse]) throws(SeriesRefusal) {
    guard sale.sold < terms.offer.passes else { throw .soldOut(passes: terms.offer.passes) }
    for (one, use) in zip(sale.rooms, seats) {
        guard let room = one.room else { throw .unknown }
        // A seat that gathers for whoever waits is not a pass's.
        guard use.taken + use.spokenFor < room.capacity else { throw .roomFull(room.id) }
    }
}
