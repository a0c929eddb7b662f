internal import Values

/// Cells of a sheet in the words of SpreadsheetML.
enum SheetCell {
    /// Places in the list of cell formats of the style sheet; see ``WorkbookParts/styles``.
    enum Style: Int {
        case plain, heading, integer, day, instant, percent, quoted
        case money0, money1, money2, money3, money4

        static func money(exponent: Int) -> Style {
            Style(rawValue: Style.money0.rawValue + min(exponent, 4)) ?? .money2
        }
    }

    /// `A1`, `AB12`.
    static func name(_ column: Int, _ row: Int) -> String {
        var letters = ""
        var rest = column + 1
        while rest > 0 {
            letters = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + letters
            rest = (rest - 1) / 26
        }
        return letters + String(row)
    }

    static func write(_ cell: Cell, at column: Int, _ row: Int, _ currency: String, to text: inout String) {
        switch cell {
        case .absent: return
        case .text(let value):
            write(value, at: column, row, style: CSVRowWriter.guarded(value) == value ? .plain : .quoted, to: &text)
        case .integer(let value): number(String(value), at: column, row, .integer, to: &text)
        case .money(let value):
            if let known = Currency(currency) {
                number(Money(value, known).decimal, at: column, row, .money(exponent: known.exponent), to: &text)
            } else {
                number(String(value), at: column, row, .integer, to: &text)
            }
        case .basisPoints(let value): number(fraction(value, digits: 4), at: column, row, .percent, to: &text)
        // Days count from 1899-12-30, which makes 1970-01-01 the 25,569th.
        case .day(let day): number(String(day.daysSince1970 + 25_569), at: column, row, .day, to: &text)
        case .instant(let instant): number(serial(instant), at: column, row, .instant, to: &text)
        }
    }

    static func write(_ value: String, at column: Int, _ row: Int, style: Style, to text: inout String) {
        guard !value.isEmpty else { return }
        text += "<c r=\"\(name(column, row))\" s=\"\(style.rawValue)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
        // A cell takes 32,767 characters of UTF-16.
        Markup.escape(value.utf16.count <= 32_767 ? value : String(value.prefix(8_000)) + "…", to: &text)
        text += "</t></is></c>"
    }

    private static func number(_ value: String, at column: Int, _ row: Int, _ style: Style, to text: inout String) {
        text += "<c r=\"\(name(column, row))\" s=\"\(style.rawValue)\"><v>\(value)</v></c>"
    }

    /// An integer divided by a power of ten, exactly.
    private static func fraction(_ value: Int64, digits: Int) -> String {
        let text = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (value < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// Days with ten decimals, which is nine microseconds: more than the sixteen digits of a cell hold.
    private static func serial(_ instant: Instant) -> String {
        let day: Int64 = 86_400_000_000
        var (days, rest) = instant.microseconds.quotientAndRemainder(dividingBy: day)
        if rest < 0 { (days, rest) = (days - 1, rest + day) }
        let decimals = String(Int64(Int128(rest) * 10_000_000_000 / Int128(day)))
        return "\(days + 25_569)." + String(repeating: "0", count: 10 - decimals.count) + decimals
    }
}
