/// A QR code (ISO/IEC 18004) of bytes: byte mode, error correction L, the smallest of the 40 versions that holds them.
///
/// Level L repairs 7 % of the symbol, which is enough on a screen; a ticket's link has 700 bytes and would need a third
/// more modules at level M.
public struct QRCode: Sendable, Hashable {
    /// Modules on each side, without the quiet zone: 21 to 177.
    public let size: Int
    private(set) var dark: [Bool]
    private var isFunction: [Bool]
    private let version: Int

    /// What the largest symbol holds at this level.
    public static let maximumBytes = 2_953

    /// - Returns: `nil` for more than ``maximumBytes`` bytes.
    public init?(_ bytes: [UInt8]) {
        let version = (1...40).first { version in
            4 + QRLayout.countBits(version) + bytes.count * 8 <= QRLayout.dataCodewords(version) * 8
        }
        guard let version else { return nil }
        self.version = version
        size = version * 4 + 17
        dark = [Bool](repeating: false, count: size * size)
        isFunction = dark
        drawFunctionPatterns()
        draw(QRLayout.interleaved(bytes, version: version))
        // The mask with the fewest of the patterns that confuse readers (section 7.8).
        var best: (mask: Int, penalty: Int)?
        for mask in 0..<8 {
            apply(mask: mask)
            drawFormat(mask: mask)
            let penalty = self.penalty
            if best.map({ penalty < $0.penalty }) ?? true { best = (mask, penalty) }
            apply(mask: mask)
        }
        let chosen = best?.mask ?? 0
        apply(mask: chosen)
        drawFormat(mask: chosen)
    }

    public subscript(x: Int, y: Int) -> Bool {
        x >= 0 && y >= 0 && x < size && y < size && dark[y * size + x]
    }

    // MARK: - Function patterns (section 6.3)

    private mutating func set(_ x: Int, _ y: Int, _ value: Bool) {
        dark[y * size + x] = value
        isFunction[y * size + x] = true
    }

    private mutating func drawFunctionPatterns() {
        for place in 0..<size {
            set(6, place, place % 2 == 0)
            set(place, 6, place % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        let centres = QRLayout.alignmentCentres(version, size: size)
        for (i, y) in centres.enumerated() {
            for (j, x) in centres.enumerated() {
                // Three corners belong to the finders.
                let last = centres.count - 1
                if (i, j) == (0, 0) || (i, j) == (0, last) || (i, j) == (last, 0) { continue }
                for dy in -2...2 {
                    for dx in -2...2 { set(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
                }
            }
        }
        drawFormat(mask: 0)
        drawVersion()
    }

    private mutating func drawFinder(_ x: Int, _ y: Int) {
        for dy in -4...4 {
            for dx in -4...4 {
                let (column, row) = (x + dx, y + dy)
                guard column >= 0, row >= 0, column < size, row < size else { continue }
                let distance = max(abs(dx), abs(dy))
                set(column, row, distance != 2 && distance != 4)
            }
        }
    }

    /// Level and mask behind a BCH code, twice (section 7.9).
    private mutating func drawFormat(mask: Int) {
        // 01 is level L.
        let level = 0b01 << 3 | mask
        var rest = level
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (level << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 != 0 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9..<15 { set(14 - index, 8, bit(index)) }
        for index in 0..<8 { set(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    /// From version 7 on the version stands there, twice (section 7.10).
    private mutating func drawVersion() {
        guard version >= 7 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let (a, b) = (size - 11 + index % 3, index / 3)
            set(a, b, bits >> index & 1 != 0)
            set(b, a, bits >> index & 1 != 0)
        }
    }

    // MARK: - Data (section 7.7)

    private mutating func draw(_ codewords: [UInt8]) {
        var index = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for vertical in 0..<size {
                for x in [right, right - 1] {
                    let isUpward = (right + 1) & 2 == 0
                    let y = isUpward ? size - 1 - vertical : vertical
                    guard !isFunction[y * size + x], index < codewords.count * 8 else { continue }
                    dark[y * size + x] = codewords[index >> 3] >> (7 - index & 7) & 1 != 0
                    index += 1
                }
            }
            right -= 2
        }
    }

    /// Inverts data modules by a pattern; twice is as before (section 7.8.2).
    private mutating func apply(mask: Int) {
        for y in 0..<size {
            for x in 0..<size where !isFunction[y * size + x] {
                let inverts =
                    switch mask {
                    case 0: (x + y) % 2 == 0
                    case 1: y % 2 == 0
                    case 2: x % 3 == 0
                    case 3: (x + y) % 3 == 0
                    case 4: (x / 3 + y / 2) % 2 == 0
                    case 5: x * y % 2 + x * y % 3 == 0
                    case 6: (x * y % 2 + x * y % 3) % 2 == 0
                    default: ((x + y) % 2 + x * y % 3) % 2 == 0
                    }
                if inverts { dark[y * size + x].toggle() }
            }
        }
    }

    /// The weights of section 7.8.3: runs, blocks, patterns like a finder, and too much of one colour.
    private var penalty: Int {
        var sum = 0
        let finderLike: [[Bool]] = [
            [true, false, true, true, true, false, true, false, false, false, false],
            [false, false, false, false, true, false, true, true, true, false, true],
        ]
        for isColumn in [false, true] {
            for line in 0..<size {
                let modules = (0..<size).map { isColumn ? dark[$0 * size + line] : dark[line * size + $0] }
                var run = 1
                for place in 1...size {
                    if place < size, modules[place] == modules[place - 1] {
                        run += 1
                        continue
                    }
                    if run >= 5 { sum += run - 2 }
                    run = 1
                }
                for start in 0...(size - 11) {
                    for pattern in finderLike where modules[start..<start + 11].elementsEqual(pattern) { sum += 40 }
                }
            }
        }
        for y in 0..<size - 1 {
            for x in 0..<size - 1 {
                let module = dark[y * size + x]
                if module == dark[y * size + x + 1], module == dark[(y + 1) * size + x],
                    module == dark[(y + 1) * size + x + 1]
                {
                    sum += 3
                }
            }
        }
        let share = dark.count { $0 } * 20 / dark.count
        return sum + max(0, abs(share - 10) - (share < 10 ? 1 : 0)) * 10
    }
}
