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

/// Runs `write` on a buffer of `capacity` bytes and returns what it says it wrote; `nil` when it refused.
func written(capacity: Int = 1_500, _ write: (UnsafeMutableRawBufferPointer) -> Int?) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0xAA, count: capacity)
    return buffer.withUnsafeMutableBytes { write($0) }.map { Array(buffer[..<$0]) }
}
