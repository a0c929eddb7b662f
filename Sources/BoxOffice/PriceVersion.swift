public import Values

/// A price of a room from an instant on. Never edited: another price is the next version, and sold tickets keep theirs.
public struct PriceVersion: Hashable, Sendable {
    public let room: RoomID
    /// Counts from 1.
    public let version: Int
    public let price: Money
    public let since: Instant

    public init(room: RoomID, version: Int, price: Money, since: Instant) {
        self.room = room
        self.version = version
        self.price = price
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

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .currencyNotSold: "currency_not_sold"
        case .outOfRange: "price_out_of_range"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed: [:]
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
