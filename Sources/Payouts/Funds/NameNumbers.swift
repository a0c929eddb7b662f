/// Numbers for names, from 0 in the order in which they come. Names are looked up by their bytes as a database has them,
/// without making a text of each.
struct NameNumbers {
    private var bytes: [UInt8] = []
    /// Where each name begins in `bytes`, and where the last one ends.
    private var starts: [Int] = [0]
    /// Numbers by hash, with linear probing; -1 is free. At most half of it is taken.
    private var slots = [Int32](repeating: -1, count: 64)
    /// The answer before: rows of one room follow one another.
    private var last = 0

    var count: Int { starts.count - 1 }

    func name(_ number: Int) -> String {
        String(decoding: bytes[starts[number]..<starts[number + 1]], as: UTF8.self)
    }

    /// The number of a name that has one.
    mutating func known(_ name: UnsafeRawBufferPointer) -> Int? {
        if last < count, has(name, last) { return last }
        let number = slots[slot(of: name)]
        guard number >= 0 else { return nil }
        last = Int(number)
        return last
    }

    /// The number of a name; the next free one for a new name.
    mutating func number(of name: UnsafeRawBufferPointer) -> Int {
        if let number = known(name) { return number }
        if 2 * (count + 1) > slots.count { grow() }
        slots[slot(of: name)] = Int32(count)
        bytes.append(contentsOf: name)
        starts.append(bytes.count)
        return count - 1
    }

    private func has(_ name: UnsafeRawBufferPointer, _ number: Int) -> Bool {
        let (start, end) = (starts[number], starts[number + 1])
        guard end - start == name.count else { return false }
        return bytes.withUnsafeBytes { stored in
            for index in 0..<name.count where stored[start + index] != name[index] { return false }
            return true
        }
    }

    /// Where a name is or would be. Names come from outside, so the hash is the keyed one of the standard library.
    private func slot(of name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] >= 0, !has(name, Int(slots[slot])) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        bytes.withUnsafeBytes { stored in
            for number in 0..<count {
                slots[slot(of: UnsafeRawBufferPointer(rebasing: stored[starts[number]..<starts[number + 1]]))] =
                    Int32(number)
            }
        }
    }
}
