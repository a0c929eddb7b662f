import COpenSSL

/// An ICE password made ready for MESSAGE-INTEGRITY: the two SHA-1 states of HMAC after their key blocks (RFC 2104).
///
/// A check of a typical 100-byte message costs three SHA-1 blocks and allocates nothing. Plain value, 192 bytes: keep
/// it with the peer, and never print it.
public struct STUNKey: Sendable {
    private var inner = SHA_CTX()
    private var outer = SHA_CTX()

    /// The bytes of HMAC-SHA1.
    static let digestByteCount = 20

    /// The short-term credential's key is the password itself (RFC 8489, section 9.1.1; ICE passwords are ASCII, so
    /// that OpaqueString preparation changes nothing).
    public init(password: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { block in
            block.initializeMemory(as: UInt8.self, repeating: 0)
            if password.count > 64 {
                var state = SHA_CTX()
                guichet_sha1_init(&state)
                guichet_sha1_update(&state, password.baseAddress, password.count)
                guichet_sha1_final(block.baseAddress?.assumingMemoryBound(to: UInt8.self), &state)
            } else {
                block.copy(password, to: 0)
            }
            // Not `^=`: of raw memory the compiler (6.3) can't make code for the thread sanitizer from that.
            for index in block.indices { block[index] = block[index] ^ 0x36 }
            guichet_sha1_init(&inner)
            guichet_sha1_update(&inner, block.baseAddress, 64)
            // From the inner pad to the outer one.
            for index in block.indices { block[index] = block[index] ^ 0x36 ^ 0x5C }
            guichet_sha1_init(&outer)
            guichet_sha1_update(&outer, block.baseAddress, 64)
        }
    }

    public init(password: String) {
        var password = password
        self = password.withUTF8 { STUNKey(password: UnsafeRawBufferPointer($0)) }
    }

    /// HMAC-SHA1 of the first `count` bytes of a STUN message, with `length` in place of what its header says.
    func digest(
        of message: UnsafeRawBufferPointer, count: Int, length: UInt16, into digest: UnsafeMutableRawBufferPointer
    ) {
        let output = digest.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var state = inner
        var length = length.bigEndian
        guichet_sha1_update(&state, message.baseAddress, 2)
        guichet_sha1_update(&state, &length, 2)
        guichet_sha1_update(&state, message.baseAddress.map { $0 + 4 }, count - 4)
        guichet_sha1_final(output, &state)
        state = outer
        guichet_sha1_update(&state, output, Self.digestByteCount)
        guichet_sha1_final(output, &state)
    }

    /// Whether the 20 bytes at `offset` are the digest of everything before the attribute that holds them.
    func verifies(_ message: UnsafeRawBufferPointer, digestAt offset: Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Self.digestByteCount, alignment: 8) { expected in
            let attribute = offset - 4
            let length = UInt16(truncatingIfNeeded: offset + Self.digestByteCount - STUNMessage.headerByteCount)
            digest(of: message, count: attribute, length: length, into: expected)
            return CRYPTO_memcmp(expected.baseAddress, message.baseAddress.map { $0 + offset }, Self.digestByteCount)
                == 0
        }
    }
}
