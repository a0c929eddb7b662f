public import Values

/// One two-sided leg: a positive amount leaves the credited account and reaches the debited one.
///
/// Both sides stand in one value, so an unbalanced or mixed-currency entry cannot be written down.
public struct Leg: Hashable, Sendable {
    public let debit: Account
    public let credit: Account
    /// Positive, at most ``Money/limit``.
    public let amount: Money

    /// `nil` unless the accounts differ and the amount is within 1…``Money/limit``.
    public init?(debit: Account, credit: Account, amount: Money) {
        guard debit != credit, (1...Money.limit).contains(amount.minorUnits) else { return nil }
        self.debit = debit
        self.credit = credit
        self.amount = amount
    }

    /// A leg for a signed amount: zero makes none, a negative one changes the sides.
    ///
    /// Rounding differences of partial refunds can fall on either side, hence the sign.
    public static func moving(_ amount: Money, debit: Account, credit: Account) -> Leg? {
        amount.minorUnits < 0
            ? Leg(debit: credit, credit: debit, amount: -amount)
            : Leg(debit: debit, credit: credit, amount: amount)
    }

    /// The same amount back.
    public var mirrored: Leg { Leg(sides: credit, debit, amount) }

    private init(sides debit: Account, _ credit: Account, _ amount: Money) {
        self.debit = debit
        self.credit = credit
        self.amount = amount
    }
}

/// One row of the journal: an account and a signed amount, debit positive.
public struct Posting: Hashable, Sendable {
    public let account: Account
    public let amount: Money

    public init(account: Account, amount: Money) {
        self.account = account
        self.amount = amount
    }
}

extension Leg {
    /// Two rows: the debited account, then the credited one.
    public var postings: [Posting] {
        [Posting(account: debit, amount: amount), Posting(account: credit, amount: -amount)]
    }
}
