/// A token that holds, with one thing changed after another as the input says: in its header, its payload and its
/// signature alike, since the places are those of the whole text.
///
/// - Parameters:
///   - input: three bytes a change: where (two of them) and how.
///   - isTaken: whether a text is taken for a token. It must be so of the exact text, and of nothing else.
func checkExact(_ token: String, _ input: [UInt8], _ isTaken: (String) -> Bool) throws(Violation) {
    try require(isTaken(token), "what was signed here is taken")
    let valid = Array(token.utf8)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=".utf8)
    // A verification costs some 100 µs: eight changes are what an input is worth.
    for start in stride(from: 0, to: min(input.count - 2, 24), by: 3) {
        let place = (Int(input[start]) << 8 | Int(input[start + 1])) % valid.count
        let how = input[start + 2]
        var changed = valid
        switch how & 3 {
        case 0: changed[place] = alphabet[Int(how >> 2) % alphabet.count]
        case 1: changed.remove(at: place)
        case 2: changed.insert(alphabet[Int(how >> 2) % alphabet.count], at: place)
        // Two neighbours change places: as long, of the same letters.
        default: changed.swapAt(place, (place + 1) % changed.count)
        }
        guard changed != valid else { continue }
        try require(!isTaken(String(decoding: changed, as: UTF8.self)), "a token with a changed part is none")
    }
    // And what has the right form in one part and the others of a token that holds.
    let parts = token.split(separator: ".").map(String.init)
    let own = input.prefix(120).map { alphabet[Int($0) % 64] }
    for part in parts.indices {
        var mixed = parts
        mixed[part] = String(decoding: own, as: UTF8.self)
        guard mixed != parts else { continue }
        try require(!isTaken(mixed.joined(separator: ".")), "a part of a token belongs to the others")
    }
}
