extension KeyedDecodingContainer {
    /// A whole number within bounds, as every figure of a program has them.
    /// - Parameter fallback: what holds where the member is left out; without one it is needed.
    func bounded(_ key: Key, _ range: ClosedRange<Int64>, or fallback: Int64? = nil) throws -> Int64 {
        guard let value = try decodeIfPresent(Int64.self, forKey: key) ?? fallback, range.contains(value) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "It is needed, from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }
}
