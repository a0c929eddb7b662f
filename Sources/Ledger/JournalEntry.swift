public import Values

/// What a journal entry records. Closed: a new kind of fact is a new case and a new recipe.
public enum EntryKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Money of the provider becomes a holder's wallet.
    case topup
    /// A ticket is bought: wallet to VAT, fee and the room's escrow.
    case sale
    /// A listener gives a room's host something: the same legs as a sale, without a ticket.
    case tip
    /// A listener pays to stay when the room goes on: the same legs as a sale, for a ticket that is there already.
    case overtime
    /// Money goes back to a wallet.
    case refund
    /// A delivered room's escrow becomes the host's share and the platform's commission.
    case release
    /// A host is paid: host to bank and withholding.
    case payout
    /// The exact mirror of an earlier entry, which stood wrongly.
    case reversal
    /// Money arrived that nobody could place.
    case suspense
    /// Money in suspense found its place: a wallet, or back to where it came from.
    case resolution
    /// Income and expenses of a period become earnings; nothing is dated on or before its day any more (J8).
    case periodClose = "period_close"
    /// Money of a wallet goes back through the provider to whoever paid, or does not arrive there.
    case repayment
    /// A buyer's bank takes money back, gives it again, or keeps it.
    case dispute
    /// What a provider kept for its work.
    case providerFee = "provider_fee"
    /// What a provider held for us reaches our bank, or comes back from there.
    case settlement
    /// A host is owed more or less: a correction by hand, or the fee of a dispute that the host bears.
    case adjustment
    /// A fund gives a host something for a month.
    case fund
    /// The account of a fund gets money for its hosts, or gives back what is free.
    case fundBudget = "fund_budget"
    /// A part of what a host is owed is kept in reserve, or owed again.
    case reserve
}

/// Names and dates of an entry to be made; ids and times come in as arguments, rules never make them.
public struct EntryStamp: Hashable, Sendable {
    public let id: EntryID
    /// When it is recorded. Never falls along the journal.
    public let postedAt: Instant
    /// The business day to which it belongs.
    public let effectiveOn: LocalDay

    public init(id: EntryID, postedAt: Instant, effectiveOn: LocalDay) {
        self.id = id
        self.postedAt = postedAt
        self.effectiveOn = effectiveOn
    }
}

/// A journal entry. One that exists is balanced in every currency, because it consists of two-sided legs.
public struct JournalEntry: Hashable, Sendable {
    public let id: EntryID
    public let kind: EntryKind
    public let postedAt: Instant
    public let effectiveOn: LocalDay
    /// The entry that this one undoes; only of kind ``EntryKind/reversal``.
    public let reverses: EntryID?
    /// In the order in which they are written and hashed; never empty.
    public let legs: [Leg]

    /// Most legs of an entry: far more than any recipe makes (a sale has 3, a release of 3 hosts 4).
    public static let maximumLegs = 1_000

    /// `nil` for no legs, too many, or a `reverses` that does not fit the kind.
    public init?(_ stamp: EntryStamp, kind: EntryKind, reverses: EntryID? = nil, legs: [Leg]) {
        guard (1...Self.maximumLegs).contains(legs.count), (reverses != nil) == (kind == .reversal),
            reverses != stamp.id
        else { return nil }
        id = stamp.id
        self.kind = kind
        postedAt = stamp.postedAt
        effectiveOn = stamp.effectiveOn
        self.reverses = reverses
        self.legs = legs
    }

    /// The exact mirror of this entry; `nil` for an entry that is itself a reversal, which is never undone (J7).
    public func mirror(_ stamp: EntryStamp) -> JournalEntry? {
        guard kind != .reversal else { return nil }
        return JournalEntry(stamp, kind: .reversal, reverses: id, legs: legs.map(\.mirrored))
    }

    /// The rows of the journal, two a leg: debit, then credit.
    public var postings: [Posting] { legs.flatMap(\.postings) }
}
