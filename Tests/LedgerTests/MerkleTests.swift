import Simulation
import Testing
import Values

@testable import Ledger

@Suite("The Merkle tree over a night's entries")
struct MerkleTests {
    private func leaves(_ count: Int) -> [SHA256Digest] {
        (0..<count).map { MerkleTree.leaf(SHA256Digest(of: "entry \($0)")) }
    }

    /// The definition itself: RFC 9162 section 2.1.1.
    private func root(_ leaves: [SHA256Digest]) -> SHA256Digest {
        if leaves.isEmpty { return SHA256Digest(of: [UInt8]()) }
        if leaves.count == 1 { return leaves[0] }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return SHA256Digest(of: [1] + root(Array(leaves[..<split])).bytes + root(Array(leaves[split...])).bytes)
    }

    @Test("grows to the root of its definition, and proves every leaf", arguments: 0..<34)
    func agrees(count: Int) {
        let leaves = leaves(count)
        var tree = MerkleAccumulator()
        for leaf in leaves { tree.append(leaf: leaf) }
        #expect(tree.root == root(leaves))
        #expect(tree.size == Int64(count))
        for (index, leaf) in leaves.enumerated() {
            let path = MerkleTree.path(to: index, in: leaves)
            #expect(path.count <= 6)
            #expect(MerkleTree.root(of: leaf, at: Int64(index), size: Int64(count), path: path) == tree.root)
        }
    }

    @Test("has the roots of the test vectors of Certificate Transparency")
    func vectors() {
        // certificate-transparency-go, the reference tree: leaves are given, not their hashes.
        let inputs: [[UInt8]] = [[], [0x00], [0x10], [0x20, 0x21]]
        var tree = MerkleAccumulator()
        for input in inputs { tree.append(leaf: SHA256Digest(of: [0] + input)) }
        #expect(tree.root.hex == "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")
    }

    @Test("proves no other leaf, place or size")
    func refusesOthers() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let count = Int.random(in: 2...40, using: &generator)
            let leaves = leaves(count)
            let index = Int.random(in: 0..<count, using: &generator)
            let expected = root(leaves)
            var path = MerkleTree.path(to: index, in: leaves)
            let other = SHA256Digest(of: "another entry")
            #expect(MerkleTree.root(of: other, at: Int64(index), size: Int64(count), path: path) != expected)
            #expect(MerkleTree.root(of: leaves[index], at: Int64(count), size: Int64(count), path: path) == nil)
            path[Int.random(in: path.indices, using: &generator)] = other
            #expect(
                MerkleTree.root(of: leaves[index], at: Int64(index), size: Int64(count), path: path) != expected,
                "seed \(generator.seed)")
            path.append(other)
            #expect(MerkleTree.root(of: leaves[index], at: Int64(index), size: Int64(count), path: path) == nil)
        }
    }
}
