internal import Values

/// A table of a report on a page: the columns that the definition shows, totals per currency, and a link to the file
/// for what is too long for a page.
struct TableMarkup: Sendable {
    /// Rows on a page: beyond, nobody reads and the file is there.
    static let rowLimit = 100

    let parts: PageParts
    /// What hosts are called, by id.
    let names: [String: String]
    private var words: Words { parts.words }

    func render(_ table: Table) throws(ReportRefusal) -> Markup {
        let definition = table.definition
        guard !table.rows.isEmpty else {
            return element("p", ["class": "empty"]) { definition.empty[words.language] }
        }
        let codes = Set(table.rows.map { row in row[definition.index(of: "currency") ?? 0].plain })
        let single = codes.count == 1 ? codes.first : nil
        let shown = definition.columns.indices.filter { index in
            let column = definition.columns[index]
            return column.page == true || (column.name == "currency" && single == nil)
        }
        let totals = try table.rows.count > 1 ? totalRows(table, shown) : []
        let title = definition.title[words.language]
        let rows = try fold(table)
        return .many([
            parts.scroll(label: title) {
                element("table") {
                    element("caption") {
                        title
                        if let single { " " + words("table.in", ["currency": single]) }
                    }
                    element("thead") {
                        element("tr") {
                            for index in shown {
                                let column = definition.columns[index]
                                parts.heading(column.title[words.language], figure: column.kind.isFigure)
                            }
                        }
                    }
                    element("tbody") {
                        for row in rows.prefix(Self.rowLimit) {
                            element("tr") {
                                for index in shown { cell(row.cells, index, table, folded: row.folded) }
                            }
                        }
                    }
                    if !totals.isEmpty { element("tfoot") { totals } }
                }
            },
            rest(table, shown: rows.count),
        ])
    }

    private func rest(_ table: Table, shown: Int) -> Markup {
        let more = shown - Self.rowLimit
        guard more > 0 else { return .nothing }
        let file = (table.definition.file ?? table.definition.name) + ".csv"
        let text = words.count("table.rest", Int64(more), file: file)
        return element("p", ["class": "rest"]) { element("a", ["href": file]) { text } }
    }

    func cell(_ row: [Cell], _ index: Int, _ table: Table, folded: Int64 = 0) -> Markup {
        let column = table.definition.columns[index]
        if folded > 0, column.name == table.definition.fold?.column {
            return element("td") {
                parts.code(row[index].plain)
                " "
                element("span", ["class": "note inline"]) { words.count("table.folded", folded) }
            }
        }
        switch row[index] {
        case .absent: return element("td", ["class": "absent"]) { "\u{2013}" }
        case .money(let amount):
            return parts.cell(figure: parts.bare(amount, code: table.currency(of: index, in: row)))
        case .integer(let value): return parts.cell(figure: words.figure(value))
        case .basisPoints(let value): return parts.cell(figure: words.percent(value))
        case .day(let day): return element("td", ["class": "day"]) { words.date(day) }
        case .instant(let instant): return element("td", ["class": "day"]) { words.time(instant) }
        case .text(let text):
            if column.style == .code, let vocabulary = column.vocabulary {
                return element("td", ["class": "words"]) { words.code(vocabulary, text) }
            }
            if column.name == "host" { return element("td", ["class": "words"]) { host(text) } }
            return element("td", ["class": "words"]) { column.style == .id ? parts.code(text) : foreign(text) }
        }
    }

    /// The name of a host with the id under it.
    func host(_ id: String) -> Markup {
        guard let name = names[id], name != id else { return parts.code(id) }
        return .many([foreign(name), " ", parts.code(id)])
    }

    /// Rows as they are, except those that the definition folds: one row per prefix and currency with the sum of its
    /// amounts, in the place of the first.
    private func fold(_ table: Table) throws(ReportRefusal) -> [(cells: [Cell], folded: Int64)] {
        let definition = table.definition
        guard let fold = definition.fold, let key = definition.index(of: fold.column) else {
            return table.rows.map { ($0, 0) }
        }
        var rows: [(cells: [Cell], folded: Int64)] = []
        var places: [String: Int] = [:]
        for row in table.rows {
            guard let prefix = fold.prefixes.first(where: { row[key].plain.hasPrefix($0) }) else {
                rows.append((row, 0))
                continue
            }
            let code = definition.index(of: "currency").map { row[$0].plain } ?? ""
            guard let place = places[prefix + code] else {
                places[prefix + code] = rows.count
                var first = row
                first[key] = .text(prefix + "*")
                rows.append((first, 1))
                continue
            }
            rows[place].folded += 1
            for (index, cell) in row.enumerated() {
                guard case .money(let amount) = cell, case .money(let sum) = rows[place].cells[index] else { continue }
                let (total, overflow) = sum.addingReportingOverflow(amount)
                guard !overflow else { throw .overflow(table: definition.name) }
                rows[place].cells[index] = .money(total)
            }
        }
        return rows
    }

    /// One row per currency: sums of amounts and of counts.
    private func totalRows(_ table: Table, _ shown: [Int]) throws(ReportRefusal) -> [Markup] {
        let columns = table.definition.columns
        guard let currency = table.definition.index(of: "currency"), let first = shown.first,
            shown.contains(where: { columns[$0].kind == .money })
        else { return [] }
        var sums: [String: [Int: Int64]] = [:]
        for row in table.rows {
            for index in shown where columns[index].kind == .money || columns[index].kind == .integer {
                guard let value = row[index].number else { continue }
                let (sum, overflow) = sums[row[currency].plain, default: [:]][index, default: 0]
                    .addingReportingOverflow(value)
                guard !overflow else { throw .overflow(table: table.definition.name) }
                sums[row[currency].plain, default: [:]][index] = sum
            }
        }
        return sums.sorted { $0.key < $1.key }.map { code, sums in
            element("tr") {
                for index in shown {
                    if let sum = sums[index] {
                        parts.cell(
                            figure: columns[index].kind == .money ? parts.bare(sum, code: code) : words.figure(sum))
                    } else if index == first {
                        element("th", ["scope": "row"]) { words("table.total") }
                    } else {
                        element("td") { columns[index].name == "currency" ? code : "" }
                    }
                }
            }
        }
    }
}
