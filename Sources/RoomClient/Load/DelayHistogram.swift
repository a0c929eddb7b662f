/// How often which delay occurred, in buckets of 1.6 %: some thousand numbers for any count of packets.
struct DelayHistogram: Hashable, Sendable {
    private static let bucketsAnOctave = 64
    private static let octaves = 30
    private var counts = [UInt64](repeating: 0, count: bucketsAnOctave * octaves)
    private(set) var count: UInt64 = 0
    private(set) var highestMicroseconds: UInt64 = 0

    mutating func note(microseconds: UInt64) {
        counts[Self.bucket(microseconds)] += 1
        count += 1
        highestMicroseconds = max(highestMicroseconds, microseconds)
    }

    mutating func add(_ other: DelayHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        highestMicroseconds = max(highestMicroseconds, other.highestMicroseconds)
    }

    /// The delay that this share of all did not exceed, in microseconds: the upper end of its bucket.
    func percentile(_ share: Double) -> UInt64? {
        guard count > 0 else { return nil }
        let wanted = UInt64((Double(count) * share).rounded(.up))
        var seen: UInt64 = 0
        for (index, one) in counts.enumerated() {
            seen += one
            if seen >= max(wanted, 1) { return min(Self.upperEnd(index), highestMicroseconds) }
        }
        return highestMicroseconds
    }

    /// Below 64 each number is its own; above, the six bits behind the leading one count.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= UInt64(bucketsAnOctave) else { return Int(value) }
        let octave = 64 - value.leadingZeroBitCount - 6
        let within = Int(value >> UInt64(octave - 1)) & (bucketsAnOctave - 1)
        return min(octave * bucketsAnOctave + within, bucketsAnOctave * octaves - 1)
    }

    private static func upperEnd(_ bucket: Int) -> UInt64 {
        let octave = bucket / bucketsAnOctave
        guard octave > 0 else { return UInt64(bucket) }
        let shift = UInt64(octave - 1)
        return (UInt64(bucketsAnOctave + bucket % bucketsAnOctave) << shift) + (1 << shift) - 1
    }
}
