extension Table {
    func verify(_ check: ReportDefinition.Check, controls: [String: [String: Int64]]) throws(ReportRefusal) {
        let columns = try Self.positions(check.columns, of: definition)
        switch check.kind {
        case .rowSum: try verifyRowSum(check, columns)
        case .total: try verifyTotal(check, columns, controls)
        case .unique: try verifyUnique(columns)
        case .noGap: try verifyNoGap(check, columns)
        case .running: try verifyRunning(check, columns)
        }
    }

    private func verifyRowSum(_ check: ReportDefinition.Check, _ columns: [Int]) throws(ReportRefusal) {
        guard let name = check.equals, let target = definition.index(of: name) else {
            throw .definition(table: definition.name, detail: "A row sum needs the column it equals.")
        }
        for (number, row) in rows.enumerated() {
            // Rows without the sum have nothing to prove: an opening line of a statement has no gross.
            guard let expected = row[target].number else { continue }
            let found = columns.reduce(Int128(0)) { $0 + Int128(row[$1].number ?? 0) }
            guard found == Int128(expected) else {
                throw .rowSum(table: definition.name, row: number, column: name)
            }
        }
    }

    private func verifyTotal(
        _ check: ReportDefinition.Check, _ columns: [Int], _ controls: [String: [String: Int64]]
    ) throws(ReportRefusal) {
        var expected: [String: Int64] = [:]
        if let control = check.control {
            guard let given = controls[control] else {
                throw .definition(table: definition.name, detail: "There is no control total \(control).")
            }
            expected = given
        }
        var found: [String: Int64] = [:]
        for column in columns {
            for (currency, sum) in try totals(of: column) {
                let (total, overflow) = found[currency, default: 0].addingReportingOverflow(sum)
                guard !overflow else { throw .overflow(table: definition.name) }
                found[currency] = total
            }
        }
        for currency in Set(expected.keys).union(found.keys).sorted() {
            let (want, have) = (expected[currency] ?? 0, found[currency] ?? 0)
            guard want == have else {
                throw .total(
                    table: definition.name, column: check.columns.joined(separator: "+"), currency: currency,
                    expected: want, found: have)
            }
        }
    }

    private func verifyUnique(_ columns: [Int]) throws(ReportRefusal) {
        var seen: Set<[Cell]> = []
        for (number, row) in rows.enumerated() where !seen.insert(columns.map { row[$0] }).inserted {
            throw .notUnique(table: definition.name, row: number)
        }
    }

    private func verifyNoGap(_ check: ReportDefinition.Check, _ columns: [Int]) throws(ReportRefusal) {
        guard let column = columns.first else { return }
        var last: Int64?
        for (number, row) in rows.enumerated() {
            guard let value = row[column].number, last.map({ value == $0 || value == $0 + 1 }) ?? true else {
                throw .broken(table: definition.name, row: number, column: check.columns[0])
            }
            last = value
        }
    }

    private func verifyRunning(_ check: ReportDefinition.Check, _ columns: [Int]) throws(ReportRefusal) {
        guard columns.count == 2 else {
            throw .definition(table: definition.name, detail: "A running check needs amount and balance.")
        }
        var balances: [String: Int128] = [:]
        for (number, row) in rows.enumerated() {
            guard let balance = row[columns[1]].number else { continue }
            let currency = currency(of: columns[1], in: row)
            let expected = (balances[currency] ?? 0) + Int128(row[columns[0]].number ?? 0)
            guard expected == Int128(balance) else {
                throw .broken(table: definition.name, row: number, column: check.columns[1])
            }
            balances[currency] = expected
        }
    }
}
