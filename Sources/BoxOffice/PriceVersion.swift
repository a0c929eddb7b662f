public import Values

/// How a price is meant.
public enum PriceKind: Hashable, Sendable {
    case fixed
    /// The least of what a buyer may choose; `most` in minor units.
    case floor(most: Int64)
    /// Not sold any more.
    case withdrawn

    /// As stored and shown.
    public var name: String {
        switch self {
        case .fixed: "fixed"
        case .floor: "floor"
        case .withdrawn: "withdrawn"
        }
    }

    /// Minor units; of a floor only.
    public var most: Int64? {
        switch self {
        case .floor(let most): most
        case .fixed, .withdrawn: nil
        }
    }

    /// Reads what ``name`` and ``most`` were stored as; `nil` where they do not fit.
    public init?(name: String, most: Int64?) {
        switch (name, most) {
        case ("fixed", nil): self = .fixed
        case ("floor", let most?): self = .floor(most: most)
        case ("withdrawn", nil): self = .withdrawn
        default: return nil
        }
    }
}

/// A price of a room from an instant on. Never edited: another price is the next version, and sold tickets keep theirs.
///
/// Versions of one name are a tier of the room's price list; the last of them is what holds.
public struct PriceVersion: Hashable, Sendable {
    /// The tier of a room that has no other.
    public static let regularTier = "regular"

    public let room: RoomID
    /// Counts from 1 over all tiers of the room.
    public let version: Int
    public let tier: String
    public let kind: PriceKind
    public let price: Money
    /// The phase in which it is sold, half-open; `nil` is without end.
    public let from: Instant?
    public let until: Instant?
    /// Most tickets that are sold at it; `nil` as many as there are seats.
    public let places: Int?
    public let since: Instant

    public init(
        room: RoomID, version: Int, tier: String = regularTier, kind: PriceKind = .fixed, price: Money,
        from: Instant? = nil, until: Instant? = nil, places: Int? = nil, since: Instant
    ) {
        self.room = room
        self.version = version
        self.tier = tier
        self.kind = kind
        self.price = price
        self.from = from
        self.until = until
        self.places = places
        self.since = since
    }
}

/// Why a price is not set.
public enum PriceRefusal: Refusal, Hashable {
    case roomUnknown
    case roomCancelled
    case roomClosed
    /// The policy does not sell in this currency.
    case currencyNotSold(Currency)
    case outOfRange(least: Money, most: Money)
    /// Not 1 to 32 letters, digits and hyphens.
    case tierName
    case listFull(tiers: Int)
    /// The other tiers of the room are sold in this one.
    case listCurrency(Currency)
    case tierDates
    case tierPlaces(capacity: Int)

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .currencyNotSold: "currency_not_sold"
        case .outOfRange: "price_out_of_range"
        case .tierName: "tier_name"
        case .listFull: "price_list_full"
        case .listCurrency: "price_list_currency"
        case .tierDates: "tier_dates"
        case .tierPlaces: "tier_places"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed, .tierName, .tierDates: [:]
        case .listFull(let tiers): ["tiers": String(tiers)]
        case .tierPlaces(let capacity): ["capacity": String(capacity)]
        case .listCurrency(let currency): ["currency": currency.code]
        case .currencyNotSold(let currency): ["currency": currency.code]
        case .outOfRange(let least, let most): ["least": least.description, "most": most.description]
        }
    }
}

/// Sets a price. Checks in this order: the room exists, is not cancelled, is neither closed nor over, the policy sells in
/// the currency, the price is in its range.
///
/// - Returns: the next version, or `current` itself if it has this price already: a repeated request changes nothing.
public func decidePrice(
    _ price: Money, for room: Room?, current: PriceVersion?, policy: SalePolicy, at instant: Instant
) throws(PriceRefusal) -> PriceVersion {
    guard let room else { throw .roomUnknown }
    if case .cancelled = room.state { throw .roomCancelled }
    guard room.state.allows(.reprice), instant < room.endsAt else { throw .roomClosed }
    guard let range = policy.priceRange[price.currency] else { throw .currencyNotSold(price.currency) }
    guard range.contains(price.minorUnits) else {
        throw .outOfRange(
            least: Money(range.lowerBound, price.currency), most: Money(range.upperBound, price.currency))
    }
    if let current, current.price == price { return current }
    return PriceVersion(room: room.id, version: (current?.version ?? 0) + 1, price: price, since: instant)
}
