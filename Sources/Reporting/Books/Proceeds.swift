internal import Values

/// What became of the money that buyers paid for tickets, in one currency, read from the journal itself.
///
/// Only entries that touch an escrow, or a wallet together with tax, a host or the commission, are looked at: a
/// top-up moves a wallet but sells nothing, and a payout moves a host's money but earns none. Such entries balance,
/// so the parts add up to what was paid, always.
struct Proceeds: Hashable, Sendable {
    enum Part: String, Hashable, Sendable, CaseIterable {
        case hosts, platform, vat, fees, escrow, refunds, other
    }

    let currency: Currency
    /// What buyers paid, refunds not deducted.
    let paid: Int64
    let parts: [Part: Int64]

    static func derive(from entries: [JournalEntryRows]) throws(ReportRefusal) -> [Proceeds] {
        var paid: [Currency: Int64] = [:]
        var parts: [Currency: [Part: Int64]] = [:]
        for entry in entries {
            let accounts = entry.postings.map(\.account)
            let sells =
                accounts.contains { $0.hasPrefix("liabilities:escrow:") }
                || (accounts.contains { $0.hasPrefix("liabilities:wallet:") } && accounts.contains { earns($0) })
            guard sells else { continue }
            for posting in entry.postings {
                let (currency, amount) = (posting.currency, posting.amount)
                let part = part(of: posting.account)
                if part == nil && amount > 0 {
                    paid[currency] = try sum(paid[currency], amount)
                } else {
                    let part = part ?? .refunds
                    parts[currency, default: [:]][part] = try sum(parts[currency]?[part], -amount)
                }
            }
        }
        return paid.keys.sorted().map { Proceeds(currency: $0, paid: paid[$0] ?? 0, parts: parts[$0] ?? [:]) }
    }

    private static func sum(_ sum: Int64?, _ amount: Int64) throws(ReportRefusal) -> Int64 {
        let (total, overflow) = (sum ?? 0).addingReportingOverflow(amount)
        guard !overflow else { throw .overflow(table: "journal") }
        return total
    }

    private static func earns(_ account: String) -> Bool {
        switch part(of: account) {
        case .hosts, .platform, .vat: true
        default: false
        }
    }

    /// `nil` for the buyers' own wallets.
    private static func part(of account: String) -> Part? {
        if account.hasPrefix("liabilities:wallet:") { return nil }
        if account.hasPrefix("liabilities:escrow:") { return .escrow }
        if account.hasPrefix("liabilities:host:") { return .hosts }
        if account.hasPrefix("liabilities:vat") { return .vat }
        if account.hasPrefix("income:commission") { return .platform }
        if account.hasPrefix("assets:psp") { return .fees }
        return .other
    }
}
