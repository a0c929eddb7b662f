internal import Values

/// A host's statement, ready to print: per currency the figures, rooms, the account line by line, what is still to
/// come, payouts, and why the balance is what it is.
struct StatementPage: Sendable {
    /// Lines on a page; a host with more reads the file.
    static let lineLimit = 400

    let statement: NightBooks.HostStatement
    let facts: NightFacts
    let parts: PageParts
    /// The CSV with every line.
    let file: String

    var words: Words { parts.words }

    func render() -> [UInt8] {
        let from = statement.accounts.map(\.facts.from).min() ?? facts.day
        let through = statement.accounts.map(\.facts.through).max() ?? facts.day
        return ReportPage.render(
            title: "\(words("statement.title")) \(statement.name) \u{B7} \(facts.day)", language: words.language
        ) {
            parts.masthead(
                platform: facts.platform, title: words("statement.title"), subtitle: foreign(statement.name),
                terms: [
                    (words("statement.account"), parts.code(statement.host)),
                    (
                        words("statement.period"),
                        .text(
                            words(
                                "statement.period_value", ["from": words.date(from), "through": words.date(through)]))
                    ),
                    (words("statement.issued"), .text(words.date(facts.day))),
                ])
            element("main", ["id": "figures"]) {
                for account in statement.accounts { section(account) }
            }
            element("footer") {
                element("p") {
                    words("proof.head") + ": "
                    parts.code("\(facts.headSequence) \(facts.headHash)")
                }
            }
        }
    }

    private func section(_ account: StatementAccount) -> Markup {
        let currency = account.facts.currency
        let figure = { (amount: Int64) in words.amount(amount, exponent: currency.exponent) }
        let paid = account.facts.payouts.reduce(0) { $0 + $1.gross }
        let credited = account.closing - account.facts.opening + paid
        return element("section", ["class": "account", "aria-label": currency.code]) {
            parts.figures([
                (words("statement.opening"), figure(account.facts.opening), currency.code, ""),
                (words("statement.earned"), figure(credited), currency.code, ""),
                (words("statement.paid"), figure(paid), currency.code, ""),
                (words("statement.closing"), figure(account.closing), currency.code, ""),
            ])
            why(account)
            rooms(account)
            lines(account)
            upcoming(account)
            payouts(account)
            transfers(account)
        }
    }

    private func why(_ account: StatementAccount) -> Markup {
        let carried = account.facts.carried
        let minimum = parts.money(account.facts.minimumPayout, account.facts.currency)
        return element("div", ["class": "why"]) {
            element("h2") { words("statement.why") }
            element("p") {
                element("strong") { words.code("reason", carried.reason.rawValue) + ". " }
                words("why.\(carried.reason.rawValue)", ["minimum": minimum])
                if let next = carried.nextOn { " " + words("why.next", ["day": words.longDate(next)]) }
            }
            parts.list(
                [
                    (words("statement.available"), .text(parts.money(carried.available, account.facts.currency))),
                    (words("statement.pending"), .text(parts.money(carried.pending, account.facts.currency))),
                ] + terms(account.facts), class: "terms")
        }
    }

    @MarkupBuilder private func rooms(_ account: StatementAccount) -> [Markup] {
        let rooms = RoomSum.sums(of: account.facts.lines)
        if !rooms.isEmpty {
            let bare = { (amount: Int64) in parts.bare(amount, code: account.facts.currency.code) }
            element("h2") { words("statement.rooms") }
            element("p", ["class": "about"]) { words("statement.rooms_about") }
            parts.scroll(label: words("statement.rooms")) {
                element("table") {
                    caption(words("statement.rooms"), account)
                    head([
                        ("statement.room", false), ("statement.tickets", true), ("statement.gross", true),
                        ("statement.vat", true), ("statement.fee", true), ("statement.base", true),
                        ("statement.share", true), ("statement.share_back", true), ("statement.kept", true),
                    ])
                    element("tbody") {
                        for room in rooms {
                            element("tr") {
                                element("th", ["scope": "row"]) { foreign(room.title) }
                                parts.cell(figure: words.figure(room.tickets))
                                for amount in room.amounts { parts.cell(figure: bare(amount)) }
                            }
                        }
                    }
                }
            }
        }
    }

    private func lines(_ account: StatementAccount) -> Markup {
        let shown =
            account.lines.count > Self.lineLimit
            ? Array(account.lines.prefix(Self.lineLimit - 1)) + account.lines.suffix(1) : account.lines
        return .many([
            element("h2") { words("statement.account_title") },
            parts.scroll(label: words("statement.account_title")) {
                element("table", ["class": "ledger"]) {
                    caption(words("statement.account_title"), account)
                    head([
                        ("statement.day", false), ("statement.what", false), ("statement.gross", true),
                        ("statement.rate", true), ("statement.share", true), ("statement.share_back", true),
                        ("statement.state", false), ("statement.amount", true), ("statement.balance", true),
                    ])
                    element("tbody") { for line in shown { row(line) } }
                }
            },
            element("p", ["class": "rest"]) {
                element("a", ["href": FileName.link(file)]) {
                    account.lines.count > shown.count
                        ? words.count("statement.lines_rest", Int64(account.lines.count - shown.count), file: file)
                        : file
                }
            },
        ])
    }

    private func row(_ line: StatementAccount.Line) -> Markup {
        let bare = { (amount: Int64) in parts.bare(amount, code: line.currency.code) }
        let edge = line.kind == .opening || line.kind == .closing
        return element("tr", ["class": line.kind.rawValue]) {
            element("td", ["class": "day"]) { words.date(line.day) }
            element("td", ["class": "what"]) {
                if let order = line.order {
                    foreign(order.title)
                    " "
                    parts.code(order.order)
                } else {
                    words("line.\(line.kind.rawValue)")
                    if let transfer = line.transfer {
                        " \u{2013} " + words.code("transfer_state", transfer.state) + " "
                        parts.code(transfer.endToEndID)
                    } else if let reason = line.reason {
                        .many([" \u{2013} ", foreign(reason)])
                    }
                }
            }
            if let order = line.order {
                parts.cell(figure: bare(order.gross))
                parts.cell(figure: rates(order, line.currency))
                parts.cell(figure: bare(order.share))
                parts.cell(figure: order.shareReversed == 0 ? "" : bare(-order.shareReversed))
                element("td") { state(order) }
            } else {
                element("td", ["colspan": "5"])
            }
            // An order whose money is still in escrow stands in the list and moves nothing.
            parts.cell(figure: edge ? "" : line.amount == 0 ? "\u{2013}" : bare(line.amount))
            parts.cell(figure: bare(line.balance))
        }
    }

    private func state(_ order: StatementLine) -> String {
        let word = words.code("line_state", order.state.rawValue)
        guard let day = order.releaseOn, order.state == .pending || order.state == .escrow else { return word }
        return word + ", " + words.shortDate(day)
    }

    private func rates(_ order: StatementLine, _ currency: Currency) -> String {
        let used = order.parts.filter { $0.base != 0 }
        guard used.count > 1 else {
            return (used.first ?? order.parts.first).map { words.percent($0.rate.value) } ?? ""
        }
        return used.map { part in
            "\(words.percent(part.rate.value)) \u{D7} \(parts.bare(part.base, code: currency.code))"
        }.joined(separator: " + ")
    }

    private func upcoming(_ account: StatementAccount) -> Markup {
        let days = account.upcoming
        return .many([
            element("h2") { words("statement.upcoming") },
            element("p", ["class": "about"]) {
                words(days.isEmpty ? "statement.upcoming_none" : "statement.upcoming_about")
            },
            days.isEmpty
                ? .nothing
                : element("table", ["class": "compact"]) {
                    caption(words("statement.upcoming"), account)
                    head([("statement.release", false), ("statement.tickets", true), ("statement.share", true)])
                    element("tbody") {
                        for day in days {
                            element("tr") {
                                element("th", ["scope": "row"]) {
                                    day.day.map { words.longDate($0) } ?? words("statement.release_unknown")
                                }
                                parts.cell(figure: words.figure(day.orders))
                                parts.cell(figure: parts.bare(day.amount, code: account.facts.currency.code))
                            }
                        }
                    }
                },
        ])
    }

    private func payouts(_ account: StatementAccount) -> Markup {
        let rows = account.facts.payouts.sorted { $0.batchDay < $1.batchDay }
        let bare = { (amount: Int64) in parts.bare(amount, code: account.facts.currency.code) }
        return .many([
            element("h2") { words("statement.payouts") },
            rows.isEmpty
                ? element("p", ["class": "about"]) { words("statement.payouts_none") }
                : element("table", ["class": "compact"]) {
                    caption(words("statement.payouts"), account)
                    head([
                        ("statement.batch", false), ("statement.gross", true), ("statement.withheld", true),
                        ("statement.net", true),
                    ])
                    element("tbody") {
                        for row in rows {
                            element("tr") {
                                element("th", ["scope": "row"]) {
                                    words.date(row.batchDay) + (row.returned ? ", " + words("statement.returned") : "")
                                }
                                for amount in [row.gross, row.withheld, row.net] { parts.cell(figure: bare(amount)) }
                            }
                        }
                    }
                },
        ])
    }

    func caption(_ title: String, _ account: StatementAccount) -> Markup {
        element("caption") { title + " " + words("table.in", ["currency": account.facts.currency.code]) }
    }

    func head(_ columns: [(key: String, figure: Bool)]) -> Markup {
        element("thead") {
            element("tr") { for column in columns { parts.heading(words(column.key), figure: column.figure) } }
        }
    }
}
