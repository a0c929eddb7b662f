internal import Ledger
internal import Payouts
internal import Values

extension Transaction {
    /// The accounts of funds are what their books say, and each place has reserved what the terms give for its days.
    borrowing func auditCohorts(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("fund-accounts", "accounts of funds are their books, and places reserved what terms give")
        var expected: [JournalAuditor.Key: Int64] = [:]
        let programs = try rows("SELECT DISTINCT program FROM fund_book WHERE shard = $1 ORDER BY program", shard) {
            row throws(StoreFault) in try row.text(0)
        }
        for name in programs {
            guard let versions = try fundVersions(of: name), case .stipend = versions.newest.scheme else {
                line.add("fund_programs", name, "has a book and is no stipend")
                continue
            }
            var first: [Int: LocalDay] = [:]
            var cursor = 0
            while true {
                let page = try fundBook(of: name, after: cursor, limit: 1_000)
                guard let last = page.last else { break }
                cursor = last.number
                for row in page {
                    line.counted += 1
                    let key = JournalAuditor.Key(
                        account: "liabilities:fund:\(name)", currency: versions.newest.currency.code)
                    expected[key, default: 0] += row.after.balance - row.before.balance
                    guard let place = row.place, let to = row.to else { continue }
                    if let from = row.from, row.kind == .admitted, from <= to {
                        first[place] = from
                    }
                    guard row.kind == .admitted || row.kind == .ended else { continue }
                    let from = first[place] ?? to
                    try auditReservations(of: row, from <= to ? from...to : nil, versions, &line)
                }
            }
        }
        compare(&line, expected, balances, "liabilities:fund:")
        return line
    }

    /// What a row changed of reservations, against the most that the days can give then.
    private borrowing func auditReservations(
        of row: FundBookRow, _ days: ClosedRange<LocalDay>?, _ versions: FundVersions, _ line: inout AuditLine
    ) throws(StoreFault) {
        let changes = try rows(
            "SELECT month, after FROM fund_reservations WHERE shard = $1 AND program = $2 AND n = $3 ORDER BY month",
            shard, row.program, row.number
        ) { row throws(StoreFault) in (month: try row.text(0), after: try row.integer(1)) }
        for change in changes {
            let most = days.flatMap { days in LocalMonth(change.month).map { versions.most(for: $0, in: days) } } ?? 0
            guard change.after != most else { continue }
            line.add(
                "fund_reservations", "\(row.program)/\(row.number)/\(change.month)",
                "reserved \(change.after), the terms give \(most)")
        }
        guard row.kind == .admitted, let days else { return }
        let named = Set(changes.map(\.month))
        for (month, most) in versions.reservations(for: days, isToCome: { isSurelyToCome($0, row.at, versions) })
        where !named.contains(month.description) {
            line.add(
                "fund_reservations", "\(row.program)/\(row.number)/\(month)", "reserved nothing, the terms give \(most)"
            )
        }
    }
}

/// Whether a month can't have closed by an instant in any zone: its closing day had not begun anywhere.
private func isSurelyToCome(_ month: LocalMonth, _ at: Instant, _ versions: FundVersions) -> Bool {
    let closing = Int64(versions.terms(of: month).closingDay(of: month).daysSince1970) * 86_400
    // The first place to have a day has it fourteen hours before Greenwich.
    return at < Instant(seconds: closing - 14 * 3_600)
}
