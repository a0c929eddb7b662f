public import Ledger
public import Values

/// What a buyer asks for: tickets of a room at the price that they saw.
public struct TicketWish: Hashable, Sendable {
    /// Tickets that are bought at one time: a family, a class; more is another purchase.
    public static let maximumCount = 20

    public var room: RoomID
    public var count: Int
    /// By name; `nil` for what the room shows.
    public var tier: String?
    /// The price of one ticket that the buyer agreed to, before a voucher; above a floor what they chose. `nil` asks
    /// what it costs.
    public var priceSeen: Money?
    public var voucher: VoucherClaim
    public var channel: String
    public var country: CountryEvidence?

    public init(
        room: RoomID, count: Int = 1, tier: String? = nil, priceSeen: Money? = nil, voucher: VoucherClaim = .none,
        channel: String = SalePolicy.walletChannel, country: CountryEvidence? = nil
    ) {
        self.room = room
        self.count = count
        self.tier = tier
        self.priceSeen = priceSeen
        self.voucher = voucher
        self.channel = channel
        self.country = country
    }
}

/// The names of one ticket to be. Ids come from the edge, so that a repeated request has the same ones.
public struct TicketNames: Hashable, Sendable {
    public let order: OrderID
    public let ticket: TicketID
    public let entry: EntryID

    public init(order: OrderID, ticket: TicketID, entry: EntryID) {
        self.order = order
        self.ticket = ticket
        self.entry = entry
    }
}

/// A wish with the buyer and the names of what it makes.
public struct PurchaseRequest: Hashable, Sendable {
    public let wish: TicketWish
    public let holder: HolderID
    /// `nil` for one ticket alone.
    public let purchase: PurchaseID?
    /// One for each ticket.
    public let names: [TicketNames]

    public init(wish: TicketWish, holder: HolderID, purchase: PurchaseID?, names: [TicketNames]) {
        precondition(
            names.count == wish.count && (purchase != nil || names.count == 1), "Every ticket of a purchase has names.")
        self.wish = wish
        self.holder = holder
        self.purchase = purchase
        self.names = names
    }

    /// One ticket at the price that the buyer saw.
    public init(
        order: OrderID, ticket: TicketID, entry: EntryID, holder: HolderID, room: RoomID, priceSeen: Money
    ) {
        self.init(
            wish: TicketWish(room: room, priceSeen: priceSeen), holder: holder, purchase: nil,
            names: [TicketNames(order: order, ticket: ticket, entry: entry)])
    }
}

/// A room as a sale meets it.
public struct RoomOnSale: Hashable, Sendable {
    public let room: Room?
    public let prices: PriceList
    public let policy: SalePolicy
    public let taxes: TaxTable
    /// ``RoomTerms/id`` of the terms that the room has chosen.
    public let terms: String?

    public init(
        room: Room?, prices: PriceList, policy: SalePolicy, taxes: TaxTable = .empty, terms: String? = nil
    ) {
        self.terms = terms
        self.room = room
        self.prices = prices
        self.policy = policy
        self.taxes = taxes
    }
}

/// Which seats of a room are taken, by tickets that were not given back and by holds that keep theirs.
public struct SeatUse: Hashable, Sendable {
    /// Seats of tickets and holds.
    public let taken: Int
    /// The lowest seats below ``highest`` that are free again, ascending; as many as the caller asked for.
    public let gaps: [Int]
    /// The highest seat that was ever taken, 0 before the first.
    public let highest: Int
    /// Free seats that gather for whoever waits: not for an ordinary buyer.
    public let spokenFor: Int
    /// Seats of tickets that are given back if they are resold, first put up first: for whoever finds no other.
    public let offeredBack: [Int]

    public init(taken: Int, gaps: [Int], highest: Int, spokenFor: Int = 0, offeredBack: [Int] = []) {
        precondition(
            taken >= 0 && highest >= taken && gaps.count <= highest - taken, "A free seat lies below a taken one.")
        self.spokenFor = spokenFor
        self.offeredBack = offeredBack
        self.taken = taken
        self.gaps = gaps
        self.highest = highest
    }

    /// `lowestFree` is `taken + 1` where no seat was ever given back.
    public init(taken: Int, lowestFree: Int) {
        precondition((1...(taken + 1)).contains(lowestFree), "A free seat lies at most behind the taken ones.")
        let isGap = lowestFree <= taken
        self.init(taken: taken, gaps: isGap ? [lowestFree] : [], highest: isGap ? taken + 1 : taken)
    }

    /// The same seats, with all free ones spoken for.
    public func spokenFor(of capacity: Int) -> SeatUse {
        SeatUse(
            taken: taken, gaps: gaps, highest: highest, spokenFor: left(of: capacity), offeredBack: offeredBack)
    }

    /// The same seats, and those that can be taken over.
    public func takingOver(_ seats: [Int]) -> SeatUse {
        SeatUse(taken: taken, gaps: gaps, highest: highest, spokenFor: spokenFor, offeredBack: seats)
    }

    /// How many can be bought: free ones, and those that can be taken over.
    public func left(of capacity: Int) -> Int { max(0, capacity - taken) + offeredBack.count }

    /// So many seats of a room: the lowest free ones, then those that can be taken over.
    public func choose(_ count: Int, of capacity: Int) -> [Int] {
        let free = min(count, max(0, capacity - taken))
        return lowest(free) + offeredBack.prefix(count - free)
    }

    /// The lowest free seat number, from 1; seats of refunded tickets are free again.
    public var lowestFree: Int { gaps.first ?? highest + 1 }

    /// The lowest free seats, so many.
    public func lowest(_ count: Int) -> [Int] {
        let again = gaps.prefix(count)
        return again + Array((highest + 1)..<(highest + 1 + count - again.count))
    }
}

/// The content of a ticket; the signature is put on elsewhere and follows from this alone.
public struct TicketFacts: Hashable, Sendable {
    public let id: TicketID
    public let order: OrderID
    public let holder: HolderID
    public let room: RoomID
    /// 1…capacity; unique among the tickets of the room that are in force.
    public let seat: Int
    public let role: String
    public let issuedAt: Instant
    /// When the ticket begins to let in.
    public let notBefore: Instant
    /// When it ends, exclusive; closing the room early ends it earlier.
    public let notAfter: Instant
    /// ``RoomTerms/claim(policy:terms:)``.
    public let policy: String

    public init(
        id: TicketID, order: OrderID, holder: HolderID, room: RoomID, seat: Int, role: String = "listener",
        issuedAt: Instant, notBefore: Instant, notAfter: Instant, policy: String
    ) {
        self.id = id
        self.order = order
        self.holder = holder
        self.room = room
        self.seat = seat
        self.role = role
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.policy = policy
    }
}

/// A ticket that was sold: everything that has to be stored, in one transaction.
public struct Sale: Hashable, Sendable {
    public let order: Order
    public let ticket: TicketFacts
    /// `nil` for a ticket that costs nothing.
    public let entry: JournalEntry?
}

/// Says what a ticket costs and where each part of it goes. A quote shows it, a hold keeps it, a sale books it.
///
/// Checks in this order: the room exists and has a price; it is not cancelled; it is neither closed nor over; its sale has
/// begun; the count; the tier (there, begun, not over, places left); price seen and price are of one currency; a fixed
/// price is the same amount, a chosen one between floor and most; the voucher (known, of this room, begun, not over, uses
/// left); the channel. So a price is never charged that the buyer has not seen.
public func decideTerms(
    _ wish: TicketWish, in sale: RoomOnSale, at instant: Instant
) throws(PurchaseRefusal) -> TicketTerms {
    guard let room = sale.room, room.id == wish.room, !sale.prices.offers.isEmpty else { throw .roomUnknown }
    if case .cancelled = room.state { throw .roomCancelled }
    guard room.state.allows(.sell), instant < room.endsAt else { throw .roomClosed }
    if let opensAt = room.saleOpensAt, instant < opensAt { throw .saleNotOpen(opensAt: opensAt) }
    guard (1...TicketWish.maximumCount).contains(wish.count) else { throw .count(most: TicketWish.maximumCount) }
    let offer = try sale.prices.choose(wish.tier, count: wish.count, at: instant).version
    let asked = try asked(wish.priceSeen, of: offer)
    let voucher = try wish.voucher.voucher(for: room, count: wish.count, at: instant)
    let discount = voucher?.benefit.discount(on: asked) ?? 0
    let gross = Money(asked.minorUnits - discount, asked.currency)
    guard let kept = sale.policy.fee(of: gross, through: wish.channel) else { throw .channelUnknown }
    let day = sale.policy.calendar.businessDay(of: instant)
    let tax = sale.policy.tax(in: gross, for: wish.country, on: day, by: sale.taxes)
    guard
        let terms = TicketTerms(
            priceVersion: offer.version, isFloor: offer.kind.most != nil, price: offer.price,
            extra: asked.minorUnits - offer.price.minorUnits, discount: discount, gross: gross,
            vat: tax.amount.minorUnits, vatAccount: tax.account,
            // A fixed fee on a ticket that costs less than it: the store keeps what there is.
            fee: min(kept.amount.minorUnits, gross.minorUnits - tax.amount.minorUnits), feeAccount: kept.account,
            feeIsRefundable: sale.policy.feeIsRefundable, policy: sale.policy.id, channel: wish.channel,
            country: wish.country, voucher: voucher?.id)
    else { preconditionFailure("A price version and a policy that were checked always make terms.") }
    return terms
}

/// What one ticket costs before a voucher.
private func asked(_ seen: Money?, of offer: PriceVersion) throws(PurchaseRefusal) -> Money {
    guard let seen else { return offer.price }
    guard seen.currency == offer.price.currency else { throw .currencyMismatch(price: offer.price.currency) }
    guard let most = offer.kind.most else {
        guard seen == offer.price else { throw .priceChanged(now: offer.price) }
        return seen
    }
    guard seen.minorUnits >= offer.price.minorUnits else { throw .belowFloor(least: offer.price) }
    guard seen.minorUnits <= most else { throw .aboveMost(most: Money(most, seen.currency)) }
    return seen
}

/// Sells tickets from the wallet: all of them or none.
///
/// Checks what ``decideTerms(_:in:at:)`` checks; then enough seats are free and not spoken for; then the wallet has the money for all. So a
/// buyer who is too late never hears of money.
///
/// - Parameters:
///   - seats: with at least as many gaps as tickets are wanted, where there are that many.
///   - wallet: what the wallet holds in the currency of the price, positive.
///   - stamp: times of the journal entries; `stamp.postedAt` is the instant of the sale.
public func decidePurchase(
    _ request: PurchaseRequest, in sale: RoomOnSale, seats: SeatUse, wallet: Money, stamp: EntryStamp
) throws(PurchaseRefusal) -> [Sale] {
    let terms = try decideTerms(request.wish, in: sale, at: stamp.postedAt)
    guard let room = sale.room else { throw .roomUnknown }
    let free = try freeSeats(request.wish.count, of: room, seats)
    try afford(terms, times: request.wish.count, from: wallet)
    return issue(terms, to: request, seats: free, in: room, of: sale, stamp: stamp)
}

/// The lowest free seats, all of them.
func freeSeats(_ count: Int, of room: Room, _ seats: SeatUse) throws(PurchaseRefusal) -> [Int] {
    let left = seats.left(of: room.capacity)
    guard left > 0 else { throw .soldOut(capacity: room.capacity) }
    // Whoever waits comes first; that some are free is no use to anybody else.
    guard seats.spokenFor == 0 || left - seats.spokenFor >= count else { throw .waitingFirst }
    guard left >= count else { throw .notEnoughSeats(left: left) }
    return seats.choose(count, of: room.capacity)
}

func afford(_ terms: TicketTerms, times count: Int, from wallet: Money) throws(PurchaseRefusal) {
    let total = Money(terms.gross.minorUnits * Int64(count), terms.currency)
    guard wallet.currency == total.currency else { throw .currencyMismatch(price: total.currency) }
    guard wallet.minorUnits >= total.minorUnits else { throw .insufficientFunds(missing: total - wallet) }
}

/// Orders, tickets and entries at terms that were agreed, one of each for every seat.
func issue(
    _ terms: TicketTerms, to request: PurchaseRequest, seats: [Int], in room: Room, of sale: RoomOnSale,
    stamp: EntryStamp
) -> [Sale] {
    let notBefore: Instant
    switch sale.policy.ticketStart {
    case .doorsOpen: notBefore = room.doorsOpenAt
    case .roomStarts: notBefore = room.startsAt
    }
    return zip(request.names, seats).map { names, seat in
        guard
            let order = Order(
                id: names.order, purchase: request.purchase, room: room.id, owner: room.host, cohosts: room.cohosts,
                holder: request.holder, ticket: names.ticket, terms: terms, soldAt: stamp.postedAt)
        else { preconditionFailure("A room that was checked always makes an order.") }
        let ticket = TicketFacts(
            id: names.ticket, order: names.order, holder: request.holder, room: room.id, seat: seat,
            issuedAt: stamp.postedAt, notBefore: notBefore, notAfter: room.endsAt,
            policy: RoomTerms.claim(policy: terms.policy, terms: sale.terms))
        let entry = JournalEntry(
            EntryStamp(id: names.entry, postedAt: stamp.postedAt, effectiveOn: stamp.effectiveOn), kind: .sale,
            legs: PostingRecipe.sale(order))
        return Sale(order: order, ticket: ticket, entry: entry)
    }
}
