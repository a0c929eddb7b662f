/// Decodes a request from a JSON tree and refuses members that the type did not ask for.
///
/// A misspelt optional member would otherwise be silently ignored, and a buyer would wonder why.
struct StrictDecoder: Decoder {
    let tree: JSONTree
    let path: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// Names that the type asked for. A class, because containers are made from copies of the decoder.
    let asked = AskedNames()

    final class AskedNames {
        var names: Set<String> = []
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from tree: JSONTree, path: String) throws -> Value {
        let decoder = StrictDecoder(tree: tree, path: path)
        let value: Value
        do {
            value = try Value(from: decoder)
        } catch let refusal as EdgeRefusal {
            throw refusal
        } catch {
            // An initialiser of the type itself said no, for example an id of another kind.
            throw EdgeRefusal.bodyWrongType(path: decoder.place)
        }
        if case .object(let members) = tree,
            let extra = members.first(where: { !decoder.asked.names.contains($0.name) })
        {
            throw EdgeRefusal.unknownMember(path: joined(path, extra.name))
        }
        return value
    }

    var place: String { path.isEmpty ? "the body" : path }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object = tree else { throw EdgeRefusal.bodyWrongType(path: place) }
        return KeyedDecodingContainer(Keyed<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = tree else { throw EdgeRefusal.bodyWrongType(path: place) }
        return Unkeyed(elements: elements, path: path)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(tree: tree, path: place) }
}

private struct Single: SingleValueDecodingContainer {
    let tree: JSONTree
    let path: String
    var codingPath: [any CodingKey] { [] }
    private var wrong: EdgeRefusal { .bodyWrongType(path: path) }

    init(tree: JSONTree, path: String) {
        self.tree = tree
        self.path = path
    }

    func decodeNil() -> Bool { if case .null = tree { true } else { false } }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .boolean(let value) = tree else { throw wrong }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value) = tree else { throw wrong }
        return value
    }

    private func integer<Number: FixedWidthInteger>() throws -> Number {
        guard case .integer(let value) = tree, let number = Number(exactly: value) else { throw wrong }
        return number
    }

    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    // No request of this interface has a fraction.
    func decode(_ type: Double.Type) throws -> Double { throw wrong }
    func decode(_ type: Float.Type) throws -> Float { throw wrong }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try StrictDecoder.decode(type, from: tree, path: path)
    }
}

private struct Unkeyed: UnkeyedDecodingContainer {
    let elements: [JSONTree]
    let path: String
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(elements: [JSONTree], path: String) {
        self.elements = elements
        self.path = path
    }

    private func current() throws -> Single {
        guard !isAtEnd else { throw EdgeRefusal.bodyWrongType(path: path) }
        return Single(tree: elements[currentIndex], path: "\(path)[\(currentIndex)]")
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().decodeNil() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try current().decode(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw EdgeRefusal.bodyWrongType(path: path)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw EdgeRefusal.bodyWrongType(path: path)
    }
    mutating func superDecoder() throws -> any Decoder { throw EdgeRefusal.bodyWrongType(path: path) }
}

private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: StrictDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        guard case .object(let members) = decoder.tree else { return [] }
        return members.compactMap { Key(stringValue: $0.name) }
    }

    private func find(_ key: Key) -> JSONTree? {
        decoder.asked.names.insert(key.stringValue)
        return decoder.tree.member(key.stringValue)
    }

    private func single(_ key: Key) throws -> Single {
        let path = joined(decoder.path, key.stringValue)
        guard let tree = find(key) else { throw EdgeRefusal.bodyWrongType(path: path) }
        return Single(tree: tree, path: path)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try single(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try single(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try single(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try single(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try single(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try single(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try single(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try single(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try single(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try single(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try single(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try single(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try single(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try single(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try single(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try single(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try inner(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try inner(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try inner(key) }

    private func inner(_ key: Key) throws -> StrictDecoder {
        let single = try single(key)
        return StrictDecoder(tree: single.tree, path: single.path)
    }
}
