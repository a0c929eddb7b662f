public import Ledger
public import Values

/// What a listener asks for. Ids come from the edge, so that a repeated request has the same ones.
public struct TipWish: Hashable, Sendable {
    public let order: OrderID
    public let entry: EntryID
    public let holder: HolderID
    public let room: RoomID
    public let amount: Money
    public let message: String
    public let country: CountryEvidence?

    public init(
        order: OrderID, entry: EntryID, holder: HolderID, room: RoomID, amount: Money, message: String = "",
        country: CountryEvidence? = nil
    ) {
        self.order = order
        self.entry = entry
        self.holder = holder
        self.room = room
        self.amount = amount
        self.message = message
        self.country = country
    }
}

/// A room as a tip meets it.
public struct RoomForTips: Hashable, Sendable {
    public let room: Room?
    public let policy: SalePolicy
    public let taxes: TaxTable
    /// Whether the host takes tips here.
    public let isOn: Bool
    /// Whether the holder has a ticket of the room that nobody took back.
    public let hasTicket: Bool
    /// What the holder has tipped in this room so far, in the currency of the tip.
    public let tipped: Int64
    /// The version of the room's price list under which the tip stands: see ``TipPolicy/tier(of:)``.
    public let priceVersion: Int

    public init(
        room: Room?, policy: SalePolicy, taxes: TaxTable = .empty, isOn: Bool = true, hasTicket: Bool, tipped: Int64,
        priceVersion: Int
    ) {
        self.room = room
        self.policy = policy
        self.taxes = taxes
        self.isOn = isOn
        self.hasTicket = hasTicket
        self.tipped = tipped
        self.priceVersion = priceVersion
    }
}

/// A tip that was decided: everything that has to be stored, in one transaction.
///
/// Its money is an order of the room without a ticket, at a floor price that the policy makes: so it lies in the room's
/// escrow, is divided by R1 and R2 in the sequence of sales, is released and paid like them, and goes back by R3.
public struct Tip: Hashable, Sendable {
    /// Some lines of a chat; a preset may have less.
    public static let maximumMessage = 500

    public let order: Order
    public let message: String
    public let entry: JournalEntry
}

/// Why a tip is not taken.
public enum TipRefusal: Refusal, Hashable {
    case unknown
    case roomUnknown
    case roomCancelled
    /// The room has not opened yet.
    case notOpen
    case over(endedAt: Instant)
    /// The host takes none in this room, or the policy takes none at all.
    case off
    case currency(Currency)
    case noTicket
    case message(most: Int)
    case amount(least: Money, most: Money)
    case mostPerRoom(left: Money)
    case insufficientFunds(missing: Money)
    case alreadyRefunded

    public var code: String {
        switch self {
        case .unknown: "tip_unknown"
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .notOpen: "tip_room_not_open"
        case .over: "tip_room_over"
        case .off: "tips_off"
        case .currency: "tip_currency"
        case .noTicket: "tip_no_ticket"
        case .message: "tip_message"
        case .amount: "tip_amount"
        case .mostPerRoom: "tip_room_limit"
        case .insufficientFunds: "insufficient_funds"
        case .alreadyRefunded: "already_refunded"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .unknown, .roomUnknown, .roomCancelled, .notOpen, .off, .noTicket, .alreadyRefunded: [:]
        case .over(let instant): ["ended_at": instant.description]
        case .currency(let currency): ["currency": currency.code]
        case .message(let most): ["characters": String(most)]
        case .amount(let least, let most): ["least": least.description, "most": most.description]
        case .mostPerRoom(let left): ["left": left.description]
        case .insufficientFunds(let missing): ["missing": missing.description]
        }
    }
}

/// Takes a tip from the listener's wallet.
///
/// Checks in this order: the room exists, is not cancelled, has opened, is not over for too long; the host takes tips,
/// and the policy in this currency; the holder has a ticket; the message; the amount; what the holder has tipped here so
/// far; the wallet.
public func decideTip(
    _ wish: TipWish, in tips: RoomForTips, wallet: Money, stamp: EntryStamp
) throws(TipRefusal) -> Tip {
    guard let room = tips.room, room.id == wish.room else { throw .roomUnknown }
    let policy = tips.policy.tips
    switch room.state {
    case .cancelled: throw .roomCancelled
    case .scheduled: throw .notOpen
    case .open, .closed: break
    }
    let end = room.overAt.advanced(bySeconds: policy.secondsAfter)
    guard stamp.postedAt < end else { throw .over(endedAt: end) }
    guard tips.isOn, !policy.range.isEmpty else { throw .off }
    let currency = wish.amount.currency
    guard let range = policy.range[currency] else { throw .currency(currency) }
    guard tips.hasTicket else { throw .noTicket }
    guard isMessage(wish.message, most: policy.messageLength) else { throw .message(most: policy.messageLength) }
    guard range.contains(wish.amount.minorUnits) else {
        throw .amount(least: Money(range.lowerBound, currency), most: Money(range.upperBound, currency))
    }
    if let most = policy.mostPerRoom[currency], wish.amount.minorUnits > most - tips.tipped {
        throw .mostPerRoom(left: Money(max(0, most - tips.tipped), currency))
    }
    guard wallet.currency == currency, wallet.minorUnits >= wish.amount.minorUnits else {
        let held = wallet.currency == currency ? wallet.minorUnits : 0
        throw .insufficientFunds(missing: Money(wish.amount.minorUnits - held, currency))
    }
    guard let order = order(wish, least: range.lowerBound, of: room, in: tips, at: stamp),
        let entry = JournalEntry(stamp, kind: .tip, legs: PostingRecipe.sale(order))
    else { preconditionFailure("An amount within a range that was checked always makes an order.") }
    return Tip(order: order, message: wish.message, entry: entry)
}

private func order(
    _ wish: TipWish, least: Int64, of room: Room, in tips: RoomForTips, at stamp: EntryStamp
) -> Order? {
    let gross = wish.amount
    let tax =
        tips.policy.tips.isTaxed
        ? tips.policy.tax(in: gross, for: wish.country, on: stamp.effectiveOn, by: tips.taxes)
        : (amount: .zero(gross.currency), account: .vat)
    let fee = quotientHalfUp(gross.minorUnits, tips.policy.tips.fee.value, 10_000)
    guard
        let terms = TicketTerms(
            priceVersion: tips.priceVersion, isFloor: true, price: Money(least, gross.currency),
            extra: gross.minorUnits - least, gross: gross, vat: tax.amount.minorUnits, vatAccount: tax.account,
            fee: min(fee, gross.minorUnits - tax.amount.minorUnits), feeIsRefundable: tips.policy.feeIsRefundable,
            policy: tips.policy.id, country: wish.country)
    else { return nil }
    return Order(
        id: wish.order, room: room.id, owner: room.host, cohosts: room.cohosts, holder: wish.holder,
        ticket: .derived(at: stamp.postedAt, from: wish.order.text), terms: terms, soldAt: stamp.postedAt)
}

/// Whether a message has no character that could break a line, a log or a page, and is short enough.
private func isMessage(_ text: String, most: Int) -> Bool {
    text.count <= most && text.utf8.count <= 4 * most
        && text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
            default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
            }
        }
}
