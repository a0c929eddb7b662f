/// Sizes of the 40 versions at level L, and the codewords of a text (ISO/IEC 18004 tables 1, 7 and 9, section 7.5).
enum QRLayout {
    /// Error correction codewords of each block, by version from 1.
    private static let correctionPerBlock = [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ]
    private static let blockCounts = [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19,
        19, 20, 21, 22, 24, 25,
    ]

    /// Bits of the character count in byte mode.
    static func countBits(_ version: Int) -> Int { version < 10 ? 8 : 16 }

    static func dataCodewords(_ version: Int) -> Int {
        totalCodewords(version) - correctionPerBlock[version - 1] * blockCounts[version - 1]
    }

    /// What is left of the symbol when the function patterns are taken off.
    private static func totalCodewords(_ version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let count = version / 7 + 2
            modules -= (25 * count - 10) * count - 55
            if version >= 7 { modules -= 36 }
        }
        return modules / 8
    }

    /// Rows and columns of alignment patterns (annex E).
    static func alignmentCentres(_ version: Int, size: Int) -> [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2
        return [6] + (0..<count - 1).reversed().map { size - 7 - $0 * step }
    }

    /// The bytes in byte mode, padded, in blocks with their corrections, interleaved.
    static func interleaved(_ bytes: [UInt8], version: Int) -> [UInt8] {
        let capacity = dataCodewords(version)
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for index in (0..<count).reversed() { bits.append(value >> index & 1 != 0) }
        }
        append(0b0100, 4)
        append(bytes.count, countBits(version))
        for byte in bytes { append(Int(byte), 8) }
        append(0, min(4, capacity * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        for index in 0..<capacity - data.count { data.append(index % 2 == 0 ? 0xEC : 0x11) }
        return interleave(data, version: version)
    }

    private static func interleave(_ data: [UInt8], version: Int) -> [UInt8] {
        let correction = correctionPerBlock[version - 1]
        let count = blockCounts[version - 1]
        let total = totalCodewords(version)
        let shortBlocks = count - total % count
        let shortData = total / count - correction
        let divisor = ReedSolomon.divisor(degree: correction)
        var blocks: [[UInt8]] = []
        var start = 0
        for index in 0..<count {
            let length = shortData + (index < shortBlocks ? 0 : 1)
            blocks.append(Array(data[start..<start + length]))
            start += length
        }
        let corrections = blocks.map { ReedSolomon.remainder(of: $0, by: divisor) }
        var output: [UInt8] = []
        for place in 0...shortData {
            for block in blocks where place < block.count { output.append(block[place]) }
        }
        for place in 0..<correction {
            for block in corrections { output.append(block[place]) }
        }
        return output
    }
}

/// Reed–Solomon codes over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1.
private enum ReedSolomon {
    static func multiply(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var product: UInt16 = 0
        for index in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x11D
            if b >> index & 1 != 0 { product ^= UInt16(a) }
        }
        return UInt8(truncatingIfNeeded: product)
    }

    /// (x − 2^0)(x − 2^1)…, without its leading 1.
    static func divisor(degree: Int) -> [UInt8] {
        var coefficients = [UInt8](repeating: 0, count: degree)
        coefficients[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                coefficients[index] = multiply(coefficients[index], root)
                if index + 1 < degree { coefficients[index] ^= coefficients[index + 1] }
            }
            root = multiply(root, 2)
        }
        return coefficients
    }

    static func remainder(of data: [UInt8], by divisor: [UInt8]) -> [UInt8] {
        var rest = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ rest.removeFirst()
            rest.append(0)
            for index in divisor.indices { rest[index] ^= multiply(divisor[index], factor) }
        }
        return rest
    }
}
