internal import Values

/// What became of the money, drawn as one divided bar whose parts the table below names.
struct ProceedsMarkup: Sendable {
    let parts: PageParts
    let proceeds: Proceeds
    private var words: Words { parts.words }

    func render() -> Markup {
        let marks = Proceeds.Part.allCases.compactMap { part -> ChartMark? in
            guard let amount = proceeds.parts[part], amount != 0 else { return nil }
            return ChartMark(key: part.rawValue, label: words("part.\(part.rawValue)"), amount: amount)
        }
        let title = words("proceeds.chart", ["amount": parts.money(proceeds.paid, proceeds.currency)])
        let spoken = marks.map { "\($0.label): \(parts.money($0.amount, proceeds.currency))" }
        let about = words(
            "chart.describe_parts", ["about": words("proceeds.about"), "parts": spoken.joined(separator: "; ")])
        return element("figure", ["class": "proceeds"]) {
            element("figcaption") { element("h3") { title } }
            Chart.divided(
                marks, id: "proceeds-\(proceeds.currency.code.lowercased())", title: title, about: about)
            element("table") {
                element("caption", ["class": "unseen"]) { title }
                element("thead") {
                    element("tr") {
                        parts.heading(words("proceeds.part"))
                        parts.heading(words("proceeds.amount"), figure: true)
                        parts.heading(words("proceeds.of_paid"), figure: true)
                    }
                }
                element("tbody") { for (index, mark) in marks.enumerated() { row(mark, index) } }
                element("tfoot") {
                    element("tr") {
                        element("th", ["scope": "row"]) { words("proceeds.paid") }
                        parts.cell(figure: parts.money(proceeds.paid, proceeds.currency))
                        parts.cell(figure: words.percent(10_000))
                    }
                }
            }
        }
    }

    private func row(_ mark: ChartMark, _ index: Int) -> Markup {
        element("tr") {
            element("th", ["scope": "row"]) {
                element("span", ["class": "key on-\(mark.key) swatch-\(mark.key)", "aria-hidden": "true"]) {
                    Chart.letter(index)
                }
                mark.label
            }
            parts.cell(figure: parts.money(mark.amount, proceeds.currency))
            parts.cell(figure: mark.amount > 0 ? percent(mark.amount) : "")
        }
    }

    /// Rounded to a tenth of a per cent: a picture's precision, the amounts beside it are exact.
    private func percent(_ amount: Int64) -> String {
        words.percent(quotientHalfUp(amount, 1_000, max(1, proceeds.paid)) * 10)
    }
}
