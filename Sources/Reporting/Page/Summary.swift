internal import Values

/// The key figures of a night in one currency.
struct Summary: Sendable {
    let currency: Currency
    let sold: Int64
    let tickets: Int64
    let paid: Int64
    let paidHosts: Int64
    let escrow: Int64
    let rooms: Int64
    /// What the platform owes to hosts after the night's payouts; accounts below zero are not set off.
    let owed: Int64
    let accounts: Int64

    /// The sums stay inside 64 bits: the tables over the same rows were added with a check before.
    init(_ facts: NightFacts, _ currency: Currency) {
        self.currency = currency
        let sales = facts.sales.filter { $0.currency == currency && $0.day == facts.day }
        sold = sales.reduce(0) { $0 + $1.gross }
        tickets = sales.reduce(0) { $0 + $1.tickets }
        let payouts = facts.payouts.filter { $0.currency == currency && $0.batchDay == facts.day }
        paid = payouts.reduce(0) { $0 + $1.net }
        paidHosts = Int64(Set(payouts.map(\.host)).count)
        let held = facts.escrow.filter { $0.currency == currency && $0.held != 0 }
        escrow = held.reduce(0) { $0 + $1.held }
        rooms = Int64(held.count)
        let hosts = facts.balances.filter {
            $0.currency == currency && $0.balance < 0 && $0.account.hasPrefix("liabilities:host:")
        }
        owed = hosts.reduce(0) { $0 - $1.balance }
        accounts = Int64(hosts.count)
    }

    /// The currencies that anything happened in.
    static func currencies(of facts: NightFacts) -> [Currency] {
        let used =
            facts.sales.map(\.currency) + facts.escrow.map(\.currency) + facts.payouts.map(\.currency)
            + facts.balances.filter { $0.balance != 0 }.map(\.currency)
        return Set(used).sorted()
    }
}
