internal import Values

/// A chart of a definition on a page, one per currency, with its figures in a table.
struct ChartMarkup: Sendable {
    /// Bars beyond this become one bar, "12 others": a thirteenth bar helps nobody.
    static let barLimit = 12
    /// Days of a column chart: a month.
    static let dayLimit = 31

    let parts: PageParts
    let night: LocalDay
    private var words: Words { parts.words }

    /// Nothing where there is nothing to draw.
    func render(
        _ chart: ReportDefinition.Chart, number: Int, of table: Table, names: [String: String]
    ) throws(ReportRefusal) -> [Markup] {
        let definition = table.definition
        let columns = try Table.positions([chart.by, chart.label ?? chart.by, chart.sum], of: definition)
        var groups: [String: [Cell: (label: String, amount: Int64)]] = [:]
        for row in table.rows {
            if let only = chart.onlyNight, let index = definition.index(of: only), row[index] != .day(night) {
                continue
            }
            guard let amount = row[columns[2]].number else { continue }
            let code = table.currency(of: columns[2], in: row)
            let label = chart.by == "host" ? names[row[columns[1]].plain] : nil
            let sum = groups[code]?[row[columns[0]]]?.amount ?? 0
            let (total, overflow) = sum.addingReportingOverflow(amount)
            guard !overflow else { throw .overflow(table: definition.name) }
            groups[code, default: [:]][row[columns[0]]] = (label ?? text(row[columns[1]]), total)
        }
        return groups.keys.sorted().compactMap { code in
            let marks = marks(groups[code] ?? [:], chart.kind)
            guard marks.contains(where: { $0.amount > 0 }) else { return nil }
            let id = "\(definition.name)-\(number)-\(code.lowercased())"
            return figure(chart, marks, id: id, code: code, withTable: marks.count != table.rows.count)
        }
    }

    private func text(_ cell: Cell) -> String {
        if case .day(let day) = cell { return words.shortDate(day) }
        return cell.plain
    }

    private func marks(
        _ group: [Cell: (label: String, amount: Int64)], _ kind: ReportDefinition.Chart.Kind
    ) -> [ChartMark] {
        let byKey = group.sorted { $0.key.precedes($1.key) }
        switch kind {
        case .columns:
            return byKey.suffix(Self.dayLimit).map {
                ChartMark(key: $0.key.plain, label: $0.value.label, amount: $0.value.amount)
            }
        case .bars:
            let sorted = byKey.enumerated().sorted { left, right in
                let (a, b) = (left.element.value.amount, right.element.value.amount)
                return a == b ? left.offset < right.offset : a > b
            }.map {
                ChartMark(key: $0.element.key.plain, label: $0.element.value.label, amount: $0.element.value.amount)
            }
            guard sorted.count > Self.barLimit else { return sorted }
            let rest = sorted[(Self.barLimit - 1)...]
            let others = ChartMark(
                key: "", label: words.count("chart.rest", Int64(rest.count)), amount: rest.reduce(0) { $0 + $1.amount })
            return sorted.prefix(Self.barLimit - 1) + [others]
        }
    }

    private func figure(
        _ chart: ReportDefinition.Chart, _ marks: [ChartMark], id: String, code: String, withTable: Bool
    ) -> Markup {
        let title = chart.title[words.language]
        let about = describe(chart, marks, code)
        let money = { amount in parts.money(amount, code: code) }
        let drawing =
            switch chart.kind {
            case .columns: Chart.columns(marks, id: id, title: title, about: about, figure: money)
            case .bars: Chart.bars(marks, id: id, title: title, about: about, figure: money)
            }
        return element("figure") {
            element("figcaption") {
                element("h3") { title }
                element("p") { chart.about[words.language] }
            }
            drawing
            if withTable {
                element("details", marks.count <= Self.barLimit ? ["open": "open"] : [:]) {
                    element("summary") { words("table.figures", ["currency": code]) }
                    table(chart, marks, code)
                }
            }
        }
    }

    private func table(_ chart: ReportDefinition.Chart, _ marks: [ChartMark], _ code: String) -> Markup {
        element("table", ["class": "compact"]) {
            element("caption", ["class": "unseen"]) {
                chart.title[words.language] + " " + words("table.in", ["currency": code])
            }
            element("tbody") {
                for mark in marks {
                    element("tr") {
                        element("th", ["scope": "row"]) {
                            LocalDay(mark.key).map { .text(words.date($0)) } ?? foreign(mark.label)
                        }
                        parts.cell(figure: parts.bare(mark.amount, code: code))
                    }
                }
            }
        }
    }

    /// What the drawing shows, for who cannot see it.
    private func describe(_ chart: ReportDefinition.Chart, _ marks: [ChartMark], _ code: String) -> String {
        guard let greatest = marks.max(by: { $0.amount < $1.amount }) else { return chart.about[words.language] }
        return words(
            "chart.describe",
            [
                "about": chart.about[words.language], "label": greatest.label,
                "amount": parts.money(greatest.amount, code: code),
                "total": parts.money(marks.reduce(0) { $0 + $1.amount }, code: code),
            ])
    }
}
