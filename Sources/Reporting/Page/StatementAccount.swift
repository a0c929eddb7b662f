internal import Values

/// A host's statement as an account: every line that moved it, with the balance after it.
struct StatementAccount: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case opening, order, movement, payout, transfer, closing
    }

    struct Line: Sendable {
        let number: Int64
        let kind: Kind
        let day: LocalDay
        let currency: Currency
        let order: StatementLine?
        var payout: PayoutRow?
        var transfer: HostTerms.Transfer?
        /// How the host is paid, in the closing line.
        var terms: HostTerms?
        let reason: String?
        let amount: Int64
        let balance: Int64
    }

    private struct Move {
        let day: LocalDay
        let rank: Int
        let kind: Kind
        var order: StatementLine?
        var payout: PayoutRow?
        var transfer: HostTerms.Transfer?
        var reason: String?
        let amount: Int64

        var name: String { order?.order ?? transfer?.endToEndID ?? reason ?? "" }
    }

    let facts: HostFacts
    let lines: [Line]
    let closing: Int64

    /// Lines by day; on one day orders, then other movements, then payouts, as a night does them, and last what was heard
    /// of payouts that had left the account before.
    init(_ facts: HostFacts) throws(ReportRefusal) {
        self.facts = facts
        var moves: [Move] = []
        for line in facts.lines {
            moves.append(Move(day: line.day, rank: 0, kind: .order, order: line, amount: line.credited))
        }
        for movement in facts.movements {
            let reason = movement.reason.isEmpty ? movement.kind : movement.kind + ": " + movement.reason
            moves.append(Move(day: movement.day, rank: 1, kind: .movement, reason: reason, amount: movement.amount))
        }
        for payout in facts.payouts {
            moves.append(Move(day: payout.batchDay, rank: 2, kind: .payout, payout: payout, amount: -payout.gross))
        }
        for transfer in facts.terms.transfers {
            moves.append(
                Move(
                    day: transfer.day, rank: 3, kind: .transfer, transfer: transfer, reason: transfer.state, amount: 0))
        }
        let order = moves.indices.sorted { left, right in
            let (a, b) = (moves[left], moves[right])
            if a.day != b.day { return a.day < b.day }
            if a.rank != b.rank { return a.rank < b.rank }
            return a.name == b.name ? left < right : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
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
                    order: move.order, payout: move.payout, transfer: move.transfer, reason: move.reason,
                    amount: move.amount, balance: balance))
        }
        lines.append(
            Line(
                number: Int64(lines.count + 1), kind: .closing, day: facts.through, currency: facts.currency,
                order: nil, terms: facts.terms, reason: nil, amount: 0, balance: balance))
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
        "withheld": { money($0.payout?.withheld) },
        "net": { money($0.payout?.net) },
        "withholding_bp": { $0.terms.map { .basisPoints($0.withholding.value) } ?? .absent },
        "sent": { money($0.transfer?.net) },
        "batch_day": { .day($0.transfer?.batchDay) },
        "account": { .text($0.transfer?.account ?? $0.terms?.account) },
        "end_to_end_id": { .text($0.transfer?.endToEndID) },
        "bracket_bp": { $0.terms?.bracketRate.map { .basisPoints($0.value) } ?? .absent },
        "bracket_left": { money($0.terms?.bracketLeft) },
        "next_payout_on": { .day($0.terms?.nextPayoutOn) },
        "amount": { .money($0.amount) },
        "balance": { .money($0.balance) },
    ]

    @Sendable private static func money(_ amount: Int64?) -> Cell { amount.map { .money($0) } ?? .absent }
}
