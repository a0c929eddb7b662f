internal import Foundation
internal import Reports

/// The words of pages in one language, from `Reports/resources/report-words.json`.
struct Words: Sendable {
    let language: ReportLanguage
    private let texts: [String: Wording]

    init(_ language: ReportLanguage) throws(ReportRefusal) {
        self.language = language
        do {
            texts = try JSONDecoder().decode([String: Wording].self, from: Data(ReportResources.words))
        } catch {
            throw .definition(table: "report-words", detail: String(describing: error))
        }
    }

    /// The text of a key with `{name}` places filled in. An unknown key shows itself: a test asks for every key.
    func callAsFunction(_ key: String, _ facts: KeyValuePairs<String, String> = [:]) -> String {
        guard let wording = texts[key] else { return key }
        return Self.fill(wording[language], facts)
    }

    /// Fills places in one pass, so that a title that looks like a place stays a title.
    static func fill(_ template: String, _ facts: KeyValuePairs<String, String>) -> String {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = rest[rest.index(after: open)..<close]
            text += rest[..<open]
            text += facts.first { $0.key == name }?.value ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// One or many: the keys `KEY.one` and `KEY.many`, with the number as `{n}`.
    func count(_ key: String, _ number: Int64, file: String = "") -> String {
        // French counts zero as one thing.
        let one = number == 1 || (language == .french && number == 0)
        return self(key + (one ? ".one" : ".many"), ["n": figure(number), "file": file])
    }

    /// The word of a code (`state.open`), or the code itself where the vocabulary has none.
    func code(_ vocabulary: String, _ code: String) -> String {
        texts["\(vocabulary).\(code)"]?[language] ?? code
    }
}

/// Figures and dates as the language writes them. Done here, since the system's own tables change with its version
/// and a report must not.
extension Words {
    /// `1,234` or `1 234` with a narrow space that does not break.
    func figure(_ number: Int64) -> String {
        let sign = number < 0 ? "\u{2212}" : ""
        return sign + grouped(String(number.magnitude))
    }

    /// `1,234.50` or `1 234,50`, without the currency; a real minus sign.
    func amount(_ minorUnits: Int64, exponent: Int) -> String {
        let digits = String(minorUnits.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        let sign = minorUnits < 0 ? "\u{2212}" : ""
        let whole = grouped(String(padded.dropLast(exponent)))
        guard exponent > 0 else { return sign + whole }
        return sign + whole + (language == .french ? "," : ".") + padded.suffix(exponent)
    }

    /// Basis points as per cent: `97%`, `12.5%`; in French with a space before the sign.
    func percent(_ basisPoints: Int64) -> String {
        var text = amount(basisPoints, exponent: 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") || text.hasSuffix(",") { text.removeLast() }
        return text + (language == .french ? "\u{202F}%" : "%")
    }

    private func grouped(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += language == .french ? "\u{202F}" : "," }
            text.append(digit)
        }
        return text
    }
}
