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
                        for row in table.rows.prefix(Self.rowLimit) {
                            element("tr") { for index in shown { cell(row, index, table) } }
                        }
                    }
                    if !totals.isEmpty { element("tfoot") { totals } }
                }
            },
            rest(table),
        ])
    }

    private func rest(_ table: Table) -> Markup {
        let more = table.rows.count - Self.rowLimit
        guard more > 0 else { return .nothing }
        let file = table.definition.file + ".csv"
        let text = words.count("table.rest", Int64(more), file: file)
        return element("p", ["class": "rest"]) { element("a", ["href": file]) { text } }
    }

    private func cell(_ row: [Cell], _ index: Int, _ table: Table) -> Markup {
        let column = table.definition.columns[index]
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
                return element("td") { words.code(vocabulary, text) }
            }
            if column.name == "host" { return element("td") { host(text) } }
            return element("td") { column.style == .id ? parts.code(text) : foreign(text) }
        }
    }

    /// The name of a host with the id under it.
    func host(_ id: String) -> Markup {
        guard let name = names[id], name != id else { return parts.code(id) }
        return .many([foreign(name), " ", parts.code(id)])
    }

    private func totalRows(_ table: Table, _ shown: [Int]) throws(ReportRefusal) -> [Markup] {
        let columns = table.definition.columns
        var sums: [Int: [String: Int64]] = [:]
        for index in shown where columns[index].kind == .money { sums[index] = try table.totals(of: index) }
        guard !sums.isEmpty, let first = shown.first else { return [] }
        let codes = Set(sums.values.flatMap(\.keys)).sorted()
        return codes.map { code in
            element("tr") {
                for index in shown {
                    if let sum = sums[index]?[code] {
                        parts.cell(figure: parts.bare(sum, code: code))
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
