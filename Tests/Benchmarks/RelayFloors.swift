import COpenSSL
import Foundation

/// What no relay can do without for one packet to one listener: AES-128-GCM over the payload with the header as
/// additional data, one kept OpenSSL context per listener, written where `sendmmsg` takes it from.
struct SealFloor: ~Copyable {
    /// From one listener's datagrams to the next one's in ``arena``.
    let strideBytes: Int
    /// For each listener, behind each other.
    let packets: Int
    let arena: UnsafeMutableRawBufferPointer
    let headerBytes: Int
    let payloadBytes: Int
    private let contexts: [OpaquePointer]
    private let payload: [UInt8]
    private var nonce = [UInt8](repeating: 0, count: 12)
    private var index: UInt64 = 0

    init(listeners: Int, headerBytes: Int, payloadBytes: Int, packets: Int = 1) throws {
        var contexts: [OpaquePointer] = []
        for listener in 0..<listeners {
            var key = [UInt8](repeating: 0x5A, count: 16)
            key[0] = UInt8(truncatingIfNeeded: listener)
            key[1] = UInt8(truncatingIfNeeded: listener >> 8)
            guard let context = EVP_CIPHER_CTX_new() else { break }
            contexts.append(context)
            guard EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), key, nil, nil) == 1 else { break }
        }
        self.contexts = contexts
        self.headerBytes = headerBytes
        self.payloadBytes = payloadBytes
        self.packets = packets
        strideBytes = (packets * (headerBytes + payloadBytes + 16) + 63) & ~63
        payload = [UInt8](repeating: 0x33, count: payloadBytes)
        arena = .allocate(byteCount: max(1, listeners) * strideBytes, alignment: 64)
        arena.initializeMemory(as: UInt8.self, repeating: 0x80)
        guard contexts.count == listeners, sealAll() else {
            throw BaselineMissing(text: "OpenSSL does not seal")
        }
    }

    deinit {
        for context in contexts { EVP_CIPHER_CTX_free(context) }
        arena.deallocate()
    }

    var datagramBytes: Int { headerBytes + payloadBytes + 16 }

    /// The packets of every listener, under nonces that were not used before.
    mutating func sealAll() -> Bool {
        guard let base = arena.baseAddress else { return false }
        let first = index
        index += UInt64(packets)
        for (position, context) in contexts.enumerated() {
            for packet in 0..<packets {
                let start = base + position * strideBytes + packet * datagramBytes
                guard seal(start.assumingMemoryBound(to: UInt8.self), context, first + UInt64(packet)) else {
                    return false
                }
            }
        }
        return true
    }

    private mutating func seal(
        _ packet: UnsafeMutablePointer<UInt8>, _ context: OpaquePointer, _ index: UInt64
    ) -> Bool {
        for byte in 0..<8 { nonce[4 + byte] = UInt8(truncatingIfNeeded: index >> UInt64(56 - 8 * byte)) }
        var written: Int32 = 0
        let body = packet + headerBytes
        return EVP_EncryptInit_ex2(context, nil, nil, nonce, nil) == 1
            && EVP_EncryptUpdate(context, nil, &written, packet, Int32(headerBytes)) == 1
            && EVP_EncryptUpdate(context, body, &written, payload, Int32(payloadBytes)) == 1
            && EVP_EncryptFinal_ex(context, body + payloadBytes, &written) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, body + payloadBytes) == 1
    }
}

/// The public-key operations that a DTLS 1.2 server cannot do without when both sides show a P-256 certificate: an
/// X25519 key and its agreement, one ECDSA signature, one verification.
struct HandshakeFloor: ~Copyable {
    private let certificateKey: OpaquePointer
    private let peerKey: OpaquePointer
    private static let transcript = [UInt8](repeating: 0x44, count: 200)

    init() throws {
        guard let certificateKey = guichet_generate_p256() else { throw BaselineMissing(text: "no P-256 key") }
        guard let peerKey = Self.newX25519() else {
            EVP_PKEY_free(certificateKey)
            throw BaselineMissing(text: "no X25519 key")
        }
        self.certificateKey = certificateKey
        self.peerKey = peerKey
    }

    deinit {
        EVP_PKEY_free(certificateKey)
        EVP_PKEY_free(peerKey)
    }

    func operate() throws {
        guard let ours = Self.newX25519() else { throw BaselineMissing(text: "no X25519 key") }
        defer { EVP_PKEY_free(ours) }
        guard agree(ours), signAndVerify() else {
            throw BaselineMissing(text: "OpenSSL does not agree, sign or verify")
        }
    }

    private static func newX25519() -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1 else { return nil }
        return key
    }

    private func agree(_ ours: OpaquePointer) -> Bool {
        guard let context = EVP_PKEY_CTX_new(ours, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        var secret = [UInt8](repeating: 0, count: 32)
        var count = secret.count
        return EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peerKey) == 1
            && EVP_PKEY_derive(context, &secret, &count) == 1
    }

    private func signAndVerify() -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 80)
        var count = signature.count
        let text = Self.transcript
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, certificateKey) == 1,
            EVP_DigestSign(context, &signature, &count, text, text.count) == 1,
            EVP_MD_CTX_reset(context) == 1,
            EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, certificateKey) == 1
        else { return false }
        return EVP_DigestVerify(context, signature, count, text, text.count) == 1
    }
}
