public import Values

/// The Merkle tree of RFC 9162 section 2.1 (before: RFC 6962) over the hashes of a night's entries.
///
/// A leaf is `SHA-256(00 || hash)`, a node `SHA-256(01 || left || right)`; hashes go in as their 32 bytes. A tree of n
/// leaves splits at the largest power of two below n. Its root in the signed head proves any entry with log2(n) hashes.
public enum MerkleTree {
    /// The root of no leaves.
    public static let empty = SHA256Digest(of: [UInt8]())

    public static func leaf(_ hash: SHA256Digest) -> SHA256Digest { SHA256Digest(of: [0] + hash.bytes) }

    static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        SHA256Digest(of: [1] + left.bytes + right.bytes)
    }

    /// The hashes beside the way from a leaf up to the root, the lowest first.
    /// - Parameter index: which of the leaves, from 0.
    public static func path(to index: Int, in leaves: [SHA256Digest]) -> [SHA256Digest] {
        precondition(leaves.indices.contains(index), "A path leads to a leaf of the tree.")
        return path(to: index, in: leaves[...])
    }

    private static func path(to index: Int, in leaves: ArraySlice<SHA256Digest>) -> [SHA256Digest] {
        guard leaves.count > 1 else { return [] }
        let split = leaves.startIndex + (1 << (Int.bitWidth - 1 - (leaves.count - 1).leadingZeroBitCount))
        let middle = split - leaves.startIndex
        return index < middle
            ? path(to: index, in: leaves[..<split]) + [root(of: leaves[split...])]
            : path(to: index - middle, in: leaves[split...]) + [root(of: leaves[..<split])]
    }

    private static func root(of leaves: ArraySlice<SHA256Digest>) -> SHA256Digest {
        var tree = MerkleAccumulator()
        for leaf in leaves { tree.append(leaf: leaf) }
        return tree.root
    }

    /// The root that a leaf and its path lead to; `nil` for a path that does not fit the size (RFC 9162 section 2.1.3.2).
    public static func root(
        of leaf: SHA256Digest, at index: Int64, size: Int64, path: [SHA256Digest]
    ) -> SHA256Digest? {
        guard (0..<size).contains(index) else { return nil }
        var (node, last) = (index, size - 1)
        var hash = leaf
        for beside in path {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                hash = Self.node(beside, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = Self.node(hash, beside)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}

/// A Merkle tree that grows leaf by leaf and remembers only the roots of its full parts: 64 hashes at most.
public struct MerkleAccumulator: Sendable {
    public private(set) var size: Int64 = 0
    private var parts: [SHA256Digest] = []

    public init() {}

    public mutating func append(leaf: SHA256Digest) {
        parts.append(leaf)
        size += 1
        var full = size
        while full & 1 == 0, parts.count >= 2 {
            let right = parts.removeLast()
            let left = parts.removeLast()
            parts.append(MerkleTree.node(left, right))
            full >>= 1
        }
    }

    public var root: SHA256Digest {
        guard var hash = parts.last else { return MerkleTree.empty }
        for left in parts.dropLast().reversed() { hash = MerkleTree.node(left, hash) }
        return hash
    }
}
