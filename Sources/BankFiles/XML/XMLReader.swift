/// Reads XML from strangers: UTF-8, no document type, no entities but the five of XML and characters by number, bounded
/// in every direction. What it does not know it refuses; it fetches nothing.
struct XMLReader {
    /// Elements within elements: ISO 20022 statements have about 12.
    private static let depthLimit = 40
    /// A statement of 50,000 bookings has about a million.
    private static let elementLimit = 2_000_000
    private static let nameLimit = 128
    private static let attributeLimit = 32
    /// Of one element's own text and of an attribute.
    private static let textLimit = 65_536

    private let bytes: [UInt8]
    private var index = 0
    private var elements = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: the root element; its attribute `xmlns` is the namespace it is in.
    /// - Throws: ``BankRefusal/unreadable(_:)`` with a few words.
    static func read(_ bytes: [UInt8]) throws(BankRefusal) -> XMLElement {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .unreadable("it is not UTF-8") }
        var reader = XMLReader(bytes)
        return try reader.document()
    }

    private mutating func document() throws(BankRefusal) -> XMLElement {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        if starts(with: "<?xml") {
            let declaration = try skip(until: "?>").lowercased()
            if declaration.contains("encoding"), !declaration.contains("utf-8") {
                throw .unreadable("its encoding is not UTF-8")
            }
        }
        try skipMisc()
        guard let root = try startTag() else { throw .unreadable("it has no root element") }
        let tree = try root.isEmpty ? root.element : content(of: root.element, root.rawName)
        try skipMisc()
        guard index == bytes.count else { throw .unreadable("something stands behind its end") }
        return tree
    }

    /// Iterative, so that no depth of a file is a depth of ours.
    private mutating func content(of root: XMLElement, _ rawName: String) throws(BankRefusal) -> XMLElement {
        var open: [(element: XMLElement, rawName: String)] = [(root, rawName)]
        while true {
            let last = open.count - 1
            if starts(with: "</") {
                index += 2
                let name = try self.name()
                skipSpaces()
                try take(">")
                guard name == open[last].rawName else { throw .unreadable("</\(name)> closes another element") }
                let (element, _) = open.removeLast()
                if open.isEmpty { return element }
                open[last - 1].element.children.append(element)
            } else if starts(with: "<!--") {
                _ = try skip(until: "-->")
            } else if starts(with: "<![CDATA[") {
                index += 9
                try append(String(try skip(until: "]]>").dropLast(3)), to: &open[last].element)
            } else if starts(with: "<?") {
                _ = try skip(until: "?>")
            } else if starts(with: "<!") {
                throw .unreadable("it has a document type")
            } else if let tag = try startTag() {
                if tag.isEmpty {
                    open[last].element.children.append(tag.element)
                } else {
                    guard open.count < Self.depthLimit else { throw .unreadable("it is too deep") }
                    open.append((tag.element, tag.rawName))
                }
            } else {
                try append(try characters(until: UInt8(ascii: "<")), to: &open[last].element)
            }
        }
    }

    /// The space between elements is not kept, nor that around a text.
    private func append(_ text: String, to element: inout XMLElement) throws(BankRefusal) {
        let trimmed = text.drop(while: \.isWhitespace)
        guard !trimmed.isEmpty else { return }
        element.text += trimmed
        while element.text.last?.isWhitespace == true { element.text.removeLast() }
        guard element.text.utf8.count <= Self.textLimit else { throw .unreadable("a text is too long") }
    }

    private mutating func startTag() throws(BankRefusal) -> (element: XMLElement, rawName: String, isEmpty: Bool)? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "<") else { return nil }
        index += 1
        elements += 1
        guard elements <= Self.elementLimit else { throw .unreadable("it has too many elements") }
        let rawName = try name()
        var attributes: [String: String] = [:]
        while true {
            skipSpaces()
            if starts(with: "/>") || starts(with: ">") { break }
            let (key, value) = try attribute()
            guard attributes.count < Self.attributeLimit, attributes.updateValue(value, forKey: key) == nil else {
                throw .unreadable("the attributes of <\(rawName)>")
            }
        }
        let isEmpty = bytes[index] == UInt8(ascii: "/")
        index += isEmpty ? 2 : 1
        let parts = rawName.split(separator: ":", maxSplits: 1)
        if parts.count == 2, let namespace = attributes["xmlns:\(parts[0])"] { attributes["xmlns"] = namespace }
        return (XMLElement(name: String(parts.last ?? ""), attributes: attributes), rawName, isEmpty)
    }

    private mutating func attribute() throws(BankRefusal) -> (key: String, value: String) {
        let key = try name()
        skipSpaces()
        try take("=")
        skipSpaces()
        guard index < bytes.count, [0x22, 0x27].contains(bytes[index]) else {
            throw .unreadable("an attribute has no quotes")
        }
        let quote = bytes[index]
        index += 1
        let value = try characters(until: quote)
        index += 1
        return (key, value)
    }

    /// Text up to a byte, with references resolved; the byte stays.
    private mutating func characters(until end: UInt8) throws(BankRefusal) -> String {
        var text: [UInt8] = []
        while index < bytes.count, bytes[index] != end {
            if bytes[index] == UInt8(ascii: "&") {
                text += try reference().utf8
            } else {
                guard bytes[index] != UInt8(ascii: "<") else { throw .unreadable("a < in an attribute") }
                text.append(bytes[index])
                index += 1
            }
            guard text.count <= Self.textLimit else { throw .unreadable("a text is too long") }
        }
        guard index < bytes.count else { throw .unreadable("it ends too early") }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func reference() throws(BankRefusal) -> String {
        let rest = bytes[(index + 1)..<min(index + 12, bytes.count)]
        guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { throw .unreadable("a reference has no end") }
        let name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
        index = end + 1
        if let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][name] { return known }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        guard name.hasPrefix("#"), let scalar = number.flatMap({ Unicode.Scalar($0) }), scalar.value >= 0x20 else {
            throw .unreadable("an entity of its own")
        }
        return String(Character(scalar))
    }

    private mutating func name() throws(BankRefusal) -> String {
        let start = index
        // A name begins with a letter, an underscore or a colon.
        if start < bytes.count, (0x2D...0x39).contains(bytes[start]) { throw .unreadable("a name is missing") }
        while index < bytes.count {
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x3A, 0x80...: index += 1
            default:
                guard index > start else { throw .unreadable("a name is missing") }
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
            guard index - start <= Self.nameLimit else { throw .unreadable("a name is too long") }
        }
        throw .unreadable("it ends too early")
    }

    private mutating func skipMisc() throws(BankRefusal) {
        while true {
            skipSpaces()
            if starts(with: "<!--") {
                _ = try skip(until: "-->")
            } else if starts(with: "<?") {
                _ = try skip(until: "?>")
            } else if starts(with: "<!") {
                throw .unreadable("it has a document type")
            } else {
                return
            }
        }
    }

    private mutating func skipSpaces() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private func starts(with text: StaticString) -> Bool {
        guard index <= bytes.count else { return false }
        return text.withUTF8Buffer { bytes[index...].starts(with: $0) }
    }

    private mutating func take(_ text: StaticString) throws(BankRefusal) {
        guard starts(with: text) else { throw .unreadable("\(text) is missing") }
        index += text.utf8CodeUnitCount
    }

    /// Everything up to and with a mark.
    private mutating func skip(until mark: StaticString) throws(BankRefusal) -> String {
        let start = index
        while index < bytes.count {
            if starts(with: mark) {
                index += mark.utf8CodeUnitCount
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
            index += 1
        }
        throw .unreadable("it ends too early")
    }
}
