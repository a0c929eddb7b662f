public import Ledger
public import Values

/// What a purchase would cost and post, before anything is written. A sale at this quote posts these legs and no others.
public struct Quote: Hashable, Sendable {
    public let room: RoomID
    /// `nil` for somebody who has no wallet yet; such a quote is to be read and cannot be bought.
    public let holder: HolderID?
    public let count: Int
    /// The tier that was chosen, or that the room shows.
    public let tier: String
    /// Of each ticket.
    public let terms: TicketTerms
    /// Of each ticket; none for a ticket that costs nothing.
    public let legs: [Leg]

    public var total: Money { Money(terms.gross.minorUnits * Int64(count), terms.currency) }

    /// The same quote with the fee of its terms shown elsewhere: what is paid through a provider, see
    /// ``TicketTerms/showingFee(in:)``.
    public func showingFee(in account: Account) -> Quote {
        let terms = terms.showingFee(in: account)
        return Quote(
            room: room, holder: holder, count: count, tier: tier, terms: terms,
            legs: PostingRecipe.sale(of: terms, in: room, from: holder.map { .wallet($0) } ?? Self.anybodysWallet))
    }

    /// The account of a buyer who is not known yet.
    public static let anybodysWallet = Account(wallet: "buyer")
}

/// Quotes tickets: decides what a sale would decide, by the same rules in the same order, and takes nothing.
///
/// Seats are asked last, so that a quote of a full room is refused as the sale would be.
public func decideQuote(
    _ wish: TicketWish, for holder: HolderID?, in sale: RoomOnSale, seats: SeatUse, at instant: Instant
) throws(PurchaseRefusal) -> Quote {
    let terms = try decideTerms(wish, in: sale, at: instant)
    guard let room = sale.room else { throw .roomUnknown }
    _ = try freeSeats(wish.count, of: room, seats)
    let tier = sale.prices.offers.first { $0.version.version == terms.priceVersion }?.version.tier
    return Quote(
        room: room.id, holder: holder, count: wish.count, tier: tier ?? PriceVersion.regularTier, terms: terms,
        legs: PostingRecipe.sale(
            of: terms, in: room.id, from: holder.map { .wallet($0) } ?? Quote.anybodysWallet))
}

extension TicketTerms {
    /// What a signed quote pins: every part of the terms, so that a sale at other terms is seen as one.
    public var digest: SHA256Digest {
        let parts: [String] = [
            String(priceVersion), isFloor ? "floor" : "fixed", price.description, String(extra), String(discount),
            gross.description, String(vat), vatAccount.text, String(fee), feeAccount.text,
            feeIsRefundable ? "refundable" : "kept", policy, channel, country?.country ?? "",
            country?.source.rawValue ?? "", voucher?.text ?? "",
        ]
        return SHA256Digest(of: parts.joined(separator: "|"))
    }
}

/// Why a quote is not bought.
public enum QuoteRefusal: Refusal, Hashable {
    /// Not signed by us as a quote, or not readable.
    case invalid
    case expired
    /// It was made for another wallet.
    case holder
    /// It was made for another way of paying, which posts to other accounts.
    case way
    /// The price or anything else of it is another one by now.
    case price(now: Money)
    /// It would post something else by now, at the same amount.
    case postings
    /// The tier is over, full, or gone.
    case phase
    /// The voucher does not count any more.
    case voucher

    public var code: String {
        switch self {
        case .invalid: "quote_invalid"
        case .expired: "quote_expired"
        case .holder: "quote_holder"
        case .way: "quote_way"
        case .price: "quote_price"
        case .postings: "quote_postings"
        case .phase: "quote_phase"
        case .voucher: "quote_voucher"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .price(let now): ["price": now.description]
        case .invalid, .expired, .holder, .way, .postings, .phase, .voucher: [:]
        }
    }

    /// What a refusal of the sale means for somebody who bought a quote; `nil` where it means just that: sold out, no
    /// money, room closed.
    public init?(_ refusal: PurchaseRefusal) {
        switch refusal {
        case .priceChanged(let now), .belowFloor(let now), .aboveMost(let now): self = .price(now: now)
        case .tierUnknown, .tierNotOpen, .tierOver, .tierFull: self = .phase
        case .voucherUnknown, .voucherNotYet, .voucherOver, .voucherUsedUp: self = .voucher
        case .roomUnknown, .roomCancelled, .roomClosed, .saleNotOpen, .count, .currencyMismatch, .channelUnknown,
            .soldOut, .notEnoughSeats, .waitingFirst, .insufficientFunds, .holdLimit:
            return nil
        }
    }
}
