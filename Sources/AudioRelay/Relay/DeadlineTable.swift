/// Moments at which numbered things need attention. The next ones are found without a look at all of them: the earliest
/// moment of every 64 is kept beside them, so that a house of a thousand rooms and five thousand peers reads 80 numbers
/// where it read six thousand, thousands of times a second.
struct DeadlineTable {
    private static let blockSize = 64

    private var moments: [MonotonicInstant] = []
    /// The earliest of each block; exact.
    private var blocks: [MonotonicInstant] = []
    /// Nothing is due before; ``settle()`` makes it exact.
    private(set) var earliest = MonotonicInstant.never

    var count: Int { moments.count }

    subscript(index: Int) -> MonotonicInstant { moments[index] }

    /// Makes room for one more, which needs no attention yet.
    mutating func append() {
        if moments.count % Self.blockSize == 0 { blocks.append(.never) }
        moments.append(.never)
    }

    mutating func set(_ moment: MonotonicInstant, at index: Int) {
        let before = moments[index]
        guard moment != before else { return }
        moments[index] = moment
        let block = index / Self.blockSize
        if moment <= blocks[block] {
            blocks[block] = moment
        } else if before == blocks[block] {
            blocks[block] = earliest(ofBlock: block)
        }
        earliest = min(earliest, moment)
    }

    /// The first thing from `index` on whose moment has come.
    func firstDue(from index: Int, by now: MonotonicInstant) -> Int? {
        var index = index
        while index < moments.count {
            if index % Self.blockSize == 0, blocks[index / Self.blockSize] > now {
                index += Self.blockSize
            } else if moments[index] <= now {
                return index
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Makes `earliest` exact again, after what was due has been attended to.
    mutating func settle() {
        earliest = .never
        for block in blocks { earliest = min(earliest, block) }
    }

    private func earliest(ofBlock block: Int) -> MonotonicInstant {
        var earliest = MonotonicInstant.never
        for index in block * Self.blockSize..<min((block + 1) * Self.blockSize, moments.count) {
            earliest = min(earliest, moments[index])
        }
        return earliest
    }
}
