/// A rate in basis points: 10,000 are the whole.
public struct BasisPoints: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let value: Int64
    public static let whole = BasisPoints(10_000)

    public init(_ value: Int64) { self.value = value }

    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int64.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    public static func < (lhs: BasisPoints, rhs: BasisPoints) -> Bool { lhs.value < rhs.value }
    public var description: String { "\(value) bp" }
}

/// `Q(a·b/c)` of the payout rules: the product divided, rounded half up, `floor((2ab + c) / 2c)`.
///
/// Only for non-negative `a`, `b` and positive `c`; the product is taken in 128 bits.
public func quotientHalfUp(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 {
    precondition(a >= 0 && b >= 0 && c > 0, "Q is defined on non-negative integers only.")
    return Int64((2 * Int128(a) * Int128(b) + Int128(c)) / (2 * Int128(c)))
}

/// Divides `total` by `weights` so that the parts add up exactly (largest remainder).
///
/// Each part is the floor of its exact quota; the units left over go one each to the largest fractions, in ties
/// to the smaller key in byte order of UTF-8. The weights are non-negative and not all zero.
/// - Returns: one part per weight, in the order given.
public func largestRemainder(_ total: Int64, by weights: [(key: String, weight: Int64)]) -> [Int64] {
    let sum = weights.reduce(Int128(0)) { $0 + Int128($1.weight) }
    precondition(total >= 0 && sum > 0, "Largest remainder needs a total and a weight.")
    var parts: [Int64] = []
    var fractions: [(index: Int, remainder: Int128)] = []
    for (index, entry) in weights.enumerated() {
        precondition(entry.weight >= 0, "A weight is never negative.")
        let product = Int128(total) * Int128(entry.weight)
        parts.append(Int64(product / sum))
        fractions.append((index, product % sum))
    }
    let leftOver = Int(total - parts.reduce(0, +))
    fractions.sort { left, right in
        if left.remainder != right.remainder { return left.remainder > right.remainder }
        return weights[left.index].key.utf8.lexicographicallyPrecedes(weights[right.index].key.utf8)
    }
    for entry in fractions.prefix(leftOver) { parts[entry.index] += 1 }
    return parts
}
