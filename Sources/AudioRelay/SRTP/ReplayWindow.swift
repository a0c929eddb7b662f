/// The replay list of RFC 3711, section 3.3.2: which of the last 1,024 packet indices were already accepted.
///
/// 1,024 packets are 20 s of one voice: wider than any jitter we would still play.
struct ReplayWindow: Sendable {
    static let width: UInt64 = 1_024
    private(set) var highest: UInt64
    private var bits = InlineArray<16, UInt64>(repeating: 0)

    /// A window whose first packet was `index`.
    init(first index: UInt64) {
        highest = index
        mark(index)
    }

    /// Whether an index is new; does not accept it yet, for it must be authentic first.
    func admits(_ index: UInt64) -> Bool {
        if index > highest { return true }
        if highest - index >= Self.width { return false }
        return bits[Int(index % Self.width) / 64] & (1 << (index % 64)) == 0
    }

    /// Accepts an authentic index.
    mutating func accept(_ index: UInt64) {
        if index > highest {
            if index - highest >= Self.width {
                bits = InlineArray<16, UInt64>(repeating: 0)
            } else {
                var cleared = highest + 1
                while cleared <= index {
                    bits[Int(cleared % Self.width) / 64] &= ~(1 << (cleared % 64))
                    cleared += 1
                }
            }
            highest = index
        }
        mark(index)
    }

    private mutating func mark(_ index: UInt64) { bits[Int(index % Self.width) / 64] |= 1 << (index % 64) }
}

/// The 48-bit index nearest to the highest one seen (RFC 3711, section 3.3.1 and appendix A).
func extendedIndex(of sequence: UInt16, near highest: UInt64) -> UInt64 {
    let low = highest & 0xFFFF
    let roc = highest >> 16
    let value = UInt64(sequence)
    if value > low, value - low > 0x8000, roc > 0 { return (roc - 1) << 16 | value }
    if value < low, low - value > 0x8000 { return (roc + 1) << 16 | value }
    return roc << 16 | value
}
