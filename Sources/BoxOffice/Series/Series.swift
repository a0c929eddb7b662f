internal import Foundation
public import Values

/// Rooms of one host that are sold together: a pass is a ticket of each. Never changes; what a pass costs does.
public struct Series: Hashable, Sendable {
    /// One room is no series.
    public static let leastRooms = 2
    /// A room a week for a year, holidays left out: so many orders are one transaction of some milliseconds.
    public static let maximumRooms = 50
    /// Series of one host over their life.
    public static let maximumOfHost = 500
    /// Series that one room is in: each takes a version of the room's price list.
    public static let maximumOfRoom = 20
    /// How often a host may change what a pass costs.
    public static let maximumVersions = 500
    public static let maximumTitleLength = 120

    public let id: SeriesID
    public let host: HostID
    public let title: String
    public let currency: Currency
    /// In the host's order.
    public let rooms: [RoomID]
    public let madeAt: Instant

    public init(id: SeriesID, host: HostID, title: String, currency: Currency, rooms: [RoomID], madeAt: Instant) {
        self.id = id
        self.host = host
        self.title = title
        self.currency = currency
        self.rooms = rooms
        self.madeAt = madeAt
    }

    /// The tier of a room's price list under which the tickets of passes stand. No host can name a tier so: a pass is
    /// outside of the tiers, takes none of their places and gives none back.
    public static func tier(of series: SeriesID) -> String { "pass:\(series)" }

    /// The price version under which tickets of passes stand in a room: a floor of nothing, above which the ticket has
    /// its part of the pass. `nil` where the room's policy does not sell in the currency.
    public static func price(
        of room: Room, in series: Series, policy: SalePolicy, version: Int
    ) -> PriceVersion? {
        guard let range = policy.priceRange[series.currency] else { return nil }
        return PriceVersion(
            room: room.id, version: version, tier: tier(of: series.id), kind: .floor(most: range.upperBound),
            price: .zero(series.currency), since: series.madeAt)
    }
}

/// What a pass costs from an instant on, how many there are and until when. Never edited: the last version holds.
public struct SeriesOffer: Hashable, Sendable {
    public let series: SeriesID
    /// Counts from 1.
    public let version: Int
    public let price: Money
    /// Most passes that are sold, over all versions. One that was given back is not sold again.
    public let passes: Int
    /// The end of the sale; `nil` for the end of the first room.
    public let saleEndsAt: Instant?
    /// Not sold any more.
    public let isWithdrawn: Bool
    public let since: Instant

    public init(
        series: SeriesID, version: Int, price: Money, passes: Int, saleEndsAt: Instant? = nil,
        isWithdrawn: Bool = false, since: Instant
    ) {
        self.series = series
        self.version = version
        self.price = price
        self.passes = passes
        self.saleEndsAt = saleEndsAt
        self.isWithdrawn = isWithdrawn
        self.since = since
    }

    /// Whether both say the same, whenever they were written.
    func says(the other: SeriesOffer) -> Bool {
        price == other.price && passes == other.passes && saleEndsAt == other.saleEndsAt
            && isWithdrawn == other.isWithdrawn
    }
}

/// What a host writes about the passes of a series.
public struct SeriesOfferDraft: Hashable, Sendable {
    public var price: Money
    public var passes: Int
    public var saleEndsAt: Instant?
    public var isWithdrawn: Bool

    public init(price: Money, passes: Int, saleEndsAt: Instant? = nil, isWithdrawn: Bool = false) {
        self.price = price
        self.passes = passes
        self.saleEndsAt = saleEndsAt
        self.isWithdrawn = isWithdrawn
    }
}

/// A series as a decision meets it: its rooms in the order of the list, and how many passes were sold.
public struct SeriesOnSale: Hashable, Sendable {
    public let series: Series?
    public let offer: SeriesOffer?
    public let sold: Int
    public let rooms: [RoomOnSale]
    /// Of each room, the version of ``Series/price(of:in:policy:version:)``.
    public let versions: [Int]

    public init(series: Series?, offer: SeriesOffer?, sold: Int = 0, rooms: [RoomOnSale], versions: [Int] = []) {
        self.series = series
        self.offer = offer
        self.sold = sold
        self.rooms = rooms
        self.versions = versions
    }

    /// When the sale of passes ends: as the offer says, and at the latest when the first of the rooms is over. Whoever
    /// pays for all of the rooms can hear all of them.
    public var saleEnds: Instant? {
        let first = rooms.compactMap { $0.room?.overAt }.min()
        guard let end = offer?.saleEndsAt else { return first }
        return first.map { min($0, end) } ?? end
    }
}

/// Makes a series. Checks in this order: the title; the number of rooms, and that none stands twice; room by room, that
/// it is there and the host's, that it is neither cancelled nor closed nor over, and that it is sold in the currency of
/// the pass; then what ``decideSeriesOffer(_:for:at:)`` checks.
///
/// - Parameter rooms: one for each of `ids`, in their order.
public func decideSeries(
    _ id: SeriesID, of host: HostID, title: String, rooms ids: [RoomID], at draft: SeriesOfferDraft,
    in rooms: [RoomOnSale], instant: Instant
) throws(SeriesRefusal) -> (series: Series, offer: SeriesOffer) {
    let title = title.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...Series.maximumTitleLength).contains(title.count),
        title.utf8.count <= 4 * Series.maximumTitleLength,
        !title.unicodeScalars.contains(where: Room.isUnprintable)
    else { throw .title }
    guard (Series.leastRooms...Series.maximumRooms).contains(ids.count), Set(ids).count == ids.count,
        rooms.count == ids.count
    else { throw .rooms }
    let currency = draft.price.currency
    for (id, sale) in zip(ids, rooms) {
        guard let room = sale.room, room.id == id, room.host == host else { throw .roomUnknown(id) }
        guard room.state.allows(.sell), instant < room.endsAt else { throw .roomOver(id) }
        guard isSold(sale, in: currency, at: instant) else { throw .currency(id) }
    }
    let series = Series(id: id, host: host, title: title, currency: currency, rooms: ids, madeAt: instant)
    let offer = try decideSeriesOffer(
        draft, for: SeriesOnSale(series: series, offer: nil, rooms: rooms), at: instant)
    return (series, offer)
}

/// Says what a pass costs from now on. Checks in this order: the series is there; there is room for a version; the sale
/// of the passes has not ended with the first room; the currency is the series' own; the price lies between the least
/// price of one ticket and the most that all tickets may cost under the policies of the rooms; the passes are at least
/// one and those that were sold, and no more than the smallest room has seats; the end of the sale is to come and no
/// later than the end of the first room.
///
/// A pass that is dearer than its rooms may be written, and is not sold while it is: prices of rooms change.
///
/// - Returns: the next version, or the present one if nothing changes: a repeated request changes nothing.
public func decideSeriesOffer(
    _ draft: SeriesOfferDraft, for sale: SeriesOnSale, at instant: Instant
) throws(SeriesRefusal) -> SeriesOffer {
    guard let series = sale.series else { throw .unknown }
    let versions = sale.offer?.version ?? 0
    guard versions < Series.maximumVersions else { throw .limit }
    if let first = sale.rooms.compactMap({ $0.room?.overAt }).min(), instant >= first {
        throw .over(endedAt: first)
    }
    guard draft.price.currency == series.currency else { throw .otherCurrency(series.currency) }
    let ranges = sale.rooms.compactMap { $0.policy.priceRange[series.currency] }
    let least = ranges.map(\.lowerBound).min() ?? 0
    // Fifty rooms at the largest price of a policy, 10^15, are far from what 64 bits hold; a pass stays within the bound
    // of any amount.
    let most = min(Money.limit, ranges.reduce(Int64(0)) { $0 + $1.upperBound })
    guard (least...max(least, most)).contains(draft.price.minorUnits) else {
        throw .price(least: Money(least, series.currency), most: Money(most, series.currency))
    }
    let seats = sale.rooms.compactMap { $0.room?.capacity }.min() ?? 0
    let fewest = max(1, sale.sold)
    guard (fewest...max(fewest, seats)).contains(draft.passes) else { throw .passes(least: fewest, most: seats) }
    if let end = draft.saleEndsAt {
        let first = sale.rooms.compactMap { $0.room?.overAt }.min()
        guard instant < end, first.map({ end <= $0 }) ?? false else { throw .saleEnd }
    }
    let next = SeriesOffer(
        series: series.id, version: versions + 1, price: draft.price, passes: draft.passes,
        saleEndsAt: draft.saleEndsAt, isWithdrawn: draft.isWithdrawn, since: instant)
    if let current = sale.offer, current.says(the: next) { return current }
    return next
}

/// Whether a room has a price in a currency that is not withdrawn, and sells in it.
func isSold(_ sale: RoomOnSale, in currency: Currency, at instant: Instant) -> Bool {
    guard let shown = sale.prices.shown(at: instant)?.version else { return false }
    return shown.kind != .withdrawn && shown.price.currency == currency && sale.policy.priceRange[currency] != nil
}
