import Testing
import Values

@Suite struct SHA256StreamTests {
    @Test func `a message in pieces has the digest of the whole`() {
        // FIPS 180-4, the example of one block, and pieces around the ends of blocks.
        var stream = SHA256Stream()
        stream.update("a")
        stream.update("")
        stream.update("bc")
        #expect(stream.digest().hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        for length in [0, 1, 55, 56, 63, 64, 65, 200] {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            for piece in [1, 7, 64] {
                var stream = SHA256Stream()
                for start in stride(from: 0, to: length, by: piece) {
                    stream.update(Array(message[start..<min(length, start + piece)]))
                }
                #expect(stream.digest() == SHA256Digest(of: message))
            }
        }
    }
}
