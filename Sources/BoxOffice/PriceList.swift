public import Values

/// A tier of a room's price list, and how many of its places are taken.
public struct PriceOffer: Hashable, Sendable {
    /// Where a tier stands at an instant.
    public enum Phase: Hashable, Sendable {
        case open
        case notYet(opensAt: Instant)
        case over
        case full
        case withdrawn

        /// As shown: `open`, `not_yet`, `over`, `full` or `withdrawn`.
        public var name: String {
            switch self {
            case .open: "open"
            case .notYet: "not_yet"
            case .over: "over"
            case .full: "full"
            case .withdrawn: "withdrawn"
            }
        }
    }

    public let version: PriceVersion
    /// Places taken by tickets and holds; 0 for a tier without a limit, whose use nobody counts.
    public let taken: Int

    public init(_ version: PriceVersion, taken: Int = 0) {
        self.version = version
        self.taken = taken
    }

    /// How many more tickets are sold at it; `nil` without a limit.
    public var left: Int? { version.places.map { max(0, $0 - taken) } }

    /// The phase: by the kind, then the dates, then the places.
    public func phase(at instant: Instant) -> Phase {
        if version.kind == .withdrawn { return .withdrawn }
        if let from = version.from, instant < from { return .notYet(opensAt: from) }
        if let until = version.until, instant >= until { return .over }
        return left == 0 ? .full : .open
    }
}

/// The tiers of a room: for each the version that holds now.
public struct PriceList: Hashable, Sendable {
    /// More would be a puzzle for the buyer.
    public static let maximumTiers = 12
    /// Versions of one room over its life: a host who changes a price twice an hour for a week stays below.
    public static let maximumVersions = 500

    /// By price, then by age; withdrawn ones included.
    public let offers: [PriceOffer]

    public init(_ offers: [PriceOffer]) {
        self.offers = offers.sorted {
            ($0.version.price.minorUnits, $0.version.version) < ($1.version.price.minorUnits, $1.version.version)
        }
    }

    public subscript(tier: String) -> PriceOffer? { offers.first { $0.version.tier == tier } }

    /// What a buyer gets who names no tier: the cheapest that is open, else what opens next, else the last word.
    public func shown(at instant: Instant) -> PriceOffer? {
        if let open = offers.first(where: { $0.phase(at: instant) == .open }) { return open }
        let coming = offers.filter { if case .notYet = $0.phase(at: instant) { true } else { false } }
        return coming.min { ($0.version.from ?? instant) < ($1.version.from ?? instant) }
            ?? offers.last { $0.version.kind != .withdrawn } ?? offers.last
    }

    /// The offer that a buyer takes.
    /// - Parameter tier: by name; `nil` for the one that is shown.
    func choose(_ tier: String?, count: Int, at instant: Instant) throws(PurchaseRefusal) -> PriceOffer {
        guard let offer = tier.map({ self[$0] }) ?? shown(at: instant) else { throw .tierUnknown }
        switch offer.phase(at: instant) {
        case .open: break
        case .withdrawn: throw .tierUnknown
        case .notYet(let opensAt): throw .tierNotOpen(opensAt: opensAt)
        case .over: throw .tierOver
        case .full: throw .tierFull(left: 0)
        }
        if let left = offer.left, left < count { throw .tierFull(left: left) }
        return offer
    }
}

/// What a host writes about a tier.
public struct TierDraft: Hashable, Sendable {
    public var tier: String
    public var price: Money
    /// The most that a buyer may choose above the price; makes it a floor.
    public var most: Money?
    public var from: Instant?
    public var until: Instant?
    public var places: Int?
    /// Ends the tier: what it was sold at stays, nothing more is.
    public var isWithdrawn: Bool

    public init(
        tier: String, price: Money, most: Money? = nil, from: Instant? = nil, until: Instant? = nil,
        places: Int? = nil, isWithdrawn: Bool = false
    ) {
        self.tier = tier
        self.price = price
        self.most = most
        self.from = from
        self.until = until
        self.places = places
        self.isWithdrawn = isWithdrawn
    }

    /// `early`, `regular`, `supporter-2`: what a link may carry.
    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}

/// Sets a tier of a price list. Checks in this order: the room exists, is not cancelled, is neither closed nor over; the
/// name; there is room on the list; the policy sells in the currency and the list has no other; price and most are in
/// range; the dates are in order; the places fit the room.
///
/// - Parameter versions: how many versions the room has had.
/// - Returns: the next version, or the tier's own if nothing changes: a repeated request changes nothing.
public func decideTier(
    _ draft: TierDraft, for room: Room?, in list: PriceList, versions: Int, policy: SalePolicy, at instant: Instant
) throws(PriceRefusal) -> PriceVersion {
    guard let room else { throw .roomUnknown }
    if case .cancelled = room.state { throw .roomCancelled }
    guard room.state.allows(.reprice), instant < room.endsAt else { throw .roomClosed }
    guard TierDraft.isName(draft.tier) else { throw .tierName }
    let current = list[draft.tier]?.version
    guard current != nil || list.offers.count < PriceList.maximumTiers, versions < PriceList.maximumVersions else {
        throw .listFull(tiers: PriceList.maximumTiers)
    }
    let currency = draft.price.currency
    guard let range = policy.priceRange[currency] else { throw .currencyNotSold(currency) }
    let others = list.offers.map(\.version).filter { $0.tier != draft.tier && $0.kind != .withdrawn }
    if let other = others.first(where: { $0.price.currency != currency }) {
        throw .listCurrency(other.price.currency)
    }
    let most = draft.most ?? draft.price
    guard range.contains(draft.price.minorUnits), most.currency == currency, range.contains(most.minorUnits),
        draft.price.minorUnits <= most.minorUnits
    else {
        throw .outOfRange(least: Money(range.lowerBound, currency), most: Money(range.upperBound, currency))
    }
    if let from = draft.from, let until = draft.until, from >= until { throw .tierDates }
    guard draft.places.map({ (1...room.capacity).contains($0) }) ?? true else {
        throw .tierPlaces(capacity: room.capacity)
    }
    let kind: PriceKind =
        draft.isWithdrawn ? .withdrawn : draft.most.map { .floor(most: $0.minorUnits) } ?? .fixed
    let next = PriceVersion(
        room: room.id, version: versions + 1, tier: draft.tier, kind: kind, price: draft.price, from: draft.from,
        until: draft.until, places: draft.places, since: instant)
    if let current, current.says(the: next) { return current }
    return next
}

extension PriceVersion {
    /// Whether both offer the same, whenever they were written.
    func says(the other: PriceVersion) -> Bool {
        other
            == PriceVersion(
                room: room, version: other.version, tier: tier, kind: kind, price: price, from: from, until: until,
                places: places, since: other.since)
    }
}
