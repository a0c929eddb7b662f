/// Some of the relays (shards) of a gateway, by number.
public struct ShardSet: Hashable, Sendable {
    /// One bit each in one word; more media threads than this no gateway has.
    public static let maximumShards = 64

    private var bits: UInt64

    public init() { bits = 0 }

    /// - Parameter shards: numbers from 0 to 63.
    public init(_ shards: some Sequence<Int>) {
        bits = 0
        for shard in shards { insert(shard) }
    }

    public var isEmpty: Bool { bits == 0 }

    public func contains(_ shard: Int) -> Bool { bits >> UInt64(shard) & 1 == 1 }

    public mutating func insert(_ shard: Int) {
        precondition((0..<Self.maximumShards).contains(shard), "Shards are numbered from 0 to 63.")
        bits |= 1 << UInt64(shard)
    }

    public mutating func remove(_ shard: Int) { bits &= ~(1 << UInt64(shard)) }

    /// Takes the lowest number out; `nil` when there is none.
    public mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        let first = bits.trailingZeroBitCount
        bits &= bits - 1
        return first
    }
}
