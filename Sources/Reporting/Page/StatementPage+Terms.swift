internal import Values

/// How the host is paid, and what was heard of payouts that had left.
extension StatementPage {
    func terms(_ facts: HostFacts) -> [(String, Markup)] {
        let terms = facts.terms
        var list: [(String, Markup)] = [
            (
                words("statement.paid_to"),
                terms.account.map { foreign($0) } ?? .text(words("statement.paid_to_nowhere"))
            ),
            (words("statement.withholding"), .text(words.percent(terms.withholding.value))),
        ]
        if let rate = terms.bracketRate {
            let left = terms.bracketLeft.map { parts.money($0, facts.currency) }
            let value = words(
                left == nil ? "statement.bracket_last" : "statement.bracket_left",
                ["rate": words.percent(rate.value), "left": left ?? ""])
            list.append((words("statement.bracket"), .text(value)))
        }
        if let next = terms.nextPayoutOn {
            list.append((words("statement.next_payout"), .text(words.date(next))))
        }
        return list
    }

    @MarkupBuilder func transfers(_ account: StatementAccount) -> [Markup] {
        let rows = account.facts.terms.transfers
        if !rows.isEmpty {
            element("h2") { words("statement.transfers") }
            element("p", ["class": "about"]) { words("statement.transfers_about") }
            parts.scroll(label: words("statement.transfers")) {
                element("table") {
                    caption(words("statement.transfers"), account)
                    head([
                        ("statement.batch", false), ("statement.heard", false), ("statement.state", false),
                        ("statement.paid_to", false), ("statement.end_to_end", false), ("statement.net", true),
                    ])
                    element("tbody") { for row in rows { line(row, account.facts.currency) } }
                }
            }
        }
    }

    private func line(_ row: HostTerms.Transfer, _ currency: Currency) -> Markup {
        element("tr") {
            element("th", ["scope": "row"]) { words.date(row.batchDay) }
            element("td", ["class": "day"]) { words.date(row.day) }
            element("td") { words.code("transfer_state", row.state) }
            element("td") { foreign(row.account) }
            element("td") { parts.code(row.endToEndID) }
            parts.cell(figure: parts.bare(row.net, code: currency.code))
        }
    }
}
