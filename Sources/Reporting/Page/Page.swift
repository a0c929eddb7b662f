internal import Reports
internal import Values

/// What every page of a report shares: the head with the style sheet, and the policy that nothing else may load.
public enum ReportPage {
    /// The policy that a server should send with these pages, and that each carries in itself: no script, nothing
    /// loaded, only the page's own style sheet (by its digest, CSP level 3).
    public static let contentSecurityPolicy: String = {
        let digest = base64(SHA256Digest(of: styleText).bytes)
        return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
    }()

    static let styleText = String(decoding: ReportResources.styleSheet, as: UTF8.self)

    static func render(title: String, language: ReportLanguage, @MarkupBuilder _ content: () -> [Markup]) -> [UInt8] {
        var text = "<!DOCTYPE html>\n"
        text += "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"\(language.rawValue)\">\n<head>\n"
        let head: [Markup] = [
            element("meta", ["charset": "utf-8"]),
            element("meta", ["http-equiv": "Content-Security-Policy", "content": contentSecurityPolicy]),
            element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            element("meta", ["name": "color-scheme", "content": "light dark"]),
            element("meta", ["name": "robots", "content": "noindex"]),
            element("title") { title },
        ]
        for piece in head {
            piece.write(to: &text)
            if !text.hasSuffix("\n") { text += "\n" }
        }
        // Ours and free of `<` and `&` (a test looks), so it needs no escape, which HTML would not undo here.
        text += "<style>\(styleText)</style>\n</head>\n<body>\n"
        for piece in content() { piece.write(to: &text) }
        return Array((text + "</body>\n</html>\n").utf8)
    }

    /// RFC 4648, section 4.
    public static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word = UInt32(0)
            for offset in 0..<3 { word = word << 8 | UInt32(start + offset < bytes.count ? bytes[start + offset] : 0) }
            for place in 0..<4 {
                text.append(
                    place > group.count ? UInt8(ascii: "=") : alphabet[Int(word >> UInt32(18 - 6 * place)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Pieces that several pages are built of.
struct PageParts: Sendable {
    let words: Words

    /// `1,234.50 EUR`, never broken between figure and code.
    func money(_ amount: Int64, _ currency: Currency) -> String {
        words.amount(amount, exponent: currency.exponent) + "\u{A0}" + currency.code
    }

    /// The same from a code, as tables hold it; a code that is no currency shows minor units.
    func money(_ amount: Int64, code: String) -> String {
        guard let currency = Currency(code) else { return words.figure(amount) + "\u{A0}" + code }
        return money(amount, currency)
    }

    /// A figure without its code, for columns whose heading names the currency.
    func bare(_ amount: Int64, code: String) -> String {
        words.amount(amount, exponent: Currency(code)?.exponent ?? 0)
    }

    func masthead(
        platform: String, title: String, subtitle: Markup, terms: [(String, Markup)]
    ) -> Markup {
        element("header", ["class": "masthead"]) {
            element("p", ["class": "platform"]) { foreign(platform) }
            element("h1") { title }
            element("p", ["class": "subtitle"]) { subtitle }
            list(terms, class: "terms")
        }
    }

    func list(_ terms: [(String, Markup)], class name: String) -> Markup {
        element("dl", ["class": name]) {
            for (term, value) in terms {
                element("div") {
                    element("dt") { term }
                    element("dd") { value }
                }
            }
        }
    }

    /// Large figures side by side: what it is, how much, and a note.
    func figures(_ figures: [(title: String, amount: String, code: String, note: String)]) -> Markup {
        element("dl", ["class": "figures"]) {
            for figure in figures {
                element("div") {
                    element("dt") { figure.title }
                    element("dd") {
                        element("span", ["class": "amount"]) { figure.amount }
                        " "
                        element("span", ["class": "code"]) { figure.code }
                        if !figure.note.isEmpty { element("span", ["class": "note"]) { figure.note } }
                    }
                }
            }
        }
    }

    /// A table that scrolls by itself on a narrow page and can be reached by keyboard.
    func scroll(label: String, @MarkupBuilder _ table: () -> [Markup]) -> Markup {
        element("div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": label], table)
    }

    func heading(_ text: String, figure: Bool = false) -> Markup {
        element("th", ["scope": "col", "class": figure ? "figure" : "words"]) { text }
    }

    func cell(figure text: String) -> Markup { element("td", ["class": "figure"]) { text } }

    /// A small machine-readable text: id, hash or account.
    func code(_ text: String) -> Markup { element("span", ["class": "id"]) { foreign(text) } }
}
