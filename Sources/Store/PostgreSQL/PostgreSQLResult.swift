internal import CPostgreSQL

/// The rows that a statement gave, in binary form.
final class PostgreSQLResult {
    private let pointer: OpaquePointer
    let count: Int32

    /// Takes the result over: it is cleared with this object.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        count = PQntuples(pointer)
    }

    deinit { PQclear(pointer) }

    /// How many rows the statement changed.
    var changed: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// What the server says that it did: a COMMIT of a transaction that had failed says ROLLBACK.
    var command: String { String(cString: PQcmdStatus(pointer)) }

    func isNull(_ row: Int32, _ column: Int32) -> Bool { PQgetisnull(pointer, row, column) != 0 }

    /// The names of the columns in their order.
    var names: [String] { (0..<PQnfields(pointer)).map(name) }

    func name(_ column: Int32) -> String {
        PQfname(pointer, column).map { String(cString: $0) } ?? "\(column)"
    }

    /// The bytes of a text or a byte string; `nil` for a value of another type, and where there is none.
    func bytes(_ row: Int32, _ column: Int32, of type: ParameterType) -> UnsafeRawBufferPointer? {
        guard !isNull(row, column) else { return nil }
        let stored = PQftype(pointer, column)
        switch type {
        // TEXT, VARCHAR and NAME.
        case .text: guard stored == 25 || stored == 1_043 || stored == 19 else { return nil }
        case .bytes: guard stored == 17 else { return nil }
        case .integer: return nil
        }
        return raw(row, column)
    }

    /// An integer of any width, a truth value as 0 or 1, or a sum that PostgreSQL made a NUMERIC of.
    func integer(_ row: Int32, _ column: Int32) -> Int64? {
        guard !isNull(row, column) else { return nil }
        let bytes = raw(row, column)
        switch (PQftype(pointer, column), bytes.count) {
        case (20, 8): return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case (23, 4): return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (21, 2): return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case (16, 1): return bytes[0] == 0 ? 0 : 1
        case (1_700, _): return wholeNumber(ofNumeric: bytes)
        default: return nil
        }
    }

    private func raw(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
    }
}

/// Reads PostgreSQL's binary NUMERIC: how many digits to base 10,000, the weight of the first, the sign, the display
/// scale, then the digits; 16 bits each. `nil` for what is no whole number, or does not fit.
func wholeNumber(ofNumeric bytes: UnsafeRawBufferPointer) -> Int64? {
    func word(_ index: Int) -> Int16 {
        Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))
    }
    guard bytes.count >= 8 else { return nil }
    let digits = Int(word(0))
    let weight = Int(word(1))
    let sign = word(2)
    guard digits >= 0, bytes.count == 8 + 2 * digits, sign == 0 || sign == 0x4000 else { return nil }
    var number: Int64 = 0
    for position in 0..<max(digits, weight + 1) {
        let digit = position < digits ? Int64(word(4 + position)) : 0
        guard position <= weight else {
            if digit != 0 { return nil }
            continue
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: 10_000)
        // Downwards for negative numbers, so that the smallest one fits as well.
        let (sum, tooFar) = product.addingReportingOverflow(sign == 0 ? digit : -digit)
        guard !overflow, !tooFar else { return nil }
        number = sum
    }
    return number
}
