public import Ledger
internal import Values

extension JournalPostingRow {
    /// The rows of a chained entry: for each leg the debit, then the credit.
    public static func rows(of chained: ChainedEntry) -> [JournalPostingRow] {
        let entry = chained.entry
        return entry.postings.map { posting in
            JournalPostingRow(
                seq: chained.sequence, entry: entry.id.text, postedAt: entry.postedAt,
                effectiveOn: entry.effectiveOn, kind: entry.kind.rawValue, reverses: entry.reverses?.text,
                account: posting.account.text, currency: posting.amount.currency,
                amount: posting.amount.minorUnits, prevHash: chained.previousHash.hex, hash: chained.hash.hex)
        }
    }
}
