internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Reporting
internal import Store
internal import Values

/// The books at the end of a replay in the words of the payout rules, which know fewer accounts than we do: what is in
/// escrow counts as the hosts' and the platform's already, and money between provider and buyer as the provider's.
struct BooksView: Sendable {
    let lastDay: LocalDay
    let policy: SalePolicy

    struct Read: Sendable {
        fileprivate struct Key: Hashable {
            let account: String
            let currency: Currency
        }
        fileprivate var sums: [Key: Int64] = [:]
        fileprivate var owed: [TierKey: (available: Int64, pending: Int64)] = [:]
        fileprivate var tiers: [TierKey: [Int64]] = [:]
        fileprivate var blocked: Set<HostID> = []
        fileprivate var showsDisputeFees = true
    }

    func read(_ database: Database) async throws -> Read {
        let view = self
        return try await database.read { transaction in
            var read = Read()
            // Where the host bears the fees of disputes, they pass through the platform's account and leave nothing.
            read.showsDisputeFees = view.policy.disputeFeeBearer == .platform
            var escrows: [Read.Key: Int64] = [:]
            for row in try transaction.balances(through: .max) {
                let text = row.account.text
                let key = Read.Key(account: view.name(of: text), currency: row.amount.currency)
                if text.hasPrefix(Self.escrow) {
                    escrows[key, default: 0] += row.amount.minorUnits
                } else {
                    read.sums[key, default: 0] += row.amount.minorUnits
                }
            }
            for row in try transaction.owed(on: view.lastDay) { read.owed[row.key] = (row.available, row.pending) }
            for key in try transaction.tierKeys() {
                read.tiers[key] = try transaction.tierUse(of: key).used
                if read.owed[key] == nil { read.owed[key] = (0, 0) }
            }
            try view.spread(escrows, over: &read, in: transaction)
            for host in Set(read.owed.keys.map(\.host)) where try transaction.payee(host)?.isBlocked == true {
                read.blocked.insert(host)
            }
            return read
        }
    }

    private static let escrow = "liabilities:escrow:"
    private static let between = [
        "liabilities:wallet:", "liabilities:repayments", "assets:contested", "liabilities:contested",
        "liabilities:suspense", "assets:psp:",
    ]

    private func name(of account: String) -> String {
        if Self.between.contains(where: { account.hasPrefix($0) }) { return "assets:psp" }
        // What is in reserve is still owed to its host.
        if account.hasPrefix("liabilities:reserve:") {
            return "liabilities:host:" + account.dropFirst("liabilities:reserve:".count)
        }
        return account.hasPrefix("liabilities:vat:") ? "liabilities:vat" : account
    }

    /// Gives what is in escrow to those whose it will be: the hosts' shares of what was not given back, the rest to the
    /// platform.
    private func spread(
        _ escrows: [Read.Key: Int64], over read: inout Read, in transaction: borrowing Transaction
    ) throws {
        var rest: [Currency: Int64] = [:]
        for (key, amount) in escrows { rest[key.currency, default: 0] += amount }
        var cursor = ""
        while true {
            let orders = try transaction.unreleased(after: cursor, limit: 1_000)
            guard let last = orders.last else { break }
            for id in orders {
                guard let order = try transaction.order(id), let split = try transaction.split(of: id) else { continue }
                let reversed = try transaction.reversals(of: id).reversed
                let currency = order.currency
                for share in split.shares where share.amount.isPositive {
                    let whole = share.amount.minorUnits
                    let left = whole - quotientHalfUp(whole, reversed, order.gross.minorUnits)
                    read.sums[Read.Key(account: "liabilities:host:\(share.host)", currency: currency), default: 0] -=
                        left
                    rest[currency, default: 0] += left
                    let key = TierKey(host: share.host, currency: currency)
                    read.owed[key, default: (0, 0)].pending += left
                }
                if split.platform > 0 {
                    read.sums[Read.Key(account: "income:commission", currency: currency), default: 0] += 0
                }
            }
            cursor = last.text
        }
        for (currency, amount) in rest where amount != 0 {
            read.sums[Read.Key(account: "income:commission", currency: currency), default: 0] += amount
        }
    }
}

extension BooksView.Read {
    func balances(_ names: [String: String]) -> [ReplayBalance] {
        owed.sorted { $0.key < $1.key }.map { key, amounts in
            ReplayBalance(
                host: names[key.host.text] ?? key.host.text, currency: key.currency, available: amounts.available,
                pending: amounts.pending, isBlocked: blocked.contains(key.host), tierUsed: tiers[key] ?? [])
        }
    }

    func ledger(_ names: [String: String]) -> [BalanceRow] {
        let prefix = "liabilities:host:"
        let rows = sums.compactMap { key, sum -> BalanceRow? in
            if key.account == "expenses:dispute-fees", sum == 0, !showsDisputeFees { return nil }
            let host = key.account.hasPrefix(prefix) ? names[String(key.account.dropFirst(prefix.count))] : nil
            return BalanceRow(account: host.map { prefix + $0 } ?? key.account, currency: key.currency, balance: sum)
        }
        return rows.sorted {
            $0.account == $1.account
                ? $0.currency < $1.currency : $0.account.utf8.lexicographicallyPrecedes($1.account.utf8)
        }
    }
}
