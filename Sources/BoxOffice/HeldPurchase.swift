public import Ledger
public import Values

/// Where a purchase stands whose seats waited for its money. Stored as facts, one behind the other.
public enum HoldState: String, Hashable, Sendable, CaseIterable {
    /// The seats are kept.
    case held
    /// The time ran out first: the seats are sold again.
    case expired
    /// The buyer gave up, or the room will not take place.
    case cancelled
    /// The money is here. Always followed by ``ticketed`` in the same transaction.
    case paid
    /// Every seat has its ticket.
    case ticketed
    /// Money came and there was no seat for it: it waits in suspense.
    case suspended
    /// The money of a suspended purchase went back to the wallet.
    case refunded
}

/// Seats that are kept for a buyer until a time, at terms that do not change meanwhile.
public struct Hold: Hashable, Sendable {
    public let purchase: PurchaseID
    public let room: RoomID
    public let holder: HolderID
    public let count: Int
    /// Of each ticket.
    public let terms: TicketTerms
    public let createdAt: Instant
    /// When the seats are free for others; exclusive.
    public let expiresAt: Instant

    public init(
        purchase: PurchaseID, room: RoomID, holder: HolderID, count: Int, terms: TicketTerms, createdAt: Instant,
        expiresAt: Instant
    ) {
        self.purchase = purchase
        self.room = room
        self.holder = holder
        self.count = count
        self.terms = terms
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// What all its tickets cost.
    public var total: Money { Money(terms.gross.minorUnits * Int64(count), terms.currency) }
}

/// Why a hold does not change.
public enum HoldRefusal: Refusal, Hashable, CaseIterable {
    case unknown
    case expired
    case cancelled
    case alreadyPaid
    /// No money of this purchase waits in suspense.
    case nothingSuspended
    /// The provider's reference stands for another payment already.
    case paymentConflict

    public var code: String {
        switch self {
        case .unknown: "hold_unknown"
        case .expired: "hold_expired"
        case .cancelled: "hold_cancelled"
        case .alreadyPaid: "hold_paid"
        case .nothingSuspended: "hold_nothing_suspended"
        case .paymentConflict: "payment_conflict"
        }
    }
}

/// Why money waits in suspense in place of making tickets.
public enum SuspenseReason: String, Hashable, Sendable, CaseIterable {
    /// It came late and the seats are gone.
    case noSeat = "no_seat"
    /// The buyer had given the hold up.
    case cancelled
    /// The room does not sell any more.
    case roomClosed = "room_closed"
    /// Not what the tickets cost.
    case amount
    /// The tickets were paid before.
    case paidTwice = "paid_twice"
    /// The wallet that it was for can't hold more.
    case walletFull = "wallet_full"

    /// Whether the money goes back by itself the way it came; of what is not what was asked for, or fits nowhere, somebody
    /// has to find out what it is.
    public var goesBackAtOnce: Bool {
        switch self {
        case .noSeat, .cancelled, .roomClosed, .paidTwice: true
        case .amount, .walletFull: false
        }
    }
}

/// The life of a purchase whose seats wait for its money.
///
///                        money in time
///     held ───────────────────────────────────────▶ paid ──at once──▶ ticketed
///      │ │                                           ▲
///      │ └─time─▶ expired ──money, enough free seats─┘
///      │             └──────money, no seats──▶ suspended ──refund──▶ refunded
///      └─cancel─▶ cancelled ─money────────────────┘
///
/// | state     | wallet pays    | money comes           | cancel       | time      | refund     |
/// | --------- | -------------- | --------------------- | ------------ | --------- | ---------- |
/// | held      | ticketed       | ticketed              | cancelled    | expired   | refused    |
/// | expired   | refused        | ticketed or suspended | refused      | –         | refused    |
/// | cancelled | refused        | suspended             | –            | –         | refused    |
/// | ticketed  | refused        | suspense, no change   | refused      | –         | refused    |
/// | suspended | refused        | suspense, no change   | refused      | –         | refunded   |
/// | refunded  | refused        | suspense, no change   | refused      | –         | –          |
///
/// Money that has come is never refused, because it is here: it makes tickets or it waits in suspense. A wallet is not
/// asked for money that would make no ticket. Whether a hold has expired is decided by the instant of the event and not
/// by a timer: a `held` purchase whose time is over behaves as an expired one, and says so in its moves.
public struct HeldPurchase: Hashable, Sendable {
    public let hold: Hold
    public private(set) var state: HoldState

    public init(_ hold: Hold, state: HoldState) {
        self.hold = hold
        self.state = state
    }

    /// The states to append, in order; the last of them is ``state`` then.
    public typealias Moves = [HoldState]

    /// What became of money that came.
    public enum Arrival: Hashable, Sendable {
        case tickets(Moves)
        case suspense(SuspenseReason, Moves)
    }

    /// What anybody is shown: a hold whose time is over has expired, stored or not.
    public func shown(at instant: Instant) -> HoldState {
        state == .held && instant >= hold.expiresAt ? .expired : state
    }

    /// The wallet pays.
    public mutating func pay(at instant: Instant) throws(HoldRefusal) -> Moves {
        switch shown(at: instant) {
        case .held: return move([.paid, .ticketed])
        case .expired, .suspended, .refunded: throw .expired
        case .cancelled: throw .cancelled
        case .paid, .ticketed: throw .alreadyPaid
        }
    }

    /// Money comes from outside.
    /// - Parameters:
    ///   - seatsAreFree: whether an expired purchase finds a seat, and a place at its price, for each ticket.
    ///   - roomSells: whether the room still takes buyers in.
    public mutating func receive(
        _ amount: Money, at instant: Instant, seatsAreFree: Bool, roomSells: Bool
    ) -> Arrival {
        switch shown(at: instant) {
        case .paid, .ticketed, .suspended, .refunded: return .suspense(.paidTwice, [])
        case .held, .expired, .cancelled: break
        }
        guard amount == hold.total else { return .suspense(.amount, []) }
        let isLate = state == .held && instant >= hold.expiresAt
        let lateness: Moves = isLate ? [.expired] : []
        switch shown(at: instant) {
        case .held where roomSells: return .tickets(move([.paid, .ticketed]))
        case .held: return .suspense(.roomClosed, move([.cancelled, .suspended]))
        case .expired where !roomSells: return .suspense(.roomClosed, move(lateness + [.suspended]))
        case .expired where seatsAreFree: return .tickets(move(lateness + [.paid, .ticketed]))
        case .expired: return .suspense(.noSeat, move(lateness + [.suspended]))
        case .cancelled, .paid, .ticketed, .suspended, .refunded: return .suspense(.cancelled, move([.suspended]))
        }
    }

    /// The buyer gives the seats back. A cancelled hold stays as it is.
    public mutating func cancel(at instant: Instant) throws(HoldRefusal) -> Moves {
        switch shown(at: instant) {
        case .held: return move([.cancelled])
        case .cancelled: return []
        case .expired, .suspended, .refunded: throw .expired
        case .paid, .ticketed: throw .alreadyPaid
        }
    }

    /// Time passes.
    public mutating func expire(at instant: Instant) -> Moves {
        state == .held && instant >= hold.expiresAt ? move([.expired]) : []
    }

    /// The suspended money goes back to the wallet. Refunded once, it stays so.
    public mutating func refund() throws(HoldRefusal) -> Moves {
        switch state {
        case .suspended: return move([.refunded])
        case .refunded: return []
        case .held, .expired, .cancelled, .paid, .ticketed: throw .nothingSuspended
        }
    }

    private mutating func move(_ moves: Moves) -> Moves {
        if let last = moves.last { state = last }
        return moves
    }
}

/// Keeps seats for a buyer. Checks what ``decideTerms(_:in:at:)`` checks, then enough seats are free, then the buyer does
/// not keep too many.
/// - Parameter held: how many seats of the room the buyer keeps already.
public func decideHold(
    _ wish: TicketWish, as purchase: PurchaseID, for holder: HolderID, in sale: RoomOnSale, seats: SeatUse, held: Int,
    at instant: Instant
) throws(PurchaseRefusal) -> (hold: Hold, seats: [Int]) {
    let terms = try decideTerms(wish, in: sale, at: instant)
    guard let room = sale.room else { throw .roomUnknown }
    let free = try freeSeats(wish.count, of: room, seats)
    guard held + wish.count <= TicketWish.maximumCount else {
        throw .holdLimit(seats: TicketWish.maximumCount)
    }
    let hold = Hold(
        purchase: purchase, room: room.id, holder: holder, count: wish.count, terms: terms, createdAt: instant,
        expiresAt: min(instant.advanced(bySeconds: sale.policy.holdSeconds), room.endsAt))
    return (hold, free)
}

/// The tickets of a hold that is paid: its terms, whatever the price list says by now.
public func issue(
    _ hold: Hold, names: [TicketNames], seats: [Int], in sale: RoomOnSale, stamp: EntryStamp
) -> [Sale] {
    guard let room = sale.room else { preconditionFailure("A hold is of a room that exists.") }
    precondition(names.count == hold.count && seats.count == hold.count, "Every ticket of a hold has names and a seat.")
    let wish = TicketWish(room: hold.room, count: hold.count)
    let request = PurchaseRequest(wish: wish, holder: hold.holder, purchase: hold.purchase, names: names)
    return issue(hold.terms, to: request, seats: seats, in: room, of: sale, stamp: stamp)
}

extension Hold {
    /// Whether the wallet can pay for it.
    public func check(wallet: Money) throws(PurchaseRefusal) { try afford(terms, times: count, from: wallet) }
}
