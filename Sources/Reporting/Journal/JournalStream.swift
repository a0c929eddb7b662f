public import Values

/// The journal as `journal.csv`, `journal.hledger` and `journal.beancount`, piece by piece, so that a long one is never
/// held: the head of each, then rows in order and whole entries at a time, then the foot.
public struct JournalStream: Sendable {
    private let journal: JournalExport

    /// - Parameters:
    ///   - closing: the balances at the end, by account and currency; zeros included.
    ///   - days: the first and the last on which an entry is dated; `nil` for a journal without any.
    public init(
        platform: String, headSequence: Int64, headHash: String, closing: [BalanceRow],
        days: (first: LocalDay, last: LocalDay)?
    ) {
        journal = JournalExport(
            entries: [], opening: [], closing: closing, platform: platform, headSequence: headSequence,
            headHash: headHash, span: days)
    }

    public var csvHead: String {
        "seq,entry,posted_at,effective_on,kind,reverses,account,currency,amount,prev_hash,hash\r\n"
    }

    /// Ids, accounts and codes hold nothing that CSV would have to quote.
    public func csv(_ rows: [JournalPostingRow]) -> String {
        var text = ""
        for row in rows {
            text += "\(row.seq),\(row.entry),\(row.postedAt),\(row.effectiveOn),\(row.kind),\(row.reverses ?? ""),"
            text += "\(row.account),\(row.currency.code),\(row.amount),\(row.prevHash),\(row.hash)\r\n"
        }
        return text
    }

    public var hledgerHead: String { HledgerJournal.head(journal) }
    public func hledger(_ rows: [JournalPostingRow]) -> String {
        HledgerJournal.entries(JournalEntryRows.divide(rows))
    }
    public var hledgerFoot: String { HledgerJournal.foot(journal) }

    public var beancountHead: String { BeancountJournal.head(journal) }
    public func beancount(_ rows: [JournalPostingRow]) -> String {
        BeancountJournal.entries(JournalEntryRows.divide(rows))
    }
    public var beancountFoot: String { BeancountJournal.foot(journal) }

    /// `balances.csv`.
    public var balances: String {
        journal.closing.reduce("account,currency,balance\r\n") {
            $0 + "\($1.account),\($1.currency.code),\($1.balance)\r\n"
        }
    }
}
