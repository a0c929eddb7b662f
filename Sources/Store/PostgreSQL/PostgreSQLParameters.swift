/// The parameters of the next statement, in the binary form that PostgreSQL takes: integers as eight bytes, big end
/// first, texts and bytes as they are.
///
/// One for a connection and used again, so that binding allocates nothing after the first statements.
final class PostgreSQLParameters {
    private var storage: [UInt8] = []
    /// Where each value begins in `storage`; a missing one has a length of -1.
    private var offsets: [Int] = []
    private(set) var lengths: [Int32] = []
    private(set) var types: [UInt32] = []
    private var kinds: [ParameterType] = []
    /// The types in one word, to find a prepared statement by: a digit to base 5 each, so that 27 of them are told
    /// apart for certain, twice as many as a statement here has.
    private(set) var signature: UInt64 = 0

    var count: Int { lengths.count }

    func removeAll() {
        storage.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        kinds.removeAll(keepingCapacity: true)
        signature = 0
    }

    /// All of it, for a comparison.
    var content: [UInt8] { lengths.flatMap { withUnsafeBytes(of: $0, Array.init) } + storage }

    func append(_ integer: Int64) {
        withUnsafeBytes(of: integer.bigEndian) { append(.integer, $0) }
    }

    func append(_ type: ParameterType, _ bytes: UnsafeRawBufferPointer) {
        offsets.append(storage.count)
        lengths.append(Int32(clamping: bytes.count))
        note(type)
        storage.append(contentsOf: bytes)
    }

    func appendNull(_ type: ParameterType) {
        offsets.append(storage.count)
        lengths.append(-1)
        note(type)
    }

    /// An array of values, in its binary form.
    func append(arrayOf type: ParameterType, _ bytes: UnsafeRawBufferPointer) {
        append(type, bytes)
        types[types.endIndex - 1] = type.arrayIdentifier
    }

    private func note(_ type: ParameterType) {
        types.append(type.objectIdentifier)
        kinds.append(type)
        signature = signature &* 5 &+ type.digit
    }

    func type(of index: Int) -> ParameterType { kinds[index] }

    /// The bytes of a value; `nil` for a missing one.
    func withValue(_ index: Int, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard lengths[index] >= 0 else { return body(nil) }
        storage.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[offsets[index]...].prefix(Int(lengths[index]))))
        }
    }

    /// Values, lengths and formats as libpq takes them, for the duration of the call.
    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        // An empty text needs an address too: none at all would be NULL.
        storage.append(0)
        defer { storage.removeLast() }
        return storage.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: max(1, count)) { values in
                for (index, offset) in offsets.enumerated() {
                    let start = bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
                    values.initializeElement(at: index, to: lengths[index] < 0 ? nil : start)
                }
                return withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, count)) { formats in
                    formats.initialize(repeating: 1)
                    return lengths.withUnsafeBufferPointer {
                        body(UnsafePointer(values.baseAddress), $0.baseAddress, UnsafePointer(formats.baseAddress))
                    }
                }
            }
        }
    }
}

extension ParameterType {
    fileprivate var digit: UInt64 {
        switch self {
        case .integer: 1
        case .text: 2
        case .bytes: 3
        }
    }

    /// The numbers that PostgreSQL's catalogue gives to BIGINT, TEXT and BYTEA; they never change.
    var objectIdentifier: UInt32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .bytes: 17
        }
    }

    /// The numbers of arrays of them.
    var arrayIdentifier: UInt32 {
        switch self {
        case .integer: 1016
        case .text: 1009
        case .bytes: 1001
        }
    }
}
