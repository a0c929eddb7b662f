/// One to four changes: a byte replaced (often by an extreme), bytes cut out, doubled or put in, the end cut off.
public func mutation(of valid: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
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
