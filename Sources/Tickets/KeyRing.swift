/// The public keys whose tickets are accepted. Several at a time, so that a key can be replaced without a gap: publish
/// the new key, sign with it, and drop the old one when its last ticket has ended.
public struct KeyRing: Sendable, Hashable {
    /// In the order in which they were added; no key twice.
    public private(set) var keys: [VerifyingKey] = []

    /// Rotation needs two or three.
    public static let maximumKeys = 32
    /// What 32 keys with room for certificates take.
    public static let maximumBytes = 64 * 1024

    /// Keys beyond ``maximumKeys`` are a bug of the caller.
    public init(_ keys: [VerifyingKey] = []) {
        for key in keys { insert(key) }
    }

    /// The key of this name.
    public subscript(id: String) -> VerifyingKey? { keys.first { $0.id == id } }

    /// Adds a key; one that is there already stays where it is.
    public mutating func insert(_ key: VerifyingKey) {
        guard !keys.contains(key) else { return }
        precondition(keys.count < Self.maximumKeys, "A key ring holds at most 32 keys.")
        keys.append(key)
    }

    /// Removes the key of this name; its tickets are refused from now on.
    public mutating func remove(id: String) { keys.removeAll { $0.id == id } }
}
