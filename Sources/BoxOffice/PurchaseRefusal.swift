public import Values

/// Why a ticket is not sold.
public enum PurchaseRefusal: Refusal, Hashable {
    /// No such room, or none that has a price yet.
    case roomUnknown
    case roomCancelled
    /// Closed, or over.
    case roomClosed
    case saleNotOpen(opensAt: Instant)
    case count(most: Int)
    case tierUnknown
    case tierNotOpen(opensAt: Instant)
    case tierOver
    case tierFull(left: Int)
    /// The buyer's money is of another currency than the price.
    case currencyMismatch(price: Currency)
    case priceChanged(now: Money)
    case belowFloor(least: Money)
    case aboveMost(most: Money)
    case voucherUnknown
    case voucherNotYet(from: Instant)
    /// Its time is over, or the host took it back.
    case voucherOver
    case voucherUsedUp(left: Int)
    /// The policy of the room does not sell through this door.
    case channelUnknown
    case soldOut(capacity: Int)
    case notEnoughSeats(left: Int)
    /// Free seats gather for whoever waits: they come first.
    case waitingFirst
    case insufficientFunds(missing: Money)
    /// One buyer would keep more seats of a room than anybody needs.
    case holdLimit(seats: Int)

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .saleNotOpen: "sale_not_open"
        case .count: "count_out_of_range"
        case .tierUnknown: "tier_unknown"
        case .tierNotOpen: "tier_not_open"
        case .tierOver: "tier_over"
        case .tierFull: "tier_full"
        case .currencyMismatch: "currency_mismatch"
        case .priceChanged: "price_changed"
        case .belowFloor: "price_below_floor"
        case .aboveMost: "price_above_most"
        case .voucherUnknown: "voucher_unknown"
        case .voucherNotYet: "voucher_not_yet"
        case .voucherOver: "voucher_over"
        case .voucherUsedUp: "voucher_used_up"
        case .channelUnknown: "channel_unknown"
        case .soldOut: "sold_out"
        case .notEnoughSeats: "not_enough_seats"
        case .waitingFirst: "waiting_first"
        case .insufficientFunds: "insufficient_funds"
        case .holdLimit: "hold_limit"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed, .tierUnknown, .tierOver, .voucherUnknown, .voucherOver,
            .channelUnknown, .waitingFirst:
            [:]
        case .saleNotOpen(let opensAt), .tierNotOpen(let opensAt): ["opens_at": opensAt.description]
        case .voucherNotYet(let from): ["from": from.description]
        case .count(let most): ["most": String(most)]
        case .tierFull(let left), .voucherUsedUp(let left), .notEnoughSeats(let left): ["left": String(left)]
        case .currencyMismatch(let currency): ["currency": currency.code]
        case .priceChanged(let now): ["price": now.description]
        case .belowFloor(let least): ["least": least.description]
        case .aboveMost(let most): ["most": most.description]
        case .soldOut(let capacity): ["capacity": String(capacity)]
        case .insufficientFunds(let missing): ["missing": missing.description]
        case .holdLimit(let seats): ["seats": String(seats)]
        }
    }
}
