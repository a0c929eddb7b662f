import Testing
import Values

@Suite struct HMACTests {
    /// RFC 4231, cases 1, 2, 3 and 6: a short key, a text key, a long message, a key longer than a block.
    @Test func `the vectors of RFC 4231 come out`() {
        #expect(
            hmacSHA256(Array("Hi There".utf8), key: [UInt8](repeating: 0x0B, count: 20)).hex
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hmacSHA256("what do ya want for nothing?", key: "Jefe").hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hmacSHA256([UInt8](repeating: 0xDD, count: 50), key: [UInt8](repeating: 0xAA, count: 20)).hex
                == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        #expect(
            hmacSHA256(
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                key: [UInt8](repeating: 0xAA, count: 131)
            ).hex == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    /// RFC 5869, appendix A.1 and A.3: the first 32 bytes of what they expand to.
    @Test func `the vectors of RFC 5869 come out`() {
        let key = [UInt8](repeating: 0x0B, count: 22)
        #expect(
            hexadecimal(hkdfSHA256(key, salt: Array(0...0x0C), info: Array(0xF0...0xF9)))
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
        #expect(
            hexadecimal(hkdfSHA256(key, info: []))
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    }
}
