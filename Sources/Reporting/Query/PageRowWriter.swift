internal import Values

/// The page of a report: what it is about, its charts, its first rows with the totals of all of them, and why it can be
/// trusted. Only the rows that the page shows are kept.
final class PageRowWriter: ReportRowWriter {
    /// Rows on a page: a browser shows them at once, a person reads no more, and the file has all.
    static let rowLimit = 500

    private let definition: ReportDefinition
    private let scope: ReportScope
    private let parts: PageParts
    private let csv: String
    private let output: BufferedOutput
    private var kept: [[Cell]] = []
    private var charts: [ChartSums]
    private var currencies: Set<String> = []
    private var words: Words { parts.words }

    init(
        _ definition: ReportDefinition, _ scope: ReportScope, _ language: ReportLanguage, csv: String,
        _ output: BufferedOutput
    ) throws(ReportRefusal) {
        self.definition = definition
        self.scope = scope
        self.csv = csv
        self.output = output
        parts = PageParts(words: try Words(language))
        charts = definition.charts.compactMap { ChartSums($0, definition) }
    }

    func begin() {}

    func add(_ row: [Cell], _ checks: StreamedChecks) throws {
        if kept.count < Self.rowLimit { kept.append(row) }
        if let currency = definition.index(of: "currency") { currencies.insert(row[currency].plain) }
        for index in charts.indices { try charts[index].add(row, checks) }
    }

    func end(_ checks: StreamedChecks) throws {
        let table = Table(streamed: definition, rows: kept)
        var figures: [Markup] = []
        let drawing = ChartMarkup(parts: parts, night: scope.period.lastDay)
        for (number, sums) in charts.enumerated() {
            guard let rows = sums.rows else { continue }
            figures += try drawing.render(
                sums.chart, number: number + 1, of: Table(streamed: definition, rows: rows), names: [:])
        }
        let title = definition.title[words.language]
        let page = ReportPage.render(
            title: "\(title) \(scope.period) \u{B7} \(scope.platform)", language: words.language
        ) {
            masthead(title, checks)
            element("main", ["id": "figures"]) {
                element("section") {
                    element("p", ["class": "about"]) { definition.about[words.language] }
                    if !figures.isEmpty { element("div", ["class": "charts"]) { figures } }
                    if kept.isEmpty {
                        element("p", ["class": "empty"]) { definition.empty[words.language] }
                    } else {
                        self.table(table, checks)
                        rest(checks)
                    }
                }
                proof
            }
            element("footer") { element("p") { words("query.made", range) } }
        }
        output.bytes += page
        try output.flush()
    }

    private var range: KeyValuePairs<String, String> {
        [
            "first": words.figure(scope.firstSequence ?? 0), "last": words.figure(scope.lastSequence ?? 0),
            "through": words.figure(scope.through),
        ]
    }

    private func masthead(_ title: String, _ checks: StreamedChecks) -> Markup {
        let (first, last) = (scope.period.firstDay, scope.period.lastDay)
        let days =
            first == last
            ? words.longDate(first)
            : words("query.days", ["first": words.date(first), "last": words.date(last)])
        return parts.masthead(
            platform: scope.platform, title: title, subtitle: .text(days),
            terms: [
                (words("query.period"), .text(scope.period.description)),
                (words("night.zone"), .text(scope.timeZone)),
                (words("query.rows"), .text(words.figure(Int64(checks.rows)))),
            ])
    }

    /// The columns that the page shows: those that the definition says, or all.
    private var shown: [Int] {
        let single = currencies.count == 1
        let chosen = definition.columns.contains { $0.page == true }
        return definition.columns.indices.filter { index in
            let column = definition.columns[index]
            if column.name == "currency" { return !single }
            return !chosen || column.page == true
        }
    }

    private func table(_ table: Table, _ checks: StreamedChecks) -> Markup {
        let shown = shown
        let cells = TableMarkup(parts: parts, names: [:])
        let title = definition.title[words.language]
        return parts.scroll(label: title) {
            element("table", ["class": shown.count > 8 ? "wide" : "plain"]) {
                element("caption") {
                    title
                    if currencies.count == 1, let code = currencies.first, !code.isEmpty {
                        " " + words("table.in", ["currency": code])
                    }
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
                    for row in table.rows {
                        element("tr") { for index in shown { cells.cell(row, index, table) } }
                    }
                }
                let totals = totals(checks, shown)
                if !totals.isEmpty { element("tfoot") { totals } }
            }
        }
    }

    /// One row a currency with the sums of all rows, shown or not.
    private func totals(_ checks: StreamedChecks, _ shown: [Int]) -> [Markup] {
        let sums = shown.filter { checks.sums[$0] != nil }
        guard checks.rows > 1, !sums.isEmpty, let first = shown.first else { return [] }
        return currencies.sorted().map { code in
            element("tr") {
                for index in shown {
                    if let sum = checks.sums[index]?[code] {
                        parts.cell(figure: parts.bare(sum, code: code))
                    } else if index == first {
                        element("th", ["scope": "row"]) { words("table.total") }
                    } else {
                        element("td") { definition.columns[index].name == "currency" ? code : "" }
                    }
                }
            }
        }
    }

    @MarkupBuilder private func rest(_ checks: StreamedChecks) -> [Markup] {
        let more = checks.rows - kept.count
        if more > 0 {
            element("p", ["class": "rest"]) {
                element("a", ["href": FileName.link(csv)]) { words.count("table.rest", Int64(more), file: csv) }
            }
        }
    }

    private var proof: Markup {
        element("section", ["class": "proof"]) {
            element("h2") { words("proof.title") }
            if !definition.checks.isEmpty {
                element("ul", ["class": "checks"]) {
                    for check in definition.checks { element("li") { check.says[words.language] } }
                }
            }
            parts.list(
                [
                    (
                        words("proof.journal"),
                        .text(
                            scope.firstSequence == nil ? words("query.no_entries", range) : words("query.range", range))
                    ),
                    (words("proof.head"), parts.code(scope.headHash)),
                ], class: "terms wide")
        }
    }
}

/// What a chart needs of all rows: one sum for each mark and currency.
struct ChartSums {
    /// A report with more marks has no chart: nobody could read it.
    static let markLimit = 10_000

    let chart: ReportDefinition.Chart
    private let definition: ReportDefinition
    private let by: Int
    private let sum: Int
    private var groups: [[String]: [Cell]]? = [:]

    init?(_ chart: ReportDefinition.Chart, _ definition: ReportDefinition) {
        guard let by = definition.index(of: chart.by), let sum = definition.index(of: chart.sum) else { return nil }
        self.chart = chart
        self.definition = definition
        self.by = by
        self.sum = sum
    }

    mutating func add(_ row: [Cell], _ checks: StreamedChecks) throws(ReportRefusal) {
        guard let amount = row[sum].number, groups != nil else { return }
        let key = [row[by].plain, checks.currency(of: sum, in: row)]
        var first = groups?[key] ?? row
        if groups?[key] != nil {
            let (total, overflow) = (first[sum].number ?? 0).addingReportingOverflow(amount)
            guard !overflow else { throw .overflow(table: definition.name) }
            first[sum] = .money(total)
        }
        groups?[key] = first
        if let count = groups?.count, count > Self.markLimit { groups = nil }
    }

    /// One row for each mark, in the order of the marks.
    var rows: [[Cell]]? { groups?.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value) }
}
