/// A JSON value (RFC 8259) that prints to the same bytes every time: keys in byte order, one space of indent a
/// level, integers only (there is no fraction in a report).
indirect enum JSONText: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONText])
    case object([String: JSONText])

    static func string(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }

    /// The document in UTF-8 with a final line feed.
    var document: [UInt8] {
        var text = ""
        write(to: &text, indent: "\n")
        return Array((text + "\n").utf8)
    }

    /// The value as it stands inside a document, so many levels deep.
    func nested(_ level: Int) -> String {
        var text = ""
        write(to: &text, indent: "\n" + String(repeating: " ", count: level))
        return text
    }

    func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.list(values, "[", "]", to: &text, indent: indent) { value, text, inner in
                value.write(to: &text, indent: inner)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            Self.list(sorted, "{", "}", to: &text, indent: indent) { member, text, inner in
                Self.write(member.key, to: &text)
                text += ": "
                member.value.write(to: &text, indent: inner)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout String, indent: String,
        _ write: (Element, inout String, String) -> Void
    ) {
        text += open
        let inner = indent + " "
        for (index, element) in elements.enumerated() {
            text += index == 0 ? inner : "," + inner
            write(element, &text, inner)
        }
        text += elements.isEmpty ? close : indent + close
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension Table {
    /// The rows as objects by column name, with the definition's name and the kinds of columns.
    var json: JSONText {
        let columns = definition.columns
        let objects = rows.map { row in
            JSONText.object(
                Dictionary(uniqueKeysWithValues: zip(columns, row).map { ($0.name, $1.json) }))
        }
        let kinds = columns.map { column in
            JSONText.object(["name": .string(column.name), "kind": .string(column.kind.rawValue)])
        }
        return .object(["report": .string(definition.name), "columns": .array(kinds), "rows": .array(objects)])
    }
}

extension Cell {
    var json: JSONText {
        switch self {
        case .absent: .null
        case .money(let value), .integer(let value), .basisPoints(let value): .integer(value)
        case .text, .day, .instant: .string(plain)
        }
    }
}
