/// A piece of a page: text or an element. Text is escaped when it is written; there is no way to write raw markup
/// except a style sheet of our own.
///
/// Pages are HTML 5 in XML syntax, so that an XML parser can check that they are well formed.
indirect enum Markup: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    case text(String)
    case element(String, [(String, String)], [Markup])
    case many([Markup])

    init(stringLiteral value: String) { self = .text(value) }

    static let nothing = Markup.many([])
}

@resultBuilder
enum MarkupBuilder {
    static func buildExpression(_ markup: Markup) -> [Markup] { [markup] }
    static func buildExpression(_ text: String) -> [Markup] { [.text(text)] }
    static func buildExpression(_ pieces: [Markup]) -> [Markup] { pieces }
    static func buildBlock(_ pieces: [Markup]...) -> [Markup] { pieces.flatMap(\.self) }
    static func buildOptional(_ pieces: [Markup]?) -> [Markup] { pieces ?? [] }
    static func buildEither(first pieces: [Markup]) -> [Markup] { pieces }
    static func buildEither(second pieces: [Markup]) -> [Markup] { pieces }
    static func buildArray(_ pieces: [[Markup]]) -> [Markup] { pieces.flatMap(\.self) }
}

/// An element with its attributes in the order given.
func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:],
    @MarkupBuilder _ children: () -> [Markup] = { [] }
) -> Markup {
    .element(name, attributes.map { ($0.key, $0.value) }, children())
}

/// A text from outside, in its own direction: a title in Arabic must not turn its line around.
func foreign(_ text: String) -> Markup { .element("bdi", [], [.text(text)]) }

extension Markup {
    /// Elements that HTML closes by themselves, and SVG's that never have content here.
    private static let void: Set<String> = ["meta", "br", "col", "link", "hr", "rect", "line", "path"]

    func write(to text: inout String) {
        switch self {
        case .text(let value): Self.escape(value, to: &text)
        case .many(let pieces): for piece in pieces { piece.write(to: &text) }
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for (key, value) in attributes {
                text += " \(key)=\""
                Self.escape(value, to: &text)
                text += "\""
            }
            if children.isEmpty, Self.void.contains(name) {
                text += "/>"
                return
            }
            text += ">"
            for child in children { child.write(to: &text) }
            text += "</\(name)>"
            if Self.breaksLine.contains(name) { text += "\n" }
        }
    }

    /// A line feed after these keeps the file readable and changes nothing on the page.
    private static let breaksLine: Set<String> = [
        "head", "title", "style", "header", "main", "section", "footer", "h1", "h2", "h3", "p", "table", "thead",
        "tbody", "tfoot", "tr", "figure", "figcaption", "svg", "dl", "div", "ul", "li", "nav", "caption",
    ]

    static func escape(_ value: String, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\t", "\n", "\r": text += " "
            // XML has no such characters, not even escaped.
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
