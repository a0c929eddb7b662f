/// A piece of a query's text.
enum QueryToken: Hashable {
    case word(String)
    case number(String)
    /// A text with its quotes.
    case literal(String)
    case parameter(String)
    case symbol(Character)

    var text: String {
        switch self {
        case .word(let text), .number(let text), .literal(let text): text
        case .symbol(let character): String(character)
        case .parameter(let name): ":" + name
        }
    }
}

/// Cuts the text of a query into tokens. Comments to the end of a line (`--`) are left out; others, which engines nest
/// differently, are refused like every character that is not listed.
struct QueryScanner {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0
    /// Whether the token that was given last stood right behind the one before.
    private(set) var touchesPrevious = false

    init(_ text: String) { bytes = Array(text.utf8) }

    var place: (line: Int, column: Int) { (line, index - lineStart + 1) }

    mutating func next() throws(QueryRefusal) -> (QueryToken, place: (Int, Int))? {
        let before = index
        skipBlanks()
        touchesPrevious = index == before && index > 0
        guard index < bytes.count else { return nil }
        let start = place
        let byte = bytes[index]
        switch byte {
        case _ where Self.isLetter(byte): return (.word(take(while: Self.isWordByte)), start)
        case _ where Self.isDigit(byte): return (.number(take(while: Self.isWordByte)), start)
        case UInt8(ascii: "'"): return (.literal(try literal(from: start)), start)
        case UInt8(ascii: ":"):
            index += 1
            guard index < bytes.count, Self.isLetter(bytes[index]) else {
                throw QueryRefusal(.character(":"), at: start)
            }
            return (.parameter(take(while: Self.isWordByte)), start)
        case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "*"):
            throw QueryRefusal(.character("/*"), at: start)
        case _ where Self.symbols.contains(byte):
            index += 1
            return (.symbol(Character(UnicodeScalar(byte))), start)
        default:
            let shown = byte < 0x80 ? String(UnicodeScalar(byte)) : "beyond ASCII"
            throw QueryRefusal(.character(shown), at: start)
        }
    }

    private static let symbols = Set("(),.+-*/%<>=!|".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    private mutating func take(while belongs: (UInt8) -> Bool) -> String {
        let start = index
        while index < bytes.count, belongs(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// A text literal; a quote in it is doubled. A backslash is refused: what it means depends on a setting.
    private mutating func literal(from start: (line: Int, column: Int)) throws(QueryRefusal) -> String {
        let first = index
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "'"):
                index += 1
                guard index < bytes.count, bytes[index] == UInt8(ascii: "'") else {
                    return String(decoding: bytes[first..<index], as: UTF8.self)
                }
                index += 1
            case UInt8(ascii: "\\"), 0: throw QueryRefusal(.character("\\"), at: place)
            case UInt8(ascii: "\n"): throw QueryRefusal(.literalOpen, at: start)
            default: index += 1
            }
        }
        throw QueryRefusal(.literalOpen, at: start)
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"):
                index += 1
                line += 1
                lineStart = index
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "-") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "-"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            default: return
            }
        }
    }
}
