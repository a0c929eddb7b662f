public import Values

/// Where a party on a waiting list stands. Stored as facts, one behind the other.
public enum WaitingState: String, Hashable, Sendable, CaseIterable {
    /// In the queue; free seats gather for whoever is first.
    case waiting
    /// In the queue, and seats went past it: what they cost now is not what it wants. It keeps its place.
    case passed
    /// Seats are held for it until a time.
    case offered
    /// The offer was paid.
    case bought
    /// Nobody paid in time.
    case lapsed
    /// The holder left, or gave the offer back.
    case withdrawn
    /// The room is over, closed or cancelled.
    case ended

    /// Whether the list is still of use to it.
    public var isOpen: Bool {
        switch self {
        case .waiting, .passed, .offered: true
        case .bought, .lapsed, .withdrawn, .ended: false
        }
    }
}

/// Why free seats went past a party.
public enum WaitingPass: String, Hashable, Sendable, CaseIterable {
    /// A ticket costs more than the highest price that it named.
    case price
    /// No price of the list has places for all of it now.
    case places
}

/// A holder who waits for tickets of a room, all of them at once.
///
/// The price is not agreed here but when seats are offered, at the terms of that moment: so a party outlives the phases
/// of the price list. A tier that it names is preferred; where that is over or full, the cheapest open one takes its
/// place. A voucher counts if it still does by then. ``most`` is what bounds all of this.
public struct WaitingParty: Hashable, Sendable {
    public let id: WaitingID
    public let room: RoomID
    public let holder: HolderID
    public let count: Int
    public let tier: String?
    /// The highest price of one ticket, after a voucher; `nil` takes any, since an offer need not be paid.
    public let most: Money?
    public let voucher: VoucherID?
    public let country: CountryEvidence?
    public let joinedAt: Instant

    public init(
        id: WaitingID, room: RoomID, holder: HolderID, count: Int, tier: String? = nil, most: Money? = nil,
        voucher: VoucherID? = nil, country: CountryEvidence? = nil, joinedAt: Instant
    ) {
        self.id = id
        self.room = room
        self.holder = holder
        self.count = count
        self.tier = tier
        self.most = most
        self.voucher = voucher
        self.country = country
        self.joinedAt = joinedAt
    }

    /// The same party at any price.
    var atAnyPrice: WaitingParty {
        WaitingParty(
            id: id, room: room, holder: holder, count: count, tier: tier, voucher: voucher, country: country,
            joinedAt: joinedAt)
    }
}

/// The life of a party on a waiting list.
///
///     waiting ◀──▶ passed          seats went past it, or gather for it again
///        │           │
///        ├───offer───┴──▶ offered ──paid──▶ bought
///        │                 │ └─────time──▶ lapsed
///        ├──leave──────────┼─────────────▶ withdrawn
///        └──end of room────┴─────────────▶ ended
///
/// | state     | leave     | offer   | paid   | time   | end of room |
/// | --------- | --------- | ------- | ------ | ------ | ----------- |
/// | waiting   | withdrawn | offered | –      | –      | ended       |
/// | passed    | withdrawn | offered | –      | –      | ended       |
/// | offered   | withdrawn | –       | bought | lapsed | ended       |
/// | bought    | refused   | –       | –      | –      | –           |
/// | lapsed    | refused   | –       | –      | –      | –           |
/// | withdrawn | no change | –       | –      | –      | –           |
/// | ended     | refused   | –       | –      | –      | –           |
///
/// An offer is an ordinary hold: what happens to it decides what becomes of the party (``following(_:roomSells:)``).
public struct WaitingLife: Hashable, Sendable {
    public let party: WaitingParty
    /// In the order of joining, from 1; nobody else of the room ever has it.
    public let place: Int
    public let state: WaitingState
    /// Why seats went past it, while they do.
    public let pass: WaitingPass?
    /// The hold of the last offer.
    public let offer: PurchaseID?

    public init(_ party: WaitingParty, place: Int, state: WaitingState, pass: WaitingPass? = nil, offer: PurchaseID?) {
        self.party = party
        self.place = place
        self.state = state
        self.pass = pass
        self.offer = offer
    }

    /// What anybody is shown: an offer whose time is over has lapsed, and with the room the list ends, stored or not.
    /// - Parameter offer: the hold of the offer, if it is offered.
    public func shown(_ offer: Hold?, in room: Room?, at instant: Instant) -> WaitingState {
        guard state.isOpen else { return state }
        guard let room, room.sells(at: instant) else { return .ended }
        if state == .offered, let offer, instant >= offer.expiresAt { return .lapsed }
        return state
    }

    /// The holder leaves. A party that has left stays so.
    /// - Parameter shown: what ``shown(_:in:at:)`` says.
    /// - Returns: whether there is something to write down.
    public func leave(_ shown: WaitingState) throws(WaitingRefusal) -> Bool {
        switch shown {
        case .waiting, .passed, .offered: return true
        case .withdrawn: return false
        case .bought: throw .bought
        case .lapsed, .ended: throw .over
        }
    }

    /// What becomes of a party whose offer went through a state of its hold; `nil` where it stays offered.
    public static func following(_ state: HoldState, roomSells: Bool) -> WaitingState? {
        switch state {
        case .held, .paid: nil
        case .ticketed: .bought
        case .expired: .lapsed
        case .cancelled: roomSells ? .withdrawn : .ended
        // What comes after the hold ended; the party ended with it.
        case .suspended, .refunded: nil
        }
    }
}

extension Room {
    /// Whether tickets are sold: neither cancelled, closed nor over.
    public func sells(at instant: Instant) -> Bool { state.allows(.sell) && instant < endsAt }
}

/// Why somebody does not wait, or not any more.
public enum WaitingRefusal: Refusal, Hashable {
    /// What is refused to a buyer as well: no such room, closed, not begun, no such tier or voucher.
    case purchase(PurchaseRefusal)
    /// More than the room has seats: they would never be free together.
    case tooMany(capacity: Int)
    /// The highest price is not of the list's currency, or below nothing.
    case price
    /// The list is as long as it gets.
    case full(most: Int)
    /// The holder waits in this room already.
    case already
    /// There are free seats and nobody is first.
    case notNeeded(left: Int)
    /// Not theirs, or none.
    case unknown
    /// No seats are offered now.
    case notOffered
    case bought
    /// It lapsed, or the room is over.
    case over

    public var code: String {
        switch self {
        case .purchase(let refusal): refusal.code
        case .tooMany: "waiting_too_many"
        case .price: "waiting_price"
        case .full: "waiting_full"
        case .already: "waiting_already"
        case .notNeeded: "waiting_not_needed"
        case .unknown: "waiting_unknown"
        case .notOffered: "waiting_not_offered"
        case .bought: "waiting_bought"
        case .over: "waiting_over"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .purchase(let refusal): refusal.facts
        case .tooMany(let capacity): ["capacity": String(capacity)]
        case .full(let most): ["most": String(most)]
        case .notNeeded(let left): ["left": String(left)]
        case .price, .already, .unknown, .notOffered, .bought, .over: [:]
        }
    }
}
