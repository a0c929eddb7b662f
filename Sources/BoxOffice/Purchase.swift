public import Ledger
public import Values

/// What a buyer asks for: a ticket at the price that they saw. Ids come from the edge, so that a repeated request has
/// the same ones.
public struct PurchaseRequest: Hashable, Sendable {
    public let order: OrderID
    public let ticket: TicketID
    public let holder: HolderID
    public let room: RoomID
    /// The price that the buyer agreed to.
    public let priceSeen: Money

    public init(order: OrderID, ticket: TicketID, holder: HolderID, room: RoomID, priceSeen: Money) {
        self.order = order
        self.ticket = ticket
        self.holder = holder
        self.room = room
        self.priceSeen = priceSeen
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

    public init(taken: Int, gaps: [Int], highest: Int) {
        precondition(
            taken >= 0 && highest >= taken && gaps.count <= highest - taken, "A free seat lies below a taken one.")
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
    /// ``SalePolicy/id``.
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

/// A sale that was decided: everything that has to be stored, in one transaction.
public struct Sale: Hashable, Sendable {
    public let order: Order
    public let ticket: TicketFacts
    public let entry: JournalEntry
}

/// Why a ticket is not sold.
public enum PurchaseRefusal: Refusal, Hashable {
    /// No such room, or none that has a price yet.
    case roomUnknown
    case roomCancelled
    /// Closed, or over.
    case roomClosed
    case saleNotOpen(opensAt: Instant)
    /// The buyer's money is of another currency than the price.
    case currencyMismatch(price: Currency)
    case priceChanged(now: Money)
    case soldOut(capacity: Int)
    case insufficientFunds(missing: Money)

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .saleNotOpen: "sale_not_open"
        case .currencyMismatch: "currency_mismatch"
        case .priceChanged: "price_changed"
        case .soldOut: "sold_out"
        case .insufficientFunds: "insufficient_funds"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed: [:]
        case .saleNotOpen(let opensAt): ["opens_at": opensAt.description]
        case .currencyMismatch(let currency): ["currency": currency.code]
        case .priceChanged(let now): ["price": now.description]
        case .soldOut(let capacity): ["capacity": String(capacity)]
        case .insufficientFunds(let missing): ["missing": missing.description]
        }
    }
}

/// Sells a ticket from the wallet.
///
/// Checks in this order: the room exists and has a price; it is not cancelled; it is neither closed nor over; its sale has
/// begun; price seen and price are of one currency; they are the same amount; a seat is free; the wallet has the money.
/// So a buyer who is too late never hears of money, and a price is never charged that the buyer has not seen.
///
/// - Parameters:
///   - wallet: what the wallet holds in the currency of the price, positive.
///   - stamp: id and times of the journal entry; `stamp.postedAt` is the instant of the sale.
public func decidePurchase(
    _ request: PurchaseRequest, room: Room?, price: PriceVersion?, seats: SeatUse, wallet: Money, policy: SalePolicy,
    stamp: EntryStamp
) throws(PurchaseRefusal) -> Sale {
    let now = stamp.postedAt
    guard let room, let price, room.id == request.room, price.room == room.id else { throw .roomUnknown }
    if case .cancelled = room.state { throw .roomCancelled }
    guard room.state.allows(.sell), now < room.endsAt else { throw .roomClosed }
    if let opensAt = room.saleOpensAt, now < opensAt { throw .saleNotOpen(opensAt: opensAt) }
    guard request.priceSeen.currency == price.price.currency else {
        throw .currencyMismatch(price: price.price.currency)
    }
    guard request.priceSeen == price.price else { throw .priceChanged(now: price.price) }
    guard seats.taken < room.capacity else { throw .soldOut(capacity: room.capacity) }
    guard wallet.currency == price.price.currency else { throw .currencyMismatch(price: price.price.currency) }
    guard wallet.minorUnits >= price.price.minorUnits else {
        throw .insufficientFunds(missing: price.price - wallet)
    }
    return sale(request, room: room, price: price, seat: seats.lowestFree, policy: policy, stamp: stamp)
}

private func sale(
    _ request: PurchaseRequest, room: Room, price: PriceVersion, seat: Int, policy: SalePolicy, stamp: EntryStamp
) -> Sale {
    guard
        let order = Order(
            id: request.order, room: room.id, owner: room.host, cohosts: room.cohosts, holder: request.holder,
            ticket: request.ticket, priceVersion: price.version, gross: price.price,
            vat: policy.vat(in: price.price).minorUnits, fee: policy.fee(of: price.price).minorUnits,
            feeIsRefundable: policy.feeIsRefundable, policy: policy.id, soldAt: stamp.postedAt),
        let entry = JournalEntry(stamp, kind: .sale, legs: PostingRecipe.sale(order))
    else { preconditionFailure("A price version and a policy that were checked always make an order.") }
    let notBefore: Instant
    switch policy.ticketStart {
    case .doorsOpen: notBefore = room.doorsOpenAt
    case .roomStarts: notBefore = room.startsAt
    }
    let ticket = TicketFacts(
        id: request.ticket, order: request.order, holder: request.holder, room: room.id, seat: seat,
        issuedAt: stamp.postedAt, notBefore: notBefore, notAfter: room.endsAt, policy: policy.id)
    return Sale(order: order, ticket: ticket, entry: entry)
}
