/// A JSON value as tickets and key sets may hold it: integers only, members in the order of the text.
enum JSONValue: Equatable {
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case null
    case array([JSONValue])
    case object([JSONMember])

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

struct JSONMember: Equatable {
    var name: String
    var value: JSONValue
}

enum JSONFault: Error {
    case malformed, duplicateMember
}

/// Reads one JSON text (RFC 8259) and nothing after it, without what makes two readers disagree about a signed text.
///
/// Refused: duplicate members (RFC 7519 section 4 lets a reader do so; escaped spellings count as the same name),
/// anything behind the value, a byte order mark, invalid UTF-8, lone surrogates, numbers that are not integers of at
/// most 2^53 − 1 (RFC 7493 section 2.2), more than ``maximumDepth`` levels and more than ``maximumMembers`` members.
struct StrictJSONReader {
    /// Objects and arrays inside each other: a ticket has two levels (`cnf`), a key set four (`key_ops`).
    static let maximumDepth = 4
    /// A ticket has eleven members; a key set holds at most 32 keys. Bounds the quadratic search for duplicates too.
    static let maximumMembers = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) -> JSONValue {
        var reader = StrictJSONReader(bytes: bytes)
        let value = try reader.value(depth: 1)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw .malformed }
        return value
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, UInt32(byte) == character.value else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        skipSpace()
        guard let first = next else { throw .malformed }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw .malformed
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[offset] else { throw .malformed }
            index += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONFault) -> [JSONMember] {
        guard depth <= Self.maximumDepth else { throw .malformed }
        index += 1
        var members: [JSONMember] = []
        skipSpace()
        if take("}") { return members }
        members.reserveCapacity(12)
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), members.count < Self.maximumMembers else { throw .malformed }
            let name = try string()
            guard !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { throw .duplicateMember }
            skipSpace()
            guard take(":") else { throw .malformed }
            members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw .malformed }
        return members
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        guard depth <= Self.maximumDepth else { throw .malformed }
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return elements }
        repeat {
            guard elements.count < Self.maximumMembers else { throw .malformed }
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw .malformed }
        return elements
    }

    private mutating func integer() throws(JSONFault) -> Int64 {
        let negative = take("-")
        let start = index
        var magnitude: Int64 = 0
        while let byte = next, (0x30...0x39).contains(byte) {
            // Sixteen digits hold 2^53 − 1 and fit 64 bits.
            guard index - start < 16 else { throw .malformed }
            magnitude = magnitude * 10 + Int64(byte - 0x30)
            index += 1
        }
        let leadingZero = index - start > 1 && bytes[start] == 0x30
        guard index > start, !leadingZero, magnitude <= 9_007_199_254_740_991, !(negative && magnitude == 0)
        else { throw .malformed }
        if let byte = next, byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            throw .malformed
        }
        return negative ? -magnitude : magnitude
    }

    private mutating func string() throws(JSONFault) -> String {
        index += 1
        let start = index
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                let text = UnsafeBufferPointer(rebasing: bytes[start..<index])
                index += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw .malformed }
                return string
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw .malformed }
            index += 1
        }
        throw .malformed
    }

    /// The slow way, for a string in which a backslash was met at `index`.
    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var decoded = Array(bytes[start..<index])
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: decoded, as: UTF8.self) else { throw .malformed }
                return string
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            default:
                guard byte >= 0x20 else { throw .malformed }
                decoded.append(byte)
            }
        }
        throw .malformed
    }

    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        guard let kind = next else { throw .malformed }
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimalUnit()
            guard (0xD800...0xDBFF).contains(first) else {
                // A lone low surrogate is no scalar.
                guard let scalar = Unicode.Scalar(first) else { throw .malformed }
                return scalar
            }
            guard take("\\"), take("u") else { throw .malformed }
            let second = try hexadecimalUnit()
            guard (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw .malformed }
            return scalar
        default: throw .malformed
        }
    }

    private mutating func hexadecimalUnit() throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw .malformed }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw .malformed
            }
            index += 1
        }
        return unit
    }
}
