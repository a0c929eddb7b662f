internal import Foundation
public import Values

/// Which accounts there are, what they mean, and which of them may go into debit: data, checked at the start.
///
/// A line covers one account (`assets:psp`) or a family (`liabilities:wallet:*`, one word for the star).
public struct ChartOfAccounts: Sendable, Hashable {
    public struct Line: Sendable, Hashable, Codable {
        public let pattern: String
        /// The class must be that of the pattern's first word; a test for slips of the pen.
        public let `class`: AccountClass
        /// Whether a debit balance is allowed. Assets and expenses normally have one.
        public let mayGoIntoDebit: Bool
        public let meaning: String

        public init(pattern: String, class: AccountClass, mayGoIntoDebit: Bool, meaning: String) {
            self.pattern = pattern
            self.class = `class`
            self.mayGoIntoDebit = mayGoIntoDebit
            self.meaning = meaning
        }
    }

    public let lines: [Line]

    /// - Throws: ``ChartFault`` for a pattern that is no account, a class that is not its first word's, or a pattern
    ///   that stands twice.
    public init(lines: [Line]) throws(ChartFault) {
        var seen: Set<String> = []
        for line in lines {
            let sample = line.pattern.hasSuffix(":*") ? line.pattern.dropLast() + "x" : line.pattern[...]
            guard let account = Account(sample) else { throw .notAnAccount(line.pattern) }
            guard account.accountClass == line.class else { throw .wrongClass(line.pattern) }
            guard seen.insert(line.pattern).inserted else { throw .twice(line.pattern) }
        }
        self.lines = lines
    }

    /// Reads `{"accounts": [{"pattern": …, "class": …, "mayGoIntoDebit": …, "meaning": …}]}`.
    public init(json: [UInt8]) throws(ChartFault) {
        struct File: Decodable {
            let accounts: [Line]
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch { throw .unreadable("\(error)") }
        try self.init(lines: file.accounts)
    }

    /// The line that covers an account: its own, else its family's; `nil` for an account that is not in the chart.
    public func line(for account: Account) -> Line? {
        if let exact = lines.first(where: { $0.pattern == account.text }) { return exact }
        guard let colon = account.text.lastIndex(of: ":") else { return nil }
        let family = account.text[...colon] + "*"
        return lines.first { $0.pattern == family }
    }
}

extension ChartOfAccounts {
    /// The accounts of the posting recipes that the chart does not know or has in another class; checked at the start,
    /// since an entry on such an account could not be explained.
    public var missing: [Account] {
        let families = [
            "liabilities:wallet:x", "liabilities:escrow:x", "liabilities:host:x", "liabilities:fund:x",
            "liabilities:reserve:x",
        ].compactMap { Account($0) }
        let known: [Account] = [
            .provider, .bank, .vat, .withholding, .commission, .suspense, .unplaced, .earnings,
            .onItsWay, .contested, .contestedClaims, .providerFees, .disputeFees, .disputeLosses,
            .adjustments, .fund,
        ]
        return (known + families).filter { line(for: $0)?.class != $0.accountClass }
    }

    /// The first account that an entry names without being in the chart, or takes into debit where that is not allowed
    /// (J10), with the balance that it would have; `nil` for an entry that may be posted.
    ///
    /// The second fence behind the refusals: an entry that is stopped here is a bug, not a buyer without money.
    /// - Parameter balance: the balance before the entry, debit positive; asked only where it decides.
    public func breach<Fault: Error>(
        by entry: JournalEntry, balance: (Account, Currency) throws(Fault) -> Money
    ) throws(Fault) -> Posting? {
        for change in Balances(of: [entry]).rows {
            guard let line = line(for: change.account) else { return change }
            guard !line.mayGoIntoDebit, change.amount.isPositive else { continue }
            let after = try balance(change.account, change.amount.currency) + change.amount
            if after.isPositive { return Posting(account: change.account, amount: after) }
        }
        return nil
    }
}

/// Why a chart of accounts cannot be used: a fault of the installation, found at the start.
public enum ChartFault: Error, Sendable, Equatable {
    case unreadable(String)
    case notAnAccount(String)
    case wrongClass(String)
    case twice(String)
}
