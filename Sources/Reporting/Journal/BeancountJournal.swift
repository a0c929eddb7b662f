internal import Values

/// `journal.beancount`: the journal for beancount 3, with every balance asserted to the minor unit on the day after.
enum BeancountJournal {
    static func render(_ journal: JournalExport) -> [UInt8] {
        Array((head(journal) + entries(journal.entries) + foot(journal)).utf8)
    }

    static func entries(_ entries: [JournalEntryRows]) -> String {
        var text = ""
        for entry in entries { append(entry, to: &text) }
        return text
    }

    /// Options, accounts and opening balances.
    static func head(_ journal: JournalExport) -> String {
        var text = "; Head of the chain: \(journal.headSequence) \(journal.headHash)\n"
        text += "option \"title\" \(quoted(journal.platform))\n"
        for currency in journal.currencies { text += "option \"operating_currency\" \"\(currency.code)\"\n" }
        guard let days = journal.days else { return text }
        text += "\n"
        for account in journal.accounts { text += "\(days.first) open \(BeancountAccount.name(account))\n" }
        if !journal.opening.isEmpty {
            text += "\n\(days.first) * \"opening balances\"\n"
            for row in journal.opening { text += posting(row.account, Money(row.balance, row.currency)) }
        }
        return text
    }

    /// Every balance asserted on the day after.
    static func foot(_ journal: JournalExport) -> String {
        guard let days = journal.days else { return "" }
        var text = "\n"
        // A balance holds at the beginning of its day. Without `~ 0` beancount forgives one minor unit.
        let after = days.last.advanced(byDays: 1)
        for row in journal.closing {
            let amount = Money(row.balance, row.currency)
            let zero = Money.zero(row.currency).decimal
            text += "\(after) balance \(BeancountAccount.name(row.account))  \(amount.decimal) ~ \(zero) "
            text += "\(row.currency.code)\n"
        }
        return text
    }

    private static func append(_ entry: JournalEntryRows, to text: inout String) {
        let head = entry.head
        text += "\n\(head.effectiveOn) * \(quoted(head.kind))\n"
        text += "  seq: \(head.seq)\n  entry: \(quoted(head.entry))\n  posted_at: \"\(head.postedAt)\"\n"
        if let reverses = head.reverses { text += "  reverses: \(quoted(reverses))\n" }
        for row in entry.postings { text += posting(row.account, Money(row.amount, row.currency)) }
    }

    private static func posting(_ account: String, _ amount: Money) -> String {
        "  \(BeancountAccount.name(account))  \(amount)\n"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Account names by beancount's rules: one of five roots, then parts of letters, digits and hyphens that begin with
/// a capital or a digit.
///
/// Two accounts never share a name. A part of lower-case letters and digits joined by single `_` or `-` is mapped
/// readably and reversibly (`host_01k` is `Host-01k`, `dispute-fees` is `Dispute--fees`); any other part gets a
/// piece of its digest behind `-x`, an end that no readable part has.
enum BeancountAccount {
    static func name(_ account: String) -> String {
        let parts = account.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let roots = [
            "assets": "Assets", "liabilities": "Liabilities", "equity": "Equity", "income": "Income",
            "expenses": "Expenses",
        ]
        if let root = parts.first.flatMap({ roots[$0] }), parts.count > 1 {
            return ([root] + parts.dropFirst().map(part)).joined(separator: ":")
        }
        // No root of the five, or nothing below it; three hyphens come from no readable part.
        return (["Equity", "Other---root"] + parts.map(part)).joined(separator: ":")
    }

    private static func part(_ part: String) -> String {
        var mapped: [UInt8] = []
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): mapped.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): mapped.append(byte)
            case UInt8(ascii: "-"): mapped += Array("--".utf8)
            default: mapped.append(UInt8(ascii: "-"))
            }
        }
        if let first = mapped.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) { mapped[0] = first - 32 }
        let readable = String(decoding: mapped.prefix(80), as: UTF8.self)
        guard isPlain(part) else {
            let digest = SHA256Digest(of: part).hex.prefix(16)
            let start = readable.first.map { $0 == "-" } ?? true
            return (start ? "X" : "") + readable + "-x" + digest
        }
        return readable
    }

    /// Lower-case letters and digits joined by single `_` or `-`, and no end that looks like a digest's.
    private static func isPlain(_ part: String) -> Bool {
        let words = part.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        guard !words.isEmpty, part.utf8.count <= 80, !(words.count > 1 && words.last?.count == 17) else { return false }
        return words.allSatisfy { word in
            !word.isEmpty
                && word.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                }
        }
    }
}
