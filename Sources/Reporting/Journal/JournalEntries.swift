internal import Values

/// The postings of one entry together, for the journals of other programs.
struct JournalEntryRows: Sendable {
    let head: JournalPostingRow
    let postings: [JournalPostingRow]

    /// Divides sorted rows into entries.
    static func divide(_ rows: [JournalPostingRow]) -> [JournalEntryRows] {
        var entries: [JournalEntryRows] = []
        var start = rows.startIndex
        while start < rows.endIndex {
            let end = rows[start...].firstIndex { $0.seq != rows[start].seq } ?? rows.endIndex
            entries.append(JournalEntryRows(head: rows[start], postings: Array(rows[start..<end])))
            start = end
        }
        return entries
    }
}

/// A journal with what stands before and after it, in the order in which exports write it.
struct JournalExport: Sendable {
    let entries: [JournalEntryRows]
    let opening: [BalanceRow]
    /// Balances at the end, by account and currency; zeros included, since an assertion of zero proves something.
    let closing: [BalanceRow]
    let platform: String
    let headSequence: Int64
    let headHash: String
    /// The days of entries that are written elsewhere, piece by piece.
    var span: (first: LocalDay, last: LocalDay)?

    /// Every account that occurs, in byte order.
    var accounts: [String] {
        var names = Set(closing.map(\.account))
        for row in opening { names.insert(row.account) }
        for entry in entries { for posting in entry.postings { names.insert(posting.account) } }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    var currencies: [Currency] {
        var codes = Set(closing.map(\.currency))
        for row in opening { codes.insert(row.currency) }
        for entry in entries { for posting in entry.postings { codes.insert(posting.currency) } }
        return codes.sorted()
    }

    /// The first and the last day that any entry is dated on.
    var days: (first: LocalDay, last: LocalDay)? {
        if let span { return span }
        guard let first = entries.map(\.head.effectiveOn).min(), let last = entries.map(\.head.effectiveOn).max()
        else { return nil }
        return (first, last)
    }
}
