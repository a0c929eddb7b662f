internal import Values

/// CSV as RFC 4180 has it: CRLF after every record, a header always, UTF-8, quotes only where needed.
///
/// Cells are exact. A title that starts with `=` stays as it is, because this file is read by programs that
/// compare it to the byte; the profile for spreadsheets, which must guard such cells, is another format.
enum CSVText {
    static func render(_ table: Table) -> [UInt8] {
        let columns = table.definition.columns
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 * columns.count * (table.rows.count + 1))
        var heading: [String] = []
        for column in columns {
            heading.append(column.name)
            if let decimal = column.decimal { heading.append(decimal) }
        }
        append(heading, to: &bytes)
        for row in table.rows {
            var cells: [String] = []
            cells.reserveCapacity(heading.count)
            for (index, column) in columns.enumerated() {
                cells.append(row[index].plain)
                if column.decimal != nil {
                    cells.append(decimal(row[index], table.currency(of: index, in: row)))
                }
            }
            append(cells, to: &bytes)
        }
        return bytes
    }

    /// One record by itself.
    static func record(_ cells: [String]) -> String {
        var bytes: [UInt8] = []
        append(cells, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decimal(_ cell: Cell, _ code: String) -> String {
        guard let amount = cell.number, let currency = Currency(code) else { return "" }
        return Money(amount, currency).decimal
    }

    static func append(_ cells: [String], separator: UInt8 = UInt8(ascii: ","), to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(separator) }
            append(cell, separator: separator, to: &bytes)
        }
        bytes.append(contentsOf: [13, 10])
    }

    static func append(_ cell: String, separator: UInt8, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes = cell.utf8.contains { $0 == quote || $0 == separator || $0 == 13 || $0 == 10 }
        guard needsQuotes else {
            bytes.append(contentsOf: cell.utf8)
            return
        }
        bytes.append(quote)
        for byte in cell.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
