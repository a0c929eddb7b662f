public import Values

/// Why a series is not made, or a pass not sold or given back.
public enum SeriesRefusal: Refusal, Hashable {
    /// No such series, or somebody else's.
    case unknown
    case passUnknown
    case title
    /// Fewer than two, more than fifty, or one of them twice.
    case rooms
    case roomUnknown(RoomID)
    /// Cancelled, closed or over.
    case roomOver(RoomID)
    /// Not sold in the currency of the pass.
    case currency(RoomID)
    case otherCurrency(Currency)
    case price(least: Money, most: Money)
    case passes(least: Int, most: Int)
    /// In the past, or later than the end of the first room.
    case saleEnd
    /// A host has so many series, a room is in so many, or the price was changed so often.
    case limit
    case withdrawn
    case over(endedAt: Instant)
    case roomCancelled(RoomID)
    case roomNotOpen(RoomID, opensAt: Instant)
    /// The rooms one by one cost less.
    case dearer(rooms: Money)
    case soldOut(passes: Int)
    case roomFull(RoomID)
    case insufficientFunds(missing: Money)
    /// Each ticket has ended, was passed on, or its terms give nothing.
    case nothingToRefund
    /// Not what giving it back would bring now.
    case refundChanged(now: Money)

    public var code: String {
        switch self {
        case .unknown: "series_unknown"
        case .passUnknown: "series_pass_unknown"
        case .title: "series_title"
        case .rooms: "series_rooms"
        case .roomUnknown: "series_room_unknown"
        case .roomOver: "series_room_over"
        case .currency: "series_room_currency"
        case .otherCurrency: "series_currency"
        case .price: "series_price"
        case .passes: "series_passes"
        case .saleEnd: "series_sale_end"
        case .limit: "series_limit"
        case .withdrawn: "series_withdrawn"
        case .over: "series_over"
        case .roomCancelled: "series_room_cancelled"
        case .roomNotOpen: "series_room_not_open"
        case .dearer: "series_dearer"
        case .soldOut: "series_sold_out"
        case .roomFull: "series_room_full"
        case .insufficientFunds: "insufficient_funds"
        case .nothingToRefund: "series_nothing_to_refund"
        case .refundChanged: "refund_changed"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .unknown, .passUnknown, .title, .saleEnd, .limit, .withdrawn, .nothingToRefund: [:]
        case .rooms: ["least": String(Series.leastRooms), "most": String(Series.maximumRooms)]
        case .roomUnknown(let room), .roomOver(let room), .currency(let room), .roomCancelled(let room),
            .roomFull(let room):
            ["room": room.text]
        case .otherCurrency(let currency): ["currency": currency.code]
        case .price(let least, let most): ["least": least.description, "most": most.description]
        case .passes(let least, let most): ["least": String(least), "most": String(most)]
        case .over(let endedAt): ["ended_at": endedAt.description]
        case .roomNotOpen(let room, let opensAt): ["room": room.text, "opens_at": opensAt.description]
        case .dearer(let rooms): ["rooms": rooms.description]
        case .soldOut(let passes): ["passes": String(passes)]
        case .insufficientFunds(let missing): ["missing": missing.description]
        case .refundChanged(let now): ["amount": now.description]
        }
    }
}
