public import Values

/// Why a report was not made: the facts contradict each other or their definition.
///
/// A report that cannot be checked is not written at all, so that nobody pays by it.
public enum ReportRefusal: Refusal, Hashable {
    /// A row has more or fewer cells than the definition has columns.
    case columnCount(table: String, row: Int)
    /// A cell is of another kind than its column.
    case cellKind(table: String, row: Int, column: String)
    /// A key that the definition calls unique is there twice.
    case notUnique(table: String, row: Int)
    /// A sum of the definition does not hold in a row.
    case rowSum(table: String, row: Int, column: String)
    /// A control total does not hold.
    case total(table: String, column: String, currency: String, expected: Int64, found: Int64)
    /// A running balance, or a sequence that must have no gap, breaks at a row.
    case broken(table: String, row: Int, column: String)
    /// A definition names a column or a source that does not exist.
    case definition(table: String, detail: String)
    /// The published head is not the journal's last entry.
    case chainHead(expected: String, found: String)
    /// An account's postings do not add up to the balance given for it.
    case balance(account: String, currency: String, expected: Int64, found: Int64)
    /// A host's statement does not close.
    case statement(host: String, currency: String, expected: Int64, found: Int64)
    /// A sum left 64 bits.
    case overflow(table: String)

    public var code: String {
        switch self {
        case .columnCount: "report_column_count"
        case .cellKind: "report_cell_kind"
        case .notUnique: "report_not_unique"
        case .rowSum: "report_row_sum"
        case .total: "report_total"
        case .broken: "report_broken"
        case .definition: "report_definition"
        case .chainHead: "report_chain_head"
        case .balance: "report_balance"
        case .statement: "report_statement"
        case .overflow: "report_overflow"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .columnCount(let table, let row), .notUnique(let table, let row):
            ["table": table, "row": String(row)]
        case .cellKind(let table, let row, let column), .rowSum(let table, let row, let column),
            .broken(let table, let row, let column):
            ["table": table, "row": String(row), "column": column]
        case .total(let table, let column, let currency, let expected, let found):
            [
                "table": table, "column": column, "currency": currency, "expected": String(expected),
                "found": String(found),
            ]
        case .definition(let table, let detail): ["table": table, "detail": detail]
        case .chainHead(let expected, let found): ["expected": expected, "found": found]
        case .balance(let account, let currency, let expected, let found):
            ["account": account, "currency": currency, "expected": String(expected), "found": String(found)]
        case .statement(let host, let currency, let expected, let found):
            ["host": host, "currency": currency, "expected": String(expected), "found": String(found)]
        case .overflow(let table): ["table": table]
        }
    }
}
