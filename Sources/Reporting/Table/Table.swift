internal import Values

/// Rows that were checked against their definition: count and kinds of cells, order, and every check.
struct Table: Sendable {
    let definition: ReportDefinition
    let rows: [[Cell]]

    /// - Parameters:
    ///   - rows: in any order; they are sorted as the definition says, equal ones staying as they came.
    ///   - controls: control totals per name and currency code that checks may refer to.
    init(
        _ definition: ReportDefinition, rows unsorted: [[Cell]], controls: [String: [String: Int64]] = [:]
    ) throws(ReportRefusal) {
        for (row, cells) in unsorted.enumerated() {
            guard cells.count == definition.columns.count else {
                throw .columnCount(table: definition.name, row: row)
            }
            for (cell, column) in zip(cells, definition.columns)
            where cell.kind.map({ $0 != column.kind }) ?? (column.optional != true) {
                throw .cellKind(table: definition.name, row: row, column: column.name)
            }
        }
        self.definition = definition
        let keys = try Self.positions(definition.sort, of: definition)
        let order = unsorted.indices.sorted { left, right in
            Self.precedes(unsorted[left], unsorted[right], by: keys) ?? (left < right)
        }
        rows = order.map { unsorted[$0] }
        for check in definition.checks { try verify(check, controls: controls) }
    }

    /// Rows that were checked one by one as they came.
    init(streamed definition: ReportDefinition, rows: [[Cell]]) {
        self.definition = definition
        self.rows = rows
    }

    /// The sums of every money column per currency, and of every integer column under `""`.
    func sums() throws(ReportRefusal) -> [String: [String: Int64]] {
        var sums: [String: [String: Int64]] = [:]
        for (index, column) in definition.columns.enumerated() where column.kind == .money {
            sums[column.name] = try totals(of: index)
        }
        return sums
    }

    /// The currency code of an amount in a row.
    func currency(of column: Int, in row: [Cell]) -> String {
        guard let name = definition.columns[column].currency, let index = definition.index(of: name) else { return "" }
        return row[index].plain
    }

    /// The sum of a column of money per currency code.
    func totals(of column: Int) throws(ReportRefusal) -> [String: Int64] {
        var totals: [String: Int64] = [:]
        for row in rows {
            guard let amount = row[column].number else { continue }
            let currency = currency(of: column, in: row)
            let (sum, overflow) = totals[currency, default: 0].addingReportingOverflow(amount)
            guard !overflow else { throw .overflow(table: definition.name) }
            totals[currency] = sum
        }
        return totals
    }

    /// `nil` where the rows are equal by these keys.
    private static func precedes(_ left: [Cell], _ right: [Cell], by keys: [Int]) -> Bool? {
        for key in keys where left[key] != right[key] { return left[key].precedes(right[key]) }
        return nil
    }

    static func positions(_ names: [String], of definition: ReportDefinition) throws(ReportRefusal) -> [Int] {
        var positions: [Int] = []
        for name in names {
            guard let index = definition.index(of: name) else {
                throw .definition(table: definition.name, detail: "There is no column \(name).")
            }
            positions.append(index)
        }
        return positions
    }
}
