public import Values

/// One posting of the journal, exactly a row of `journal.csv` (payout rules, "Journal export").
///
/// The rows of an entry stand together and in posting order; each leg gives its debit row, then its credit row.
public struct JournalPostingRow: Hashable, Sendable {
    /// Place of the entry in the journal, from 1, without gaps.
    public var seq: Int64
    public var entry: String
    public var postedAt: Instant
    public var effectiveOn: LocalDay
    public var kind: String
    /// The entry that this one reverses, where it does.
    public var reverses: String?
    public var account: String
    public var currency: Currency
    /// Minor units, debit positive; never zero.
    public var amount: Int64
    /// 64 hexadecimal digits, the same for every posting of an entry.
    public var prevHash: String
    public var hash: String

    public init(
        seq: Int64, entry: String, postedAt: Instant, effectiveOn: LocalDay, kind: String, reverses: String?,
        account: String, currency: Currency, amount: Int64, prevHash: String, hash: String
    ) {
        self.seq = seq
        self.entry = entry
        self.postedAt = postedAt
        self.effectiveOn = effectiveOn
        self.kind = kind
        self.reverses = reverses
        self.account = account
        self.currency = currency
        self.amount = amount
        self.prevHash = prevHash
        self.hash = hash
    }
}
