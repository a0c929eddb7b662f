internal import Values

/// The report of a night for people: key figures, what became of the money, every table with its charts, and why it
/// can be trusted.
struct NightPage: Sendable {
    let books: NightBooks
    let parts: PageParts
    let definitions: [ReportDefinition]
    /// The files beside the page, for its list.
    let files: [ControlFile.Entry]

    private var facts: NightFacts { books.facts }
    private var words: Words { parts.words }
    private var names: [String: String] {
        var names: [String: String] = [:]
        for host in facts.hosts { names[host.host] = host.name }
        return names
    }

    func render() throws(ReportRefusal) -> [UInt8] {
        let sections = try tables()
        return ReportPage.render(
            title: "\(words("night.title")) \(facts.day) \u{B7} \(facts.platform)", language: words.language
        ) {
            masthead
            element("main", ["id": "figures"]) {
                lead
                keyFigures
                proceeds
                sections
                proof
                fileList
            }
            element("footer") { element("p") { words("footer.made", range) } }
        }
    }

    private var range: KeyValuePairs<String, String> {
        [
            "first": words.figure(books.journal.entries.first?.head.seq ?? 0), "last": words.figure(facts.headSequence),
            "cut": words.figure(facts.cutSequence),
        ]
    }

    private var masthead: Markup {
        parts.masthead(
            platform: facts.platform, title: words("night.heading"), subtitle: .text(words.longDate(facts.day)),
            terms: [
                (words("night.cut"), .text(words.time(facts.cutoff))),
                (words("night.zone"), .text(facts.timeZone)),
                (
                    words("night.policy"),
                    .text(
                        words(
                            "night.policy_value", ["name": facts.policy, "version": String(facts.policyVersion)]))
                ),
            ])
    }

    /// What a section on one currency needs.
    private var currencies: [Currency] { Summary.currencies(of: facts) }

    private var lead: Markup {
        let all = currencies.map { Summary(facts, $0) }
        let sold = all.filter { $0.sold > 0 }
        let paid = all.filter { $0.paid > 0 }
        let held = all.filter { $0.escrow > 0 }
        let tickets = all.reduce(0) { $0 + $1.tickets }
        let hosts = all.reduce(0) { $0 + $1.paidHosts }
        var sentences = [
            sold.isEmpty
                ? words("night.lead.sold_none")
                : words(
                    "night.lead.sold",
                    ["tickets": words.count("tickets", tickets), "amount": sums(sold.map { ($0.sold, $0.currency) })]),
            paid.isEmpty
                ? words("night.lead.paid_none")
                : words(
                    "night.lead.paid",
                    ["hosts": words.count("hosts_paid", hosts), "amount": sums(paid.map { ($0.paid, $0.currency) })]),
        ]
        if !held.isEmpty {
            sentences.append(words("night.lead.escrow", ["amount": sums(held.map { ($0.escrow, $0.currency) })]))
        }
        sentences.append(words("night.lead.balanced"))
        return element("p", ["class": "lead"]) { sentences.joined(separator: " ") }
    }

    private func sums(_ amounts: [(Int64, Currency)]) -> String {
        amounts.map { parts.money($0.0, $0.1) }.joined(separator: " + ")
    }

    private var keyFigures: Markup {
        element("section", ["aria-label": words("figures.title")]) {
            for currency in currencies {
                let sum = Summary(facts, currency)
                let figure = { (amount: Int64) in words.amount(amount, exponent: currency.exponent) }
                parts.figures([
                    (
                        words("figure.sold"), figure(sum.sold), currency.code,
                        words.count("figure.sold_note", sum.tickets)
                    ),
                    (
                        words("figure.paid"), figure(sum.paid), currency.code,
                        words.count("figure.paid_note", sum.paidHosts)
                    ),
                    (
                        words("figure.escrow"), figure(sum.escrow), currency.code,
                        words.count("figure.escrow_note", sum.rooms)
                    ),
                    (
                        words("figure.owed"), figure(sum.owed), currency.code,
                        words.count("figure.owed_note", sum.accounts)
                    ),
                ])
            }
        }
    }

    @MarkupBuilder private var proceeds: [Markup] {
        let drawn = books.proceeds.filter { $0.paid > 0 }
        if !drawn.isEmpty {
            element("section") {
                element("h2") { words("proceeds.title") }
                element("p", ["class": "about"]) { words("proceeds.about") }
                for each in drawn { ProceedsMarkup(parts: parts, proceeds: each).render() }
            }
        }
    }

    private func tables() throws(ReportRefusal) -> [Markup] {
        var sections: [Markup] = []
        let charts = ChartMarkup(parts: parts, night: facts.day)
        let tableMarkup = TableMarkup(parts: parts, names: names)
        for definition in definitions.filter({ $0.place != nil }).sorted(by: { ($0.place ?? 0) < ($1.place ?? 0) }) {
            guard let table = books.tables[definition.name] else { continue }
            var figures: [Markup] = []
            for (number, chart) in definition.charts.enumerated() {
                figures += try charts.render(chart, number: number + 1, of: table, names: names)
            }
            let body = try tableMarkup.render(table)
            sections.append(
                element("section") {
                    element("h2") { definition.title[words.language] }
                    element("p", ["class": "about"]) { definition.about[words.language] }
                    if !figures.isEmpty { element("div", ["class": "charts"]) { figures } }
                    body
                })
        }
        return sections
    }

    private var proof: Markup {
        var terms: [(String, Markup)] = [
            (
                words("proof.journal"),
                .text(facts.journal.isEmpty ? words("proof.empty") : words("proof.range", range))
            ),
            (words("proof.head"), parts.code(facts.headHash)),
        ]
        for batch in facts.batches where batch.day == facts.day {
            terms.append((words("proof.digest"), parts.code(batch.digest)))
        }
        let own = ["balances", "head", "statements"].map { words("proof.check.\($0)") }
        let defined = definitions.flatMap { definition in definition.checks.map { $0.says[words.language] } }
        return element("section", ["class": "proof"]) {
            element("h2") { words("proof.title") }
            element("p", ["class": "about"]) { words("proof.about") }
            element("ul", ["class": "checks"]) {
                for says in own + defined { element("li") { says } }
            }
            parts.list(terms, class: "terms wide")
        }
    }

    private var fileList: Markup {
        element("section") {
            element("h2") { words("files.title") }
            element("p", ["class": "about"]) { words("files.about") }
            parts.scroll(label: words("files.title")) {
                element("table", ["class": "files"]) {
                    element("caption", ["class": "unseen"]) { words("files.title") }
                    element("thead") {
                        element("tr") {
                            parts.heading(words("files.name"))
                            parts.heading("SHA-256")
                            parts.heading(words("files.rows"), figure: true)
                            parts.heading(words("files.size"), figure: true)
                        }
                    }
                    element("tbody") {
                        for file in files {
                            element("tr") {
                                element("th", ["scope": "row"]) {
                                    element("a", ["href": FileName.link(file.name)]) { foreign(file.name) }
                                }
                                element("td") { parts.code(file.sha256) }
                                parts.cell(figure: file.rows.map { words.figure(Int64($0)) } ?? "")
                                parts.cell(figure: words.figure(Int64(file.bytes)))
                            }
                        }
                        element("tr") {
                            element("th", ["scope": "row"]) {
                                element("a", ["href": ControlFile.name]) { ControlFile.name }
                            }
                            element("td")
                            element("td")
                            element("td")
                        }
                    }
                }
            }
        }
    }
}
