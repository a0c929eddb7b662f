internal import Values

/// A host's statement as an account: every line that moved it, with the balance after it.
struct StatementAccount: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case opening, order, movement, payout, closing
    }

    struct Line: Sendable {
        let number: Int64
        let kind: Kind
        let day: LocalDay
        let currency: Currency
        let order: StatementLine?
        let reason: String?
        let amount: Int64
        let balance: Int64
    }

    let facts: HostFacts
    let lines: [Line]
    let closing: Int64

    /// Lines by day; on one day orders, then other movements, then payouts, as a night does them.
    init(_ facts: HostFacts) throws(ReportRefusal) {
        self.facts = facts
        var moves: [(day: LocalDay, rank: Int, kind: Kind, order: StatementLine?, reason: String?, amount: Int64)] = []
        for line in facts.lines {
            moves.append((line.day, 0, .order, line, nil, line.credited))
        }
        for movement in facts.movements {
            let reason = movement.reason.isEmpty ? movement.kind : movement.kind + ": " + movement.reason
            moves.append((movement.day, 1, .movement, nil, reason, movement.amount))
        }
        for payout in facts.payouts {
            moves.append((payout.batchDay, 2, .payout, nil, nil, -payout.gross))
        }
        let order = moves.indices.sorted { left, right in
            let (a, b) = (moves[left], moves[right])
            if a.day != b.day { return a.day < b.day }
            if a.rank != b.rank { return a.rank < b.rank }
            let (one, other) = (a.order?.order ?? a.reason ?? "", b.order?.order ?? b.reason ?? "")
            return one == other ? left < right : one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        var balance = facts.opening
        var lines = [
            Line(
                number: 1, kind: .opening, day: facts.from, currency: facts.currency, order: nil, reason: nil,
                amount: balance, balance: balance)
        ]
        for index in order {
            let move = moves[index]
            let (sum, overflow) = balance.addingReportingOverflow(move.amount)
            guard !overflow else { throw .overflow(table: "statement") }
            balance = sum
            lines.append(
                Line(
                    number: Int64(lines.count + 1), kind: move.kind, day: move.day, currency: facts.currency,
                    order: move.order, reason: move.reason, amount: move.amount, balance: balance))
        }
        lines.append(
            Line(
                number: Int64(lines.count + 1), kind: .closing, day: facts.through, currency: facts.currency,
                order: nil, reason: nil, amount: 0, balance: balance))
        self.lines = lines
        closing = balance
    }

    /// What is still to come, by release day; the days that are not known come last.
    var upcoming: [(day: LocalDay?, amount: Int64, orders: Int64)] {
        var byDay: [LocalDay?: (amount: Int64, orders: Int64)] = [:]
        for line in facts.lines where line.state == .pending || line.state == .escrow {
            let sum = byDay[line.releaseOn] ?? (0, 0)
            byDay[line.releaseOn] = (sum.amount + line.share - line.shareReversed, sum.orders + 1)
        }
        let days = byDay.keys.sorted { left, right in
            guard let left else { return false }
            guard let right else { return true }
            return left < right
        }
        return days.compactMap { day in byDay[day].map { (day, $0.amount, $0.orders) } }
    }
}

extension StatementLine {
    /// `9700`, or with the parts of the base where a sale crosses a bracket: `30000@9700+20000@8000`.
    var ratesText: String {
        let used = parts.filter { $0.base != 0 }
        guard used.count > 1 else { return (used.first ?? parts.first).map { String($0.rate.value) } ?? "" }
        return used.map { "\($0.base)@\($0.rate.value)" }.joined(separator: "+")
    }
}

extension StatementAccount.Line: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "line": { .integer($0.number) },
        "type": { .text($0.kind.rawValue) },
        "day": { .day($0.day) },
        "room": { .text($0.order?.room) },
        "title": { .text($0.order?.title) },
        "order": { .text($0.order?.order) },
        "reason": { .text($0.reason) },
        "currency": { .text($0.currency.code) },
        "gross": { money($0.order?.gross) },
        "vat": { money($0.order?.vat) },
        "fee": { money($0.order?.fee) },
        "base": { money($0.order?.base) },
        "rates_bp": { .text($0.order?.ratesText) },
        "share": { money($0.order?.share) },
        "share_reversed": { money($0.order?.shareReversed) },
        "refunded": { money($0.order?.reversed) },
        "release_on": { .day($0.order?.releaseOn) },
        "state": { .text($0.order?.state.rawValue) },
        "amount": { .money($0.amount) },
        "balance": { .money($0.balance) },
    ]

    @Sendable private static func money(_ amount: Int64?) -> Cell { amount.map { .money($0) } ?? .absent }
}
