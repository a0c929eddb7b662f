internal import COpenSSL

/// One direction of SRTP or SRTCP with its session keys loaded: what the hot loop holds.
///
/// A trivial value, so that contiguous arrays of listeners copy no references; the contexts belong to the
/// `SRTPSession` or the `ControlCiphers` that made it and die with it. Cost of sealing 100 bytes with GCM: 0.22 µs, no allocation
/// (contexts are made once, only the nonce changes).
///
/// `@unchecked Sendable`: the contexts are used by the one relay or client that owns the session or the ciphers, never by
/// two threads at once: both are reached by no other way, and copies in its arrays are forgotten before they are freed.
struct SRTPTransform: @unchecked Sendable {
    let profile: SRTPProfile
    private let cipher: OpaquePointer
    /// HMAC-SHA1 with its key kept; only for the counter-mode profile.
    private let mac: OpaquePointer?
    /// The session salt: the first 4 bytes, the next 8, and the last 2 (zero with GCM's 12-byte salt).
    private let salt: InlineArray<16, UInt8>

    /// Makes contexts with these keys in them.
    init(profile: SRTPProfile, keys: SRTPSessionKeys, sealing: Bool) throws(CryptographyFault) {
        self.profile = profile
        salt = keys.salt
        guard let cipher = EVP_CIPHER_CTX_new() else { throw CryptographyFault(operation: "make a cipher") }
        let kind = profile == .aeadAES128GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr()
        // Counter mode only ever encrypts a counter; opening it is the same as sealing it.
        let direction: Int32 = sealing || profile == .aes128CMSHA1_80 ? 1 : 0
        var key = keys.key
        guard EVP_CipherInit_ex2(cipher, kind, &key[0], nil, direction, nil) == 1 else {
            EVP_CIPHER_CTX_free(cipher)
            throw CryptographyFault(operation: "load an SRTP key")
        }
        if profile == .aes128CMSHA1_80 {
            guard let mac = Self.makeHMAC(keys.authentication) else {
                EVP_CIPHER_CTX_free(cipher)
                throw CryptographyFault(operation: "load an SRTP authentication key")
            }
            self.mac = mac
        } else {
            mac = nil
        }
        self.cipher = cipher
    }

    private init(_ other: Self, salt: InlineArray<16, UInt8>) {
        profile = other.profile
        cipher = other.cipher
        mac = other.mac
        self.salt = salt
    }

    /// The same contexts with other keys loaded; what was made with the old ones must not be used any more.
    func reloaded(with keys: SRTPSessionKeys) -> Self? {
        var key = keys.key
        guard EVP_CipherInit_ex2(cipher, nil, &key[0], nil, -1, nil) == 1 else { return nil }
        if let mac {
            var authentication = keys.authentication
            guard EVP_MAC_init(mac, &authentication[0], 20, nil) == 1 else { return nil }
        }
        return Self(self, salt: keys.salt)
    }

    private static func makeHMAC(_ key: InlineArray<20, UInt8>) -> OpaquePointer? {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { return nil }
        var name = Array("SHA1".utf8CString)
        var key = key
        // A parameter only points to its name and value: both have to outlive the call that reads it.
        let ready = "digest".withCString { label in
            name.withUnsafeMutableBufferPointer { name in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(label, name.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, &key[0], 20, &parameters) == 1
            }
        }
        guard ready else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }

    /// Frees the contexts; only the owning session calls this, once.
    func destroy() {
        EVP_CIPHER_CTX_free(cipher)
        EVP_MAC_CTX_free(mac)
    }

    // MARK: RTP

    /// Seals an RTP packet whose header already stands at `packet`: writes ciphertext and tag behind it.
    ///
    /// - Parameters:
    ///   - index: ROC and sequence number, 48 bits. One index must never be sealed with two contents.
    ///   - payload: may lie elsewhere; it is not changed.
    /// - Returns: the packet's length in bytes, zero should OpenSSL refuse.
    func sealRTP(
        _ packet: UnsafeMutablePointer<UInt8>, headerBytes: Int, payload: UnsafePointer<UInt8>, payloadBytes: Int,
        ssrc: UInt32, index: UInt64
    ) -> Int {
        let body = packet + headerBytes
        var written: Int32 = 0
        switch profile {
        case .aeadAES128GCM:
            guard sealGCM(nonceGCM(ssrc, index), packet, headerBytes, nil, payload, body, payloadBytes) else {
                return 0
            }
            return headerBytes + payloadBytes + 16
        case .aes128CMSHA1_80:
            guard loadCounter(ssrc, index),
                EVP_EncryptUpdate(cipher, body, &written, payload, Int32(payloadBytes)) == 1
            else { return 0 }
            let length = headerBytes + payloadBytes
            var roc = UInt32(truncatingIfNeeded: index >> 16).bigEndian
            guard var digest = authenticate(packet, length, &roc) else { return 0 }
            (packet + length).update(from: &digest[0], count: 10)
            return length + 10
        }
    }

    /// Opens an RTP packet: authenticates, then writes the plaintext to `output` (room for the whole packet).
    ///
    /// - Returns: the plaintext's length, `nil` when the packet is not authentic.
    func openRTP(
        _ packet: UnsafePointer<UInt8>, bytes count: Int, headerBytes: Int, ssrc: UInt32, index: UInt64,
        into output: UnsafeMutablePointer<UInt8>
    ) -> Int? {
        let length = count - headerBytes - profile.tagBytes
        guard length >= 0 else { return nil }
        let body = packet + headerBytes
        switch profile {
        case .aeadAES128GCM:
            return openGCM(nonceGCM(ssrc, index), packet, headerBytes, nil, body, output, length) ? length : nil
        case .aes128CMSHA1_80:
            var roc = UInt32(truncatingIfNeeded: index >> 16).bigEndian
            guard let digest = authenticate(packet, count - 10, &roc), matches(digest, packet + (count - 10)) else {
                return nil
            }
            var written: Int32 = 0
            guard loadCounter(ssrc, index), EVP_EncryptUpdate(cipher, output, &written, body, Int32(length)) == 1 else {
                return nil
            }
            return length
        }
    }

    // MARK: RTCP

    /// Seals a compound RTCP packet in place; 20 more bytes of room are needed (tag, E flag and index).
    ///
    /// - Returns: the packet's length in bytes, zero should OpenSSL refuse.
    func sealRTCP(_ packet: UnsafeMutablePointer<UInt8>, bytes count: Int, ssrc: UInt32, index: UInt32) -> Int {
        guard count >= 8 else { return 0 }
        var word = (index | 0x8000_0000).bigEndian
        var written: Int32 = 0
        switch profile {
        case .aeadAES128GCM:
            let body = packet + 8
            guard sealGCM(nonceGCM(ssrc, UInt64(index)), packet, 8, word, body, body, count - 8) else { return 0 }
            withUnsafeBytes(of: &word) {
                UnsafeMutableRawPointer(packet + count + 16).copyMemory(from: $0.baseAddress!, byteCount: 4)
            }
            return count + 20
        case .aes128CMSHA1_80:
            let body = packet + 8
            guard loadCounter(ssrc, UInt64(index)),
                EVP_EncryptUpdate(cipher, body, &written, body, Int32(count - 8)) == 1
            else { return 0 }
            guard var digest = authenticate(packet, count, &word) else { return 0 }
            withUnsafeBytes(of: &word) {
                UnsafeMutableRawPointer(packet + count).copyMemory(from: $0.baseAddress!, byteCount: 4)
            }
            (packet + count + 4).update(from: &digest[0], count: 10)
            return count + 14
        }
    }

    /// Opens an SRTCP packet into `output` (room for the whole packet).
    ///
    /// - Returns: the compound packet's length and the index, `nil` when it is not authentic or not encrypted.
    func openRTCP(
        _ packet: UnsafePointer<UInt8>, bytes count: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> (bytes: Int, index: UInt32)? {
        let overhead = profile == .aeadAES128GCM ? 20 : 14
        guard count >= 8 + overhead else { return nil }
        let ssrc = loadWord(packet + 4)
        let wordAt = profile == .aeadAES128GCM ? count - 4 : count - 14
        let flagged = loadWord(packet + wordAt)
        guard flagged & 0x8000_0000 != 0 else { return nil }
        let index = flagged & 0x7FFF_FFFF
        let length = count - overhead - 8
        output.update(from: packet, count: 8)
        switch profile {
        case .aeadAES128GCM:
            let nonce = nonceGCM(ssrc, UInt64(index))
            guard openGCM(nonce, packet, 8, flagged.bigEndian, packet + 8, output + 8, length) else { return nil }
        case .aes128CMSHA1_80:
            var word = flagged.bigEndian
            guard let digest = authenticate(packet, wordAt, &word), matches(digest, packet + (count - 10)) else {
                return nil
            }
            var written: Int32 = 0
            guard loadCounter(ssrc, UInt64(index)),
                EVP_EncryptUpdate(cipher, output + 8, &written, packet + 8, Int32(length)) == 1
            else { return nil }
        }
        return (8 + length, index)
    }

    // MARK: Primitives

    private func loadWord(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }

    /// RFC 7714, sections 8.1 and 9.1: two zero bytes, SSRC, 48-bit index (SRTCP: 31 bits), all XOR salt.
    private func nonceGCM(_ ssrc: UInt32, _ index: UInt64) -> InlineArray<16, UInt8> {
        var nonce = salt
        for byte in 0..<4 { nonce[2 + byte] ^= UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * byte)) }
        for byte in 0..<6 { nonce[6 + byte] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * byte)) }
        return nonce
    }

    /// RFC 3711, section 4.1.1: salt, SSRC and index over the upper 14 bytes; the block counter begins at zero.
    private func loadCounter(_ ssrc: UInt32, _ index: UInt64) -> Bool {
        var counter = salt
        for byte in 0..<4 { counter[4 + byte] ^= UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * byte)) }
        for byte in 0..<6 { counter[8 + byte] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * byte)) }
        return EVP_EncryptInit_ex2(cipher, nil, nil, &counter[0], nil) == 1
    }

    private func sealGCM(
        _ nonce: InlineArray<16, UInt8>, _ header: UnsafePointer<UInt8>, _ headerBytes: Int, _ word: UInt32?,
        _ input: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, _ count: Int
    ) -> Bool {
        var nonce = nonce
        var written: Int32 = 0
        guard EVP_EncryptInit_ex2(cipher, nil, nil, &nonce[0], nil) == 1,
            EVP_EncryptUpdate(cipher, nil, &written, header, Int32(headerBytes)) == 1,
            addWord(word),
            EVP_EncryptUpdate(cipher, output, &written, input, Int32(count)) == 1,
            EVP_EncryptFinal_ex(cipher, output + count, &written) == 1
        else { return false }
        return EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, output + count) == 1
    }

    private func openGCM(
        _ nonce: InlineArray<16, UInt8>, _ header: UnsafePointer<UInt8>, _ headerBytes: Int, _ word: UInt32?,
        _ input: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, _ count: Int
    ) -> Bool {
        var nonce = nonce
        var written: Int32 = 0
        var empty: UInt8 = 0
        return EVP_DecryptInit_ex2(cipher, nil, nil, &nonce[0], nil) == 1
            && EVP_DecryptUpdate(cipher, nil, &written, header, Int32(headerBytes)) == 1
            && addWord(word)
            && EVP_DecryptUpdate(cipher, output, &written, input, Int32(count)) == 1
            // The control call takes a mutable pointer but only reads the tag.
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, UnsafeMutablePointer(mutating: input + count))
                == 1
            && EVP_DecryptFinal_ex(cipher, &empty, &written) == 1
    }

    /// The E flag and index of SRTCP are authenticated behind the header; RTP has none.
    private func addWord(_ word: UInt32?) -> Bool {
        guard var word else { return true }
        var written: Int32 = 0
        return withUnsafeBytes(of: &word) {
            EVP_CipherUpdate(cipher, nil, &written, $0.bindMemory(to: UInt8.self).baseAddress, 4) == 1
        }
    }

    private func authenticate(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ word: inout UInt32) -> InlineArray<
        20, UInt8
    >? {
        var digest = InlineArray<20, UInt8>(repeating: 0)
        var length = 0
        let done =
            EVP_MAC_init(mac, nil, 0, nil) == 1 && EVP_MAC_update(mac, bytes, count) == 1
            && withUnsafeBytes(of: &word) {
                EVP_MAC_update(mac, $0.bindMemory(to: UInt8.self).baseAddress, 4) == 1
            }
            && EVP_MAC_final(mac, &digest[0], &length, 20) == 1
        return done ? digest : nil
    }

    private func matches(_ digest: InlineArray<20, UInt8>, _ tag: UnsafePointer<UInt8>) -> Bool {
        var digest = digest
        return CRYPTO_memcmp(&digest[0], tag, 10) == 0
    }
}
