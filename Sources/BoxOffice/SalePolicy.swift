public import Ledger
public import Values

/// A bracket of the host's share: up to a cumulative base, this rate (R1).
public struct Tier: Hashable, Sendable {
    /// Cumulative minor units, exclusive of what lies above; `nil` in the last bracket, which has no end.
    public let upTo: Int64?
    public let rate: BasisPoints

    public init(upTo: Int64?, rate: BasisPoints) {
        self.upTo = upTo
        self.rate = rate
    }
}

/// The rules under which a ticket is sold, refunded and paid out: data, versioned, pinned by every sale.
///
/// Presets stand in `Schemas`. A changed rule is a new version; an old version is never edited.
public struct SalePolicy: Hashable, Sendable {
    /// Until when a buyer may give a ticket back without asking anybody.
    public enum RefundWindow: String, Hashable, Sendable, Codable {
        case roomEnds = "room_ends"
        case roomStarts = "room_starts"
    }

    /// From when a listener's ticket lets in; it ends with the room.
    public enum TicketStart: String, Hashable, Sendable, Codable {
        case doorsOpen = "doors_open"
        case roomStarts = "room_starts"
    }

    /// On which local days payouts are made.
    public enum BatchDays: String, Hashable, Sendable, Codable {
        case daily, weekdays
    }

    /// Who bears the fee of a dispute: the platform, or the room's owner.
    public enum DisputeFeeBearer: String, Hashable, Sendable, Codable {
        case platform, host
    }

    /// The door of sales that are paid from a wallet: every policy has a fee for it.
    public static let walletChannel = "wallet"

    public let name: String
    public let version: Int
    /// Days, cut-offs and months are local to this zone.
    public let calendar: BusinessCalendar
    /// Least and most that a ticket may cost; also the currencies in which tickets are sold.
    public let priceRange: [Currency: ClosedRange<Int64>]
    /// Least and most that a wallet takes at one time.
    public let topupRange: [Currency: ClosedRange<Int64>]
    /// VAT inside the price; a currency that is not here has none.
    public let vatRate: [Currency: BasisPoints]
    /// What the store or the payment provider keeps of a sale, by the door through which it comes; always one for
    /// ``walletChannel``.
    public let fees: [String: ChannelFee]
    /// Whether the fee comes back with a refund.
    public let feeIsRefundable: Bool
    /// The host's share per currency; lowest bracket first, the last without end.
    public let tiers: [Currency: [Tier]]
    /// Days between the later of sale and room end, and availability (R5).
    public let holdDays: Int
    /// A smaller balance is carried forward (R6); a currency that is not here has 1.
    public let minimumPayout: [Currency: Int64]
    public let batchDays: BatchDays
    public let holidays: Set<LocalDay>
    public let refundWindow: RefundWindow
    public let ticketStart: TicketStart
    /// Where the platform owes tax if nothing is known of the buyer; with it, tax follows the buyer's country. `nil`
    /// takes ``vatRate`` for everybody.
    public let taxHome: String?
    /// How long seats wait for money.
    public let holdSeconds: Int64
    /// Whether the place of a limited tier is sold again at that price once its ticket was given back.
    public let returnsTierPlaces: Bool
    /// What one person may decide about cancelling a room.
    public let cancellation: CancellationPolicy
    public let tips: TipPolicy
    public let moves: MovePolicy
    /// Who bears what providers ask for a dispute.
    public let disputeFeeBearer: DisputeFeeBearer

    /// What a sale pins and a ticket names: `guichet-default-2026/1`.
    public var id: String { "\(name)/\(version)" }

    /// The least payout in a currency: at least one minor unit.
    public func minimumPayout(in currency: Currency) -> Int64 { max(1, minimumPayout[currency] ?? 1) }

    /// Whether payouts are made on this local day (R6).
    public func isBatchDay(_ day: LocalDay) -> Bool {
        switch batchDays {
        case .daily: !holidays.contains(day)
        case .weekdays: day.weekday <= 5 && !holidays.contains(day)
        }
    }

    /// The VAT inside a gross amount: `Q(gross·r/(10000+r))`.
    public func vat(in gross: Money) -> Money {
        let rate = vatRate[gross.currency]?.value ?? 0
        return Money(quotientHalfUp(gross.minorUnits, rate, 10_000 + rate), gross.currency)
    }

    /// What the store or provider keeps of a gross amount, and the account in which it shows; `nil` for a door through
    /// which this policy does not sell.
    public func fee(of gross: Money, through channel: String) -> (amount: Money, account: Account)? {
        guard let fee = fees[channel] else { return nil }
        let fixed = gross.isZero ? 0 : fee.fixed[gross.currency] ?? 0
        let amount = quotientHalfUp(gross.minorUnits, fee.rate.value, 10_000) + fixed
        return (Money(amount, gross.currency), .provider(of: channel == Self.walletChannel ? nil : channel))
    }

    /// The tax inside a gross amount, and to whom it is owed.
    ///
    /// Where tax follows the buyer, a country that the table does not have is one where none is owed.
    public func tax(
        in gross: Money, for buyer: CountryEvidence?, on day: LocalDay, by table: TaxTable
    ) -> (amount: Money, account: Account) {
        guard let taxHome else { return (vat(in: gross), .vat) }
        let country = buyer?.country ?? taxHome
        let rate = table.rate(in: country, on: day)?.value ?? 0
        let amount = Money(quotientHalfUp(gross.minorUnits, rate, 10_000 + rate), gross.currency)
        return (amount, rate == 0 ? .vat : .vat(country: country, basisPoints: rate))
    }
}

/// What a store or provider keeps of a sale: a rate, and an amount beside it.
public struct ChannelFee: Hashable, Sendable {
    public let rate: BasisPoints
    /// Minor units of each sale.
    public let fixed: [Currency: Int64]

    public init(rate: BasisPoints, fixed: [Currency: Int64] = [:]) {
        self.rate = rate
        self.fixed = fixed
    }
}

/// Why a preset cannot be used: a fault of the installation, found at the start.
public struct PolicyFault: Error, Hashable, Sendable {
    public let policy: String
    public let reason: String
}
