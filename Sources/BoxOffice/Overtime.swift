internal import Ledger
public import Values

/// A room that goes on behind its end, and what staying costs. Each overtime of a room begins where the one before ends.
///
/// No ticket promises less by it: those that were sold keep their end and may be made longer; those that are sold from
/// then on end with the room, at its ordinary price.
public struct Overtime: Hashable, Sendable {
    /// So many announcements fit an evening; each is a row that gateways, pages and audits look at.
    public static let maximumCount = 8
    /// Behind the first end: what goes on for longer is another room.
    public static let maximumHours: Int64 = 12

    public let room: RoomID
    /// From 1; the last one holds.
    public let number: Int
    /// When the room would have ended without any.
    public let firstEnd: Instant
    /// What is added: from here, until there (exclusive).
    public let from: Instant
    public let until: Instant
    /// What staying costs, as a version of the room's price list that is not shown: see ``tier(number:)``.
    public let price: PriceVersion
    public let announcedAt: Instant

    public init(
        room: RoomID, number: Int, firstEnd: Instant, from: Instant, until: Instant, price: PriceVersion,
        announcedAt: Instant
    ) {
        self.room = room
        self.number = number
        self.firstEnd = firstEnd
        self.from = from
        self.until = until
        self.price = price
        self.announcedAt = announcedAt
    }

    /// The tier of a room's price list under which extensions stand. No host can name a tier so.
    public static func tier(number: Int) -> String { "overtime:\(number)" }

    /// What an extension costs and where each part of it goes: like a ticket that is paid from a wallet.
    ///
    /// - Parameters:
    ///   - policy: of the ticket's order, so that VAT, fee and share are those of the ticket.
    ///   - country: where the buyer of the ticket is, for the tax.
    public func terms(
        under policy: SalePolicy, for country: CountryEvidence?, taxes: TaxTable, on day: LocalDay
    ) -> TicketTerms {
        let gross = price.price
        let tax = policy.tax(in: gross, for: country, on: day, by: taxes)
        // The wallet pays, whatever door the ticket came through: no store stands between.
        let fee = policy.fee(of: gross, through: SalePolicy.walletChannel)
        guard
            let terms = TicketTerms(
                priceVersion: price.version, price: gross, gross: gross, vat: tax.amount.minorUnits,
                vatAccount: tax.account,
                fee: min(fee?.amount.minorUnits ?? 0, gross.minorUnits - tax.amount.minorUnits),
                feeAccount: fee?.account ?? .provider, feeIsRefundable: policy.feeIsRefundable, policy: policy.id,
                country: country)
        else { preconditionFailure("A price that was announced always makes terms.") }
        return terms
    }
}

/// Why a room does not go on.
public enum OvertimeRefusal: Refusal, Hashable {
    case roomUnknown
    case roomCancelled
    case roomClosed
    case roomEnded
    case limit(most: Int)
    /// Not behind the room's present end by a second at least.
    case end(present: Instant)
    case tooLong(latest: Instant)
    /// Not in the currency of the room.
    case currency(Currency)
    case price(most: Money)

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .roomEnded: "room_ended"
        case .limit: "overtime_limit"
        case .end: "overtime_end"
        case .tooLong: "overtime_too_long"
        case .currency: "overtime_currency"
        case .price: "overtime_price"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed, .roomEnded: [:]
        case .limit(let most): ["most": String(most)]
        case .end(let present): ["ends_at": present.description]
        case .tooLong(let latest): ["latest": latest.description]
        case .currency(let currency): ["currency": currency.code]
        case .price(let most): ["most": most.description]
        }
    }
}

/// A room as an announcement of overtime meets it.
public struct RoomForOvertime: Hashable, Sendable {
    public let room: Room?
    /// Of the room.
    public let policy: SalePolicy
    /// The currency of the price that the room shows.
    public let currency: Currency
    /// How many versions its price list has had.
    public let versions: Int
    /// In their order.
    public let overtimes: [Overtime]

    public init(room: Room?, policy: SalePolicy, currency: Currency, versions: Int, overtimes: [Overtime]) {
        self.room = room
        self.policy = policy
        self.currency = currency
        self.versions = versions
        self.overtimes = overtimes
    }
}

/// Announces that a room goes on. Checks in this order: the room exists, is not cancelled, not closed, not over; it has
/// not gone on too often; the new end lies behind the present one, and not too far behind the first; the currency; the
/// price, which may be nothing.
public func decideOvertime(
    until end: Instant, at price: Money, in context: RoomForOvertime, at instant: Instant
) throws(OvertimeRefusal) -> Overtime {
    guard let room = context.room else { throw .roomUnknown }
    switch room.state {
    case .cancelled: throw .roomCancelled
    case .closed: throw .roomClosed
    case .scheduled, .open: break
    }
    guard instant < room.endsAt else { throw .roomEnded }
    guard context.overtimes.count < Overtime.maximumCount else { throw .limit(most: Overtime.maximumCount) }
    // Tickets speak in whole seconds.
    guard end.seconds > room.endsAt.seconds else { throw .end(present: room.endsAt) }
    let firstEnd = context.overtimes.first?.firstEnd ?? room.endsAt
    let latest = firstEnd.advanced(bySeconds: Overtime.maximumHours * 3_600)
    guard end <= latest else { throw .tooLong(latest: latest) }
    guard price.currency == context.currency, let range = context.policy.priceRange[price.currency] else {
        throw .currency(context.currency)
    }
    guard (0...range.upperBound).contains(price.minorUnits) else {
        throw .price(most: Money(range.upperBound, price.currency))
    }
    let number = context.overtimes.count + 1
    return Overtime(
        room: room.id, number: number, firstEnd: firstEnd, from: room.endsAt, until: end,
        price: PriceVersion(
            room: room.id, version: context.versions + 1, tier: Overtime.tier(number: number), price: price,
            since: instant),
        announcedAt: instant)
}

extension Room {
    /// The same room with another end: as it was when a ticket was sold.
    public func ending(at end: Instant) -> Room {
        taking(place: RoomTimes(doorsOpenAt: doorsOpenAt, startsAt: startsAt, endsAt: end))
    }
}

extension Overtime {
    /// The end of a ticket that comes back into a room: the one that it had, if the room has or had that end, else the
    /// room's first one, as if the ticket had been moved with it. Nobody gets overtime that way without paying for it.
    public static func end(of ticket: Instant, in room: Room, after overtimes: [Overtime]) -> Instant {
        guard let first = overtimes.first else { return room.endsAt }
        return overtimes.contains { $0.until == ticket } ? ticket : first.firstEnd
    }
}
