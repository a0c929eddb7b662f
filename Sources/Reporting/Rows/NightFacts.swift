public import Values

/// Everything the reports of one night are made of; nothing else goes in, so the same facts give the same bytes.
///
/// Rows may come in any order: the reports sort them. Host and room ids are texts, because a replayed history
/// brings its own.
public struct NightFacts: Hashable, Sendable {
    /// The name at the head of every page, for example the operator's.
    public var platform: String
    /// The business day that this night closes.
    public var day: LocalDay
    /// The end of the day, exclusive.
    public var cutoff: Instant
    /// The last journal entry that belongs to the night.
    public var cutSequence: Int64
    /// The entry at the journal's end after the night's own postings, and its hash: the published head.
    public var headSequence: Int64
    public var headHash: String
    /// The policy under which the night ran, for example `twitter-ticketed-2021` version 1.
    public var policy: String
    public var policyVersion: Int64
    /// IANA name of the zone in which days are counted.
    public var timeZone: String
    /// The batch of this night and any earlier ones that `payouts` names.
    public var batches: [BatchRow]

    /// The postings of the journal up to the head.
    public var journal: [JournalPostingRow]
    /// Balances before the first posting of `journal`; empty where it begins at 1.
    public var openingBalances: [BalanceRow]
    /// The trial balance at the head.
    public var balances: [BalanceRow]
    /// All days that the report is to show, this one included.
    public var sales: [SalesRow]
    /// Every room whose escrow is not zero: together they must be the ledger's escrow.
    public var escrow: [EscrowRow]
    /// This night's payouts, and earlier ones if wanted.
    public var payouts: [PayoutRow]
    public var carried: [CarriedRow]
    public var orders: [OrderRow]
    public var hosts: [HostFacts]

    public init(
        platform: String, day: LocalDay, cutoff: Instant, cutSequence: Int64, headSequence: Int64,
        headHash: String, policy: String, policyVersion: Int64, timeZone: String, batches: [BatchRow],
        journal: [JournalPostingRow], openingBalances: [BalanceRow] = [], balances: [BalanceRow],
        sales: [SalesRow], escrow: [EscrowRow], payouts: [PayoutRow], carried: [CarriedRow],
        orders: [OrderRow], hosts: [HostFacts]
    ) {
        self.platform = platform
        self.day = day
        self.cutoff = cutoff
        self.cutSequence = cutSequence
        self.headSequence = headSequence
        self.headHash = headHash
        self.policy = policy
        self.policyVersion = policyVersion
        self.timeZone = timeZone
        self.batches = batches
        self.journal = journal
        self.openingBalances = openingBalances
        self.balances = balances
        self.sales = sales
        self.escrow = escrow
        self.payouts = payouts
        self.carried = carried
        self.orders = orders
        self.hosts = hosts
    }
}
