import Simulation

/// Bytes of a hexadecimal dump; blanks and line ends don't count.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue).map(UInt8.init)
    precondition(digits.count % 2 == 0, "a dump of half bytes")
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Hands `body` random bytes and mutations of valid input, each in a buffer of exactly its size, so that reading one
/// byte too far traps in debug builds and is seen by the address sanitizer in all.
func fuzz(seed: UInt64, rounds: Int, from valid: [[UInt8]], _ body: (UnsafeRawBufferPointer) -> Void) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<rounds {
        let input =
            round % 4 == 0 || valid.isEmpty
            ? (0..<Int.random(in: 0...120, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            : mutation(of: valid[round % valid.count], using: &generator)
        input.withUnsafeBytes { source in
            let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
            defer { exact.deallocate() }
            exact.copyMemory(from: source)
            body(UnsafeRawBufferPointer(exact))
        }
    }
}

/// One to four changes: a byte replaced (often by an extreme), bytes cut out, doubled or put in, the end cut off.
func mutation(of valid: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var input = valid
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !input.isEmpty {
        let position = Int.random(in: 0..<input.count, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: input[position] = .random(in: 0...255, using: &generator)
        case 1: input[position] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][Int.random(in: 0..<6, using: &generator)]
        case 2: input[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 3: input.removeLast(input.count - position)
        case 4: input.remove(at: position)
        case 5: input.insert(.random(in: 0...255, using: &generator), at: position)
        default: input.insert(contentsOf: input[position..<min(position + 16, input.count)], at: position)
        }
    }
    return input
}

/// Runs `write` on a buffer of `capacity` bytes and returns what it says it wrote; `nil` when it refused.
func written(capacity: Int = 1_500, _ write: (UnsafeMutableRawBufferPointer) -> Int?) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0xAA, count: capacity)
    return buffer.withUnsafeMutableBytes { write($0) }.map { Array(buffer[..<$0]) }
}
