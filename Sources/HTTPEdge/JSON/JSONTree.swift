/// A JSON value as a request may hold it. Members stand in the order of the text and no name stands twice.
public indirect enum JSONTree: Sendable {
    case string(String)
    case integer(Int64)
    /// A number with a fraction or an exponent: no request has one, but "wrong type" is a better answer than "broken".
    case otherNumber
    case boolean(Bool)
    case null
    case array([JSONTree])
    case object([(name: String, value: JSONTree)])

    public func member(_ name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

/// Reads one JSON text (RFC 8259) strictly: no duplicate members, nothing behind the value, bounded in depth.
public struct JSONReader {
    /// Requests have two or three levels.
    static let maximumDepth = 8
    /// Also bounds the quadratic search for duplicates.
    static let maximumMembers = 128

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    public static func read(_ bytes: [UInt8]) throws(EdgeRefusal) -> JSONTree {
        // Invalid UTF-8 would otherwise turn into replacement characters that nobody sent.
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .bodyMalformed }
        var reader = JSONReader(bytes: bytes[...], index: 0)
        let value = try reader.value(path: "", depth: 1)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw .bodyMalformed }
        return value
    }

    private var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, UInt32(byte) == character.value else { return false }
        index += 1
        return true
    }

    private mutating func value(path: String, depth: Int) throws(EdgeRefusal) -> JSONTree {
        guard depth <= Self.maximumDepth else { throw .bodyMalformed }
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(path: path, depth: depth)
        case UInt8(ascii: "["): return try array(path: path, depth: depth)
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return try number()
        default: throw .bodyMalformed
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONTree) throws(EdgeRefusal) -> JSONTree {
        for offset in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[offset] else { throw .bodyMalformed }
            index += 1
        }
        return value
    }

    private mutating func object(path: String, depth: Int) throws(EdgeRefusal) -> JSONTree {
        index += 1
        var members: [(name: String, value: JSONTree)] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), members.count < Self.maximumMembers else { throw .bodyMalformed }
            let name = try string()
            let inner = joined(path, name)
            guard !members.contains(where: { $0.name == name }) else { throw .duplicateMember(path: inner) }
            skipSpace()
            guard take(":") else { throw .bodyMalformed }
            members.append((name, try value(path: inner, depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw .bodyMalformed }
        return .object(members)
    }

    private mutating func array(path: String, depth: Int) throws(EdgeRefusal) -> JSONTree {
        index += 1
        var elements: [JSONTree] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(path: "\(path)[\(elements.count)]", depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw .bodyMalformed }
        return .array(elements)
    }

    /// RFC 8259, section 6: digits, perhaps a fraction, perhaps an exponent; `1.`, `.5`, `01` and `1.E5` are none. What no
    /// double can hold, as `1E999`, other readers refuse (RFC 7493, section 2.2), and so do we.
    private mutating func number() throws(EdgeRefusal) -> JSONTree {
        let start = index
        _ = take("-")
        let first = index
        guard takeDigits(), bytes[first] != UInt8(ascii: "0") || index == first + 1 else { throw .bodyMalformed }
        let end = index
        if take(".") { guard takeDigits() else { throw .bodyMalformed } }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard takeDigits() else { throw .bodyMalformed }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        // More than 64 bits, or no integer as it is written.
        guard index == end, let integer = Int64(text) else {
            guard Double(text)?.isFinite == true else { throw .bodyMalformed }
            return .otherNumber
        }
        return .integer(integer)
    }

    /// - Returns: whether there was one.
    private mutating func takeDigits() -> Bool {
        let start = index
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
        return index > start
    }

    private mutating func string() throws(EdgeRefusal) -> String {
        index += 1
        var decoded: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            default:
                guard byte >= 0x20 else { throw .bodyMalformed }
                decoded.append(byte)
            }
        }
        throw .bodyMalformed
    }

    private mutating func escape() throws(EdgeRefusal) -> Unicode.Scalar {
        guard let kind = next else { throw .bodyMalformed }
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try unit()
            if let scalar = Unicode.Scalar(first) { return scalar }
            guard (0xD800...0xDBFF).contains(first), take("\\"), take("u") else { throw .bodyMalformed }
            let second = try unit()
            guard (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw .bodyMalformed }
            return scalar
        default: throw .bodyMalformed
        }
    }

    private mutating func unit() throws(EdgeRefusal) -> UInt32 {
        guard bytes.endIndex - index >= 4 else { throw .bodyMalformed }
        let digits = bytes[index..<index + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .bodyMalformed }
        index += 4
        return unit
    }
}

func joined(_ path: String, _ name: String) -> String {
    // Names come from outside and end up in an answer: a bound keeps the answer small.
    let short = String(name.prefix(64))
    return path.isEmpty ? short : path + "." + short
}
