/// The checks of a definition over rows that come one by one: nothing is kept but sums and the row before.
struct StreamedChecks {
    private let definition: ReportDefinition
    private let sort: [Int]
    private let currencies: [Int?]
    private let checks: [(check: ReportDefinition.Check, columns: [Int])]
    private var previous: [Cell]?
    private var balances: [String: Int128] = [:]
    private(set) var rows = 0
    /// Sums of each column of money, by currency.
    private(set) var sums: [Int: [String: Int64]] = [:]
    /// Sums of each column of integers.
    private(set) var counts: [Int: Int64] = [:]

    init(_ definition: ReportDefinition) throws(ReportRefusal) {
        self.definition = definition
        sort = try Table.positions(definition.sort, of: definition)
        currencies = definition.columns.map { column in column.currency.flatMap { definition.index(of: $0) } }
        var checks: [(ReportDefinition.Check, [Int])] = []
        for check in definition.checks { checks.append((check, try Table.positions(check.columns, of: definition))) }
        self.checks = checks
    }

    /// The currency of an amount.
    func currency(of column: Int, in row: [Cell]) -> String { currencies[column].map { row[$0].plain } ?? "" }

    mutating func add(_ row: [Cell]) throws(ReportRefusal) {
        guard row.count == definition.columns.count else { throw .columnCount(table: definition.name, row: rows) }
        for (index, column) in definition.columns.enumerated() {
            if let kind = row[index].kind {
                guard kind == column.kind else {
                    throw .cellKind(table: definition.name, row: rows, column: column.name)
                }
                try count(row, index, kind)
            } else if column.optional != true {
                throw .cellKind(table: definition.name, row: rows, column: column.name)
            }
        }
        if let previous { try requireOrder(previous, row) }
        for (check, columns) in checks { try verify(check, columns, row) }
        previous = row
        rows += 1
    }

    private mutating func count(_ row: [Cell], _ index: Int, _ kind: ColumnKind) throws(ReportRefusal) {
        guard let number = row[index].number else { return }
        var isTooLarge = false
        if kind == .money, definition.columns[index].running == nil {
            let currency = currency(of: index, in: row)
            let (sum, overflow) = sums[index, default: [:]][currency, default: 0].addingReportingOverflow(number)
            sums[index, default: [:]][currency] = sum
            isTooLarge = overflow
        } else if kind == .integer {
            // Sums of sequences mean nothing and may be large: they wrap, and nobody shows them.
            counts[index] = counts[index, default: 0] &+ number
        }
        if isTooLarge { throw .overflow(table: definition.name) }
    }

    private func requireOrder(_ earlier: [Cell], _ later: [Cell]) throws(ReportRefusal) {
        for key in sort where earlier[key] != later[key] {
            if earlier[key].precedes(later[key]) { return }
            throw .broken(table: definition.name, row: rows, column: definition.columns[key].name)
        }
    }

    private mutating func verify(
        _ check: ReportDefinition.Check, _ columns: [Int], _ row: [Cell]
    ) throws(ReportRefusal) {
        switch check.kind {
        case .rowSum:
            guard let name = check.equals, let target = definition.index(of: name), let expected = row[target].number
            else { return }
            let found = columns.reduce(Int128(0)) { $0 + Int128(row[$1].number ?? 0) }
            guard found == Int128(expected) else { throw .rowSum(table: definition.name, row: rows, column: name) }
        case .unique:
            guard let previous, columns.allSatisfy({ previous[$0] == row[$0] }) else { return }
            throw .notUnique(table: definition.name, row: rows)
        case .noGap:
            guard let before = previous?[columns[0]].number, let value = row[columns[0]].number else { return }
            guard value == before || value == before + 1 else {
                throw .broken(table: definition.name, row: rows, column: check.columns[0])
            }
        case .running:
            guard let balance = row[columns[1]].number else { return }
            // As in the tables of a night: within a currency, from nothing.
            let currency = currency(of: columns[1], in: row)
            let expected = (balances[currency] ?? 0) + Int128(row[columns[0]].number ?? 0)
            guard expected == Int128(balance) else {
                throw .broken(table: definition.name, row: rows, column: check.columns[1])
            }
            balances[currency] = expected
        case .total: return
        }
    }

    /// What can only be said at the end.
    func finish(controls: [String: [String: Int64]]) throws(ReportRefusal) {
        for (check, columns) in checks where check.kind == .total {
            var expected: [String: Int64] = [:]
            if let control = check.control {
                guard let given = controls[control] else {
                    throw .definition(table: definition.name, detail: "There is no control total \(control).")
                }
                expected = given
            }
            var found: [String: Int64] = [:]
            for column in columns {
                for (currency, sum) in sums[column] ?? [:] {
                    let (total, overflow) = found[currency, default: 0].addingReportingOverflow(sum)
                    guard !overflow else { throw .overflow(table: definition.name) }
                    found[currency] = total
                }
            }
            for currency in Set(expected.keys).union(found.keys).sorted()
            where expected[currency] ?? 0 != found[currency] ?? 0 {
                throw .total(
                    table: definition.name, column: check.columns.joined(separator: "+"), currency: currency,
                    expected: expected[currency] ?? 0, found: found[currency] ?? 0)
            }
        }
    }
}
