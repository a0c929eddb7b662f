internal import Values

/// `journal.hledger`: the journal for hledger (1.25 and later), strict enough for `hledger check --strict`.
///
/// Commodities and accounts are declared, each entry carries its sequence as code and its times as tags, and the
/// last transaction asserts every balance, so that hledger itself finds a missing or changed line.
enum HledgerJournal {
    static func render(_ journal: JournalExport) -> [UInt8] {
        Array((head(journal) + entries(journal.entries) + foot(journal)).utf8)
    }

    static func entries(_ entries: [JournalEntryRows]) -> String {
        var text = ""
        for entry in entries { append(entry, to: &text) }
        return text
    }

    /// Commodities, accounts and opening balances.
    static func head(_ journal: JournalExport) -> String {
        var text = "; Journal of \(oneLine(journal.platform)).\n"
        text += "; Head of the chain: \(journal.headSequence) \(journal.headHash)\n\n"
        text += "decimal-mark .\n\n"
        for currency in journal.currencies {
            // hledger wants the decimal mark even where no decimals follow.
            let sample = Money(1_000 * scale(currency), currency).decimal
            text += "commodity \(sample)\(currency.exponent == 0 ? "." : "") \(currency.code)\n"
        }
        text += "\n"
        for account in journal.accounts {
            text += "account \(name(account))" + (type(account).map { "  ; type: \($0)" } ?? "") + "\n"
        }
        if let days = journal.days, !journal.opening.isEmpty {
            text += "\n\(days.first) * opening balances\n"
            for row in journal.opening { text += posting(row.account, Money(row.balance, row.currency)) }
        }
        return text
    }

    /// Every balance asserted.
    static func foot(_ journal: JournalExport) -> String {
        guard let days = journal.days else { return "" }
        var text = "\n\(days.last) * closing balances  ; asserted, nothing moves\n"
        for row in journal.closing {
            let zero = Money.zero(row.currency)
            text += posting(row.account, zero, asserting: Money(row.balance, row.currency))
        }
        return text
    }

    private static func append(_ entry: JournalEntryRows, to text: inout String) {
        let head = entry.head
        text += "\n\(head.effectiveOn) * (\(head.seq)) \(oneLine(head.kind))"
        text += "  ; entry: \(oneLine(head.entry)), posted: \(head.postedAt)"
        if let reverses = head.reverses { text += ", reverses: \(oneLine(reverses))" }
        text += "\n"
        for row in entry.postings { text += posting(row.account, Money(row.amount, row.currency)) }
    }

    private static func posting(_ account: String, _ amount: Money, asserting balance: Money? = nil) -> String {
        let account = name(account)
        // Two spaces at least divide the account from the amount.
        let gap = String(repeating: " ", count: max(2, 64 - account.utf8.count - amount.decimal.utf8.count))
        return "    \(account)\(gap)\(amount)" + (balance.map { " = \($0)" } ?? "") + "\n"
    }

    private static func scale(_ currency: Currency) -> Int64 {
        (0..<currency.exponent).reduce(1) { scale, _ in scale * 10 }
    }

    /// hledger infers a type only from English words; the roots of our chart are these.
    private static func type(_ account: String) -> String? {
        switch account.prefix(while: { $0 != ":" }) {
        case "assets": "A"
        case "liabilities": "L"
        case "equity": "E"
        case "income": "R"
        case "expenses": "X"
        default: nil
        }
    }

    /// Account names keep letters, digits and `:._-`; any other byte becomes `%XX`, so that no id can end a line,
    /// begin a comment or look like a virtual posting.
    static func name(_ account: String) -> String {
        account.split(separator: ":", omittingEmptySubsequences: false).map { FileName.part(String($0)) }
            .joined(separator: ":")
    }

    /// A text that stays inside its line and its place: no control characters, comment signs, commas (they end a
    /// tag) or bars (they end a payee).
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 0x20 || scalar.value == 0x7F
                        || ";,|()\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar)
                        ? " " : scalar
                }))
    }
}
