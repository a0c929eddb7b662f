internal import Values

/// A row of facts whose fields a definition can name.
protocol TableRow: Sendable {
    /// The fields by the name of their column.
    static var fields: [String: @Sendable (Self) -> Cell] { get }
}

extension ReportDefinition {
    /// The cells of rows in the order of this definition's columns.
    func cells<Row: TableRow>(of rows: [Row]) throws(ReportRefusal) -> [[Cell]] {
        let fields = Row.fields
        var readers: [@Sendable (Row) -> Cell] = []
        for column in columns {
            guard let reader = fields[column.name] else {
                throw .definition(table: name, detail: "The source \(source ?? "") has no field \(column.name).")
            }
            readers.append(reader)
        }
        return rows.map { row in readers.map { $0(row) } }
    }
}

extension JournalPostingRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "seq": { .integer($0.seq) },
        "entry": { .text($0.entry) },
        "posted_at": { .instant($0.postedAt) },
        "effective_on": { .day($0.effectiveOn) },
        "kind": { .text($0.kind) },
        "reverses": { .text($0.reverses) },
        "account": { .text($0.account) },
        "currency": { .text($0.currency.code) },
        "amount": { .money($0.amount) },
        "prev_hash": { .text($0.prevHash) },
        "hash": { .text($0.hash) },
    ]
}

extension SalesRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "day": { .day($0.day) },
        "room": { .text($0.room) },
        "title": { .text($0.title) },
        "host": { .text($0.host) },
        "currency": { .text($0.currency.code) },
        "tickets": { .integer($0.tickets) },
        "gross": { .money($0.gross) },
        "vat": { .money($0.vat) },
        "fee": { .money($0.fee) },
        "base": { .money($0.base) },
        "refunded_tickets": { .integer($0.refundedTickets) },
        "refunded": { .money($0.refunded) },
    ]
}

extension EscrowRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "room": { .text($0.room) },
        "title": { .text($0.title) },
        "host": { .text($0.host) },
        "currency": { .text($0.currency.code) },
        "held": { .money($0.held) },
        "state": { .text($0.state) },
        "release_on": { .day($0.releaseOn) },
    ]
}

extension PayoutRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "batch_day": { .day($0.batchDay) },
        "host": { .text($0.host) },
        "currency": { .text($0.currency.code) },
        "gross": { .money($0.gross) },
        "withheld": { .money($0.withheld) },
        "net": { .money($0.net) },
    ]
}

extension CarriedRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "host": { .text($0.host) },
        "currency": { .text($0.currency.code) },
        "available": { .money($0.available) },
        "pending": { .money($0.pending) },
        "reason": { .text($0.reason.rawValue) },
        "next_on": { .day($0.nextOn) },
    ]
}

extension BalanceRow: TableRow {
    static let fields: [String: @Sendable (Self) -> Cell] = [
        "account": { .text($0.account) },
        "currency": { .text($0.currency.code) },
        "balance": { .money($0.balance) },
    ]
}
