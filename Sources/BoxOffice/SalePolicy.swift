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
    /// What the store or the payment provider keeps of a sale from the wallet.
    public let feeRate: BasisPoints
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

    /// What the store or provider keeps of a gross amount.
    public func fee(of gross: Money) -> Money {
        Money(quotientHalfUp(gross.minorUnits, feeRate.value, 10_000), gross.currency)
    }
}

/// Why a preset cannot be used: a fault of the installation, found at the start.
public struct PolicyFault: Error, Hashable, Sendable {
    public let policy: String
    public let reason: String
}
