/// How the packets of a slot's occupant are numbered: the occupant's own packet `source` is the slot's packet
/// `source - bias`. Each packet that is merged into the one before it uses up no number, so the bias grows by one.
///
/// The last steps are kept: a packet that arrives late finds the number that was left free for it. Eight groups of 60 ms
/// are half a second.
struct SlotNumbering {
    private struct Step {
        /// Holds for this packet of the occupant and later ones.
        var source: UInt64 = 0
        var bias: UInt64 = 0
    }

    private var steps = InlineArray<8, Step>(repeating: Step())
    private var count = 1

    /// The occupant's packet `source` is the slot's packet `index`.
    init(source: UInt64, index: UInt64) { steps[0] = Step(source: source, bias: source &- index) }

    /// The slot's number of a packet; `nil` when it is older than what is known.
    func index(of source: UInt64) -> UInt64? {
        var position = count - 1
        while position >= 0 {
            if source >= steps[position].source { return source &- steps[position].bias }
            position -= 1
        }
        return nil
    }

    /// Packet `source` shares the number of the one before it.
    mutating func absorb(_ source: UInt64) {
        let last = steps[count - 1]
        let next = Step(source: source + 1, bias: last.bias &+ 1)
        // A group of three: nothing can come late between its second and third packet.
        if count > 1, last.source == source {
            steps[count - 1] = next
            return
        }
        if count == 8 {
            for position in 1..<8 { steps[position - 1] = steps[position] }
            count = 7
        }
        steps[count] = next
        count += 1
    }
}
